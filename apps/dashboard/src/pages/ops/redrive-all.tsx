/** All deliveries of a list decided again: first what would become of each, then the order. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Schemas } from '../../api/client.js';
import { redrive, useOrder } from '../../api/ops-acts.js';
import type { DeliveriesAsked } from '../../api/ops-reads.js';
import { countText } from '../../ui/figures.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Failed, Loading } from '../../ui/states.js';
import classes from './ops.module.css';
import { REASON_LENGTH } from './reason.js';

type Order = Schemas['RedriveManyInput'];
/** Deliveries of the list that may be decided again. */
export type Asked = Omit<DeliveriesAsked, 'status'> & Required<Pick<Order, 'status'>>;
type Verdict = Schemas['DeliveryVerdictDto'];

export function RedriveAll({
  asked: { status, code, from, creator },
  onClose,
}: {
  readonly asked: Asked;
  readonly onClose: () => void;
}) {
  const which: Omit<Order, 'dryRun'> = {
    status,
    ...(code !== undefined && { code }),
    ...(from !== undefined && { since: `${from}T00:00:00Z` }),
    ...(creator !== undefined && { creator }),
  };
  const plan = useQuery({
    queryKey: ['plan', 'redrive', which],
    queryFn: () => redrive({ ...which, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
    refetchOnMount: 'always',
  });
  const order = useOrder(redrive);
  if (order.isSuccess)
    return (
      <Panel title="What happened">
        <Text size="sm" mb="sm" role="status">
          {doneText(order.data.items)}{' '}
          {order.data.nextCursor !== null && 'There are more: redrive again.'}
        </Text>
        <Button size="xs" variant="default" onClick={onClose}>
          Close
        </Button>
      </Panel>
    );
  return (
    <Panel title="Redrive: what would become of each">
      <Answer of={plan} loading={<Loading lines={4} />}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <Empty title="There is none to be decided again" />
          ) : (
            <>
              <Verdicts of={items} />
              {nextCursor !== null && (
                <Text size="sm" c="dimmed" mt="xs">
                  One order takes {countText(items.length)}, the oldest first; there are more.
                </Text>
              )}
              <Confirm
                count={items.filter(({ would }) => would !== 'refused').length}
                isBusy={order.isPending}
                onOrder={(reason) =>
                  order.mutate({ ...which, dryRun: false, ...(reason !== '' && { reason }) })
                }
              />
            </>
          )
        }
      </Answer>
      {order.isError && <Failed error={order.error} />}
      <Button size="xs" variant="subtle" mt="sm" onClick={onClose}>
        Leave them as they are
      </Button>
    </Panel>
  );
}

export const Verdicts = ({ of }: { readonly of: readonly Verdict[] }) => (
  <ul className={classes.list}>
    {of.map(({ id, verdict }) => (
      <li key={id} className={classes.item}>
        <PageLink to="/ops/quarantine/$delivery" params={{ delivery: String(id) }}>
          {countText(id)}
        </PageLink>
        <span className={`break ${classes.grow}`}>{verdict}</span>
      </li>
    ))}
  </ul>
);

const doneText = (items: readonly Verdict[]): string => {
  const n = items.filter(({ redriven }) => redriven).length;
  return n === 1
    ? '1 delivery is pending again: the intake decides it in a moment.'
    : `${countText(n)} deliveries are pending again: the intake decides them in a moment.`;
};

function Confirm({
  count,
  isBusy,
  onOrder,
}: {
  readonly count: number;
  readonly isBusy: boolean;
  readonly onOrder: (reason: string) => void;
}) {
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onOrder(reason.trim());
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" mt="md">
        <TextInput
          label="Reason"
          description="If there is one: one line, kept for ever; name no person."
          maxLength={REASON_LENGTH}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group>
          <Button type="submit" loading={isBusy} disabled={count === 0}>
            {count === 1 ? 'Redrive it' : `Redrive ${countText(count)}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
