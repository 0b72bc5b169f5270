/** Replays: those that were ordered, and ordering one, which changes nothing that serves. */
import { Button, Chip, Group, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { orderReplay, useOrder } from '../../api/ops-acts.js';
import { type Replay, useProjections, useReplays } from '../../api/ops-reads.js';
import { isOperator, useMe } from '../../api/session.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { LongTable } from '../../ui/long-table.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Failed, Loading } from '../../ui/states.js';
import type { Column } from '../../ui/table.js';
import classes from './ops.module.css';
import { Ops, ZONE } from './parts.js';
import { REASON_LENGTH } from './reason.js';
import { RunState, whatOf } from './run-state.js';

export function RunsPage() {
  const mayOrder = isOperator(useMe());
  return (
    <Ops title="Replays" beside="read models made from the log again">
      <Stack gap="md">
        {mayOrder && <NewReplay />}
        <Ordered />
      </Stack>
    </Ops>
  );
}

/** Which read models is in the address; the reason is the log's, and no part of one. */
function NewReplay() {
  const { rebuild } = useSearch({ strict: false });
  const navigate = useNavigate();
  const known = useProjections();
  const [reason, setReason] = useState('');
  const chosen = rebuild?.split(',') ?? [];
  const order = useOrder(orderReplay);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const why = reason.trim();
    const { id } = await order.mutateAsync({
      ...(chosen.length > 0 && { projections: chosen }),
      ...(why !== '' && { reason: why }),
    });
    await navigate({ to: '/ops/runs/$run', params: { run: id } });
  };
  const choose = (names: readonly string[]): void =>
    void navigate({
      to: '/ops/runs',
      search: names.length === 0 ? {} : { rebuild: names.join(',') },
      replace: true,
    });
  return (
    <Panel title="Build them anew">
      <form
        onSubmit={(event) => {
          // What is refused is shown below.
          submit(event).catch(() => undefined);
        }}
      >
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            A dry run: they are built from the log beside those that serve, and compared row by row.
            Nothing is switched before somebody has looked at the difference.
          </Text>
          <Answer of={known} loading={<Loading lines={2} height={28} />}>
            {({ projections }) => (
              <Group gap="xs" role="group" aria-label="Which read models">
                <Chip size="xs" checked={chosen.length === 0} onChange={() => choose([])}>
                  All of them
                </Chip>
                {projections.map(({ name }) => (
                  <Chip
                    key={name}
                    size="xs"
                    checked={chosen.includes(name)}
                    onChange={(isChosen) =>
                      choose(
                        isChosen ? [...chosen, name] : chosen.filter((other) => other !== name),
                      )
                    }
                  >
                    {name}
                  </Chip>
                ))}
              </Group>
            )}
          </Answer>
          <TextInput
            label="Reason"
            description="One line, kept for ever: name no person. It may be given when one switches."
            maxLength={REASON_LENGTH}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {order.isError && <Failed error={order.error} />}
          <Group>
            <Button type="submit" loading={order.isPending}>
              Build and compare
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Ordered() {
  const read = useReplays();
  return (
    <Panel title="Ordered" flush>
      <Answer of={read} loading={<Loading lines={4} height={28} />}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Empty title="None was ordered yet" />;
          return (
            <LongTable
              label="Replays"
              rows={items}
              rowKey={({ id }) => id}
              columns={COLUMNS}
              hasMore={read.hasNextPage}
              onMore={() => {
                if (!read.isFetchingNextPage && read.error === null) void read.fetchNextPage();
              }}
            />
          );
        }}
      </Answer>
    </Panel>
  );
}

const COLUMNS: readonly Column<Replay>[] = [
  {
    id: 'id',
    head: 'Replay',
    isTitle: true,
    cell: ({ id }) => (
      <PageLink to="/ops/runs/$run" params={{ run: id }} data-row>
        Replay {id}
      </PageLink>
    ),
  },
  { id: 'state', head: 'State', cell: (one) => <RunState of={one} /> },
  {
    id: 'rows',
    head: 'Rows that differ',
    isFigure: true,
    cell: ({ difference }) => (difference === null ? '' : countText(difference.rows)),
  },
  {
    id: 'what',
    head: 'Rebuilt',
    isExtra: true,
    cell: (one) => <span className="break">{whatOf(one)}</span>,
  },
  {
    id: 'reason',
    head: 'Reason',
    cell: ({ promotion, reason }) => (
      <span className="break">{promotion?.reason ?? reason ?? ''}</span>
    ),
  },
  {
    id: 'when',
    head: 'Ordered',
    isFigure: true,
    cell: ({ orderedAt }) => (
      <span className={classes.whole}>
        <Instant iso={orderedAt} timeZone={ZONE} as="time" />
      </span>
    ),
  },
];
