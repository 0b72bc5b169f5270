/** What may be ordered about one delivery: each says first what would become of it. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Schemas } from '../../api/client.js';
import { exclude, redrive, useOrder } from '../../api/ops-acts.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Failed, Loading } from '../../ui/states.js';
import { REASON_LENGTH } from './reason.js';

type InFull = Schemas['DeliveryInFullDto'];
type Order = 'redrive' | 'exclude';

const REDRIVABLE = ['parked', 'quarantined', 'excluded', 'ignored'];
const EXCLUDABLE = ['parked', 'quarantined'];

/** Which of them is looked at stands in the address. */
export function DeliveryActs({ of: found }: { readonly of: InFull }) {
  const { order } = useSearch({ strict: false });
  const navigate = useNavigate();
  const redriving = useOrder(redrive);
  const excluding = useOrder(exclude);
  const show = (next: Order | undefined): void =>
    void navigate({
      to: '/ops/quarantine/$delivery',
      params: { delivery: String(found.id) },
      search: next === undefined ? {} : { order: next },
      replace: true,
    });
  const done = redriving.isSuccess
    ? 'It is pending again: the intake decides it in a moment, and this page shows how.'
    : excluding.isSuccess
      ? 'It is set aside, and holds up no month any more. Redriving takes that back.'
      : undefined;
  const mayRedrive = REDRIVABLE.includes(found.status) && found.hasBody;
  const mayExclude = EXCLUDABLE.includes(found.status);
  if (done === undefined && !mayRedrive && !mayExclude) return null;
  return (
    <Panel title="What may be done">
      {done !== undefined && (
        <Text size="sm" mb="sm" role="status">
          {done}
        </Text>
      )}
      <Group gap="sm">
        {mayRedrive && order !== 'redrive' && (
          <Button size="xs" variant="default" onClick={() => show('redrive')}>
            Redrive…
          </Button>
        )}
        {mayExclude && order !== 'exclude' && (
          <Button size="xs" variant="default" onClick={() => show('exclude')}>
            Exclude…
          </Button>
        )}
      </Group>
      {order === 'redrive' && mayRedrive && (
        <Planned
          order={order}
          id={found.id}
          error={redriving.error}
          isBusy={redriving.isPending}
          onCancel={() => show(undefined)}
          onOrder={(reason) =>
            redriving.mutate(
              { ids: [found.id], dryRun: false, ...(reason !== '' && { reason }) },
              { onSuccess: () => show(undefined) },
            )
          }
        />
      )}
      {order === 'exclude' && mayExclude && (
        <Planned
          order={order}
          id={found.id}
          error={excluding.error}
          isBusy={excluding.isPending}
          onCancel={() => show(undefined)}
          onOrder={(reason) =>
            excluding.mutate(
              { ids: [found.id], dryRun: false, reason },
              { onSuccess: () => show(undefined) },
            )
          }
        />
      )}
    </Panel>
  );
}

interface PlannedProps {
  readonly order: Order;
  readonly id: number;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
  readonly onOrder: (reason: string) => void;
}

/** The plan, a reason, and the order. */
function Planned({ order, id, error, isBusy, onCancel, onOrder }: PlannedProps) {
  const [reason, setReason] = useState('');
  const why = reason.trim();
  const isReasonNeeded = order === 'exclude';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onOrder(why);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" mt="sm">
        {order === 'redrive' ? (
          <RedrivePlan id={id} />
        ) : (
          <Text size="sm">
            It will count nowhere, and hold up no month. Its body is kept as long again as others’.
          </Text>
        )}
        <TextInput
          label="Reason"
          description={
            isReasonNeeded
              ? 'One line, kept for ever: name no person.'
              : 'If there is one: one line, kept for ever; name no person.'
          }
          required={isReasonNeeded}
          maxLength={REASON_LENGTH}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {error !== null && <Failed error={error} />}
        <Group gap="sm">
          <Button type="submit" loading={isBusy} disabled={isReasonNeeded && why === ''}>
            {order === 'redrive' ? 'Redrive' : 'Exclude'}
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            Leave it as it is
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Found by deciding it in memory. */
function RedrivePlan({ id }: { readonly id: number }): ReactNode {
  const plan = useQuery({
    queryKey: ['plan', 'redrive', id],
    queryFn: () => redrive({ ids: [id], dryRun: true }),
    staleTime: 0,
    gcTime: 0,
    refetchOnMount: 'always',
  });
  return (
    <Answer of={plan} loading={<Loading lines={1} />}>
      {({ items, wakes }) => (
        <Text size="sm" className="break">
          If it were decided now, it {items[0]?.verdict ?? 'would not be there'}.
          {wakes > 0 && ` ${wakes} parked ones would be woken by it.`}
        </Text>
      )}
    </Answer>
  );
}
