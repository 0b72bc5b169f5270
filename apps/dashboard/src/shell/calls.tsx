/** What this page asked of the interface: as curl, and as a command where there is one for it. */
import { Code, CopyButton, Drawer, Text, UnstyledButton } from '@mantine/core';
import { type QueryCache, useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { calls } from '../api/calls.js';
import { CopyIcon } from '../ui/icons.js';
import classes from './calls.module.css';
import { addressOf, commandOf, curlOf } from './calls-as-text.js';

interface CallsProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

interface Listed {
  readonly address: string;
  /** Undefined: another page asked it before, and its answer still stands. */
  readonly status: number | undefined;
}

export function Calls({ isOpen, onClose }: CallsProps) {
  const page = useLocation({ select: ({ pathname }) => pathname });
  const queries = useQueryClient();
  const listed = isOpen ? listedOf(page, queries.getQueryCache()) : [];
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      position="right"
      size="lg"
      title="What this page asked"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Text size="sm" c="dimmed" mb="md">
        The newest first. <code>eval "$(npx flywheel status -o env --show-secrets)"</code> sets the
        token of an admin; whoever has one of their own puts that in its place. Orders are not
        listed: each has its event.
      </Text>
      <ol className={classes.calls} aria-label="Calls">
        {listed.map(({ address, status }) => (
          <li key={address} className={classes.call}>
            <Text className={classes.asked}>
              <span className="mono break">
                GET {decodeURIComponent(address.split('?')[0] ?? '')}
              </span>
              <span className={classes.status}>{status ?? 'asked before'}</span>
            </Text>
            <Line text={curlOf(window.location.origin, address)} label="curl" />
            <Line text={commandOf(address)} label="command" />
          </li>
        ))}
      </ol>
    </Drawer>
  );
}

function Line({ text, label }: { readonly text: string | undefined; readonly label: string }) {
  if (text === undefined) return null;
  return (
    <div className={classes.line}>
      <Code block className={classes.code} aria-label={label}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <UnstyledButton className={classes.copy} onClick={copy}>
            <CopyIcon size={14} />
            <span className={copied ? undefined : 'spoken'}>
              {copied ? 'Copied' : `Copy ${label}`}
            </span>
          </UnstyledButton>
        )}
      </CopyButton>
    </div>
  );
}

/** What this page asked itself, and what it shows of what others asked. */
function listedOf(page: string, cache: QueryCache): Listed[] {
  const own = [...calls.values()].filter((call) => call.page === page).toReversed();
  const known = new Set(own.map(({ address }) => address));
  const others = cache
    .findAll({ type: 'active' })
    .map(({ queryKey }) => addressOf(queryKey))
    .filter((address) => address !== undefined)
    .filter((address) => !known.has(address));
  return [...own, ...others.map((address) => ({ address, status: undefined }))];
}
