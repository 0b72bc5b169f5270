/** The decision about a replay that is ready: switch to its tables, or drop them. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { discardReplay, promoteReplay, useOrder } from '../../api/ops-acts.js';
import type { Replay } from '../../api/ops-reads.js';
import { isOperator, useMe } from '../../api/session.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { Panel } from '../../ui/panel.js';
import { Failed } from '../../ui/states.js';
import { ZONE } from './parts.js';
import { REASON_LENGTH } from './reason.js';

export function Decide({ of }: { readonly of: Replay }) {
  const mayOrder = isOperator(useMe());
  const rows = of.difference?.rows ?? 0;
  return (
    <Panel title={titleOf(rows)}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {rows === 0
            ? 'What serves is what the log says: there is nothing to repair.'
            : 'Look at the rows below. Whoever switches makes every figure come from these tables, all at once; the log says so, with the reason, for ever.'}
          {of.expiresAt !== null && (
            <>
              {' '}
              Kept until <Instant iso={of.expiresAt} timeZone={ZONE} as="time" /> UTC.
            </>
          )}
        </Text>
        {mayOrder ? (
          <Acts of={of} />
        ) : (
          <Text size="sm">An admin may switch to it, or discard it.</Text>
        )}
      </Stack>
    </Panel>
  );
}

const titleOf = (rows: number): string => {
  if (rows === 0) return 'Nothing differs';
  return rows === 1
    ? '1 row differs from what the log says'
    : `${countText(rows)} rows differ from what the log says`;
};

function Acts({ of }: { readonly of: Replay }) {
  const [reason, setReason] = useState(of.reason ?? '');
  const promote = useOrder(promoteReplay);
  const discard = useOrder(discardReplay);
  const isBusy = promote.isPending || discard.isPending;
  const isForLooking = of.until !== null;
  const why = reason.trim();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const differenceHash = of.difference?.hash ?? '';
    promote.mutate({ id: of.id, differenceHash, reason: why });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {isForLooking ? (
          <Text size="sm">It shows the past, up to {of.until}: it is for looking only.</Text>
        ) : (
          <TextInput
            label="Reason of the switch"
            description="One line, kept in the log for ever: name no person."
            required
            maxLength={REASON_LENGTH}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {promote.isError && <Failed error={promote.error} />}
        {discard.isError && <Failed error={discard.error} />}
        <Group gap="sm">
          {!isForLooking && (
            <Button type="submit" loading={promote.isPending} disabled={isBusy || why === ''}>
              Switch
            </Button>
          )}
          <Button
            variant="default"
            loading={discard.isPending}
            disabled={isBusy}
            onClick={() => discard.mutate(of.id)}
          >
            Discard
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
