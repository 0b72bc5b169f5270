/** What one takes along of an event: a link to it, its JSON, and the command that shows it. */
import { Button, CopyButton, Group } from '@mantine/core';
import type { EventInFull } from '../../api/event-reads.js';
import { CopyIcon } from '../../ui/icons.js';
import { cliOf } from './words.js';

export function EventActions({ event }: { readonly event: EventInFull }) {
  const all = [
    ['Copy link', new URL(`/events/${event.id}`, window.location.origin).href],
    ['Copy JSON', JSON.stringify(event, null, 2)],
    ['Copy command', cliOf(event.id)],
  ] as const;
  return (
    <Group gap="xs" mt="md">
      {all.map(([name, value]) => (
        <CopyButton key={name} value={value}>
          {({ copied, copy }) => (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<CopyIcon size={14} />}
              onClick={copy}
            >
              {copied ? 'Copied' : name}
            </Button>
          )}
        </CopyButton>
      ))}
    </Group>
  );
}
