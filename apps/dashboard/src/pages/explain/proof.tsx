/** What one takes away: the evidence as JSON, and the same question for the command line. */
import { Button, Code, CopyButton, Group, Text } from '@mantine/core';
import { apiPath } from '../../api/path.js';
import type { ExplainAsked, Explanation } from '../../api/reads.js';
import { searchOf } from '../../ui/figure.js';
import { CopyIcon } from '../../ui/icons.js';
import { Panel } from '../../ui/panel.js';
import { cliOf } from './names.js';

interface ProofProps {
  readonly asked: ExplainAsked;
  readonly found: Explanation;
}

export function Proof({ asked, found }: ProofProps) {
  const { creator, member, ...query } = searchOf(asked);
  const whose = ['creators', creator ?? '', ...(member === undefined ? [] : ['members', member])];
  const path = `${apiPath(...whose, 'explain')}?${new URLSearchParams(query)}`;
  const evidence = JSON.stringify({ request: path, answer: found }, null, 2);
  const cli = cliOf(found, asked.version);
  return (
    <Panel
      title="Take it along"
      aside={
        <>
          <Copy what={evidence} label="Copy as evidence" />
          <Copy what={cli} label="Copy command" />
        </>
      }
    >
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          On the command line:
        </Text>
        <Code className="break">{cli}</Code>
      </Group>
    </Panel>
  );
}

interface CopyProps {
  readonly what: string;
  readonly label: string;
}

/** Takes a text to the clipboard, and says when it has. */
function Copy({ what, label }: CopyProps) {
  return (
    <CopyButton value={what}>
      {({ copied, copy }) => (
        <Button size="xs" variant="default" leftSection={<CopyIcon size={14} />} onClick={copy}>
          {copied ? 'Copied' : label}
        </Button>
      )}
    </CopyButton>
  );
}
