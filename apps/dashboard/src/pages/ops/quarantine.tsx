/** Deliveries by what became of them: first those that count nowhere until somebody decides. */
import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type Delivery, type DeliveryStatus, useDeliveries } from '../../api/ops-reads.js';
import { useCreators } from '../../api/reads.js';
import { isOperator, useMe } from '../../api/session.js';
import type { QuarantineSearch } from '../../router-ops.js';
import { only } from '../../search.js';
import { Instant } from '../../ui/figure.js';
import { countText } from '../../ui/figures.js';
import { LongList } from '../../ui/long-list.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import type { Column } from '../../ui/table.js';
import { DeliveryMark, STATUS_NAMES } from './delivery-mark.js';
import classes from './ops.module.css';
import { Ops } from './parts.js';
import { type Asked, RedriveAll } from './redrive-all.js';

const UNRESOLVED = 'unresolved';
/** What may be decided again. */
const REDRIVABLE = ['unresolved', 'parked', 'quarantined', 'excluded', 'ignored'];
const TYPING_MS = 400;
/** What is looked at first is not said. */
const asIn = (status: DeliveryStatus) => (status === UNRESOLVED ? undefined : status);

export function QuarantinePage() {
  const {
    status = UNRESOLVED,
    reason,
    since,
    creator,
    order,
  } = useSearch({
    strict: false,
  }) as QuarantineSearch;
  const navigate = useNavigate();
  const mayOrder = isOperator(useMe());
  const asked = { status, code: reason, from: since, creator };
  const read = useDeliveries(asked);
  const narrow = (changes: QuarantineSearch): void =>
    void navigate({
      to: '/ops/quarantine',
      search: only({ status: asIn(status), reason, since, creator, ...changes }),
      replace: true,
    });
  const counts = read.data?.pages[0]?.counts;
  const mayRedrive = mayOrder && REDRIVABLE.includes(status) && read.data !== undefined;
  return (
    <Ops title="Quarantine" beside="deliveries that do not count, and all others">
      <Stack gap="md">
        {mayRedrive && order === 'redrive' && (
          <RedriveAll
            // Of other deliveries it is another order.
            key={JSON.stringify(asked)}
            asked={asked as Asked}
            onClose={() => narrow({})}
          />
        )}
        <Panel
          title={STATUS_NAMES[status]}
          flush
          aside={
            mayRedrive &&
            order === undefined && (
              <Button size="xs" variant="default" onClick={() => narrow({ order: 'redrive' })}>
                Redrive these…
              </Button>
            )
          }
        >
          <Filters
            {...{ status, reason, since, creator }}
            counts={counts ?? undefined}
            onNarrow={narrow}
          />
          <LongList
            label="Deliveries"
            read={read}
            columnsOf={(timeZone) => columnsOf(timeZone, mayOrder)}
            rowKey={({ id }) => String(id)}
            empty={
              <Empty title={status === UNRESOLVED ? 'Nothing waits' : 'None'}>
                {status === UNRESOLVED
                  ? 'Every delivery counts, or is known not to.'
                  : 'No delivery is like that.'}
              </Empty>
            }
          />
        </Panel>
      </Stack>
    </Ops>
  );
}

interface FiltersProps {
  readonly status: DeliveryStatus;
  readonly reason: string | undefined;
  readonly since: string | undefined;
  readonly creator: string | undefined;
  readonly counts: Readonly<Record<string, number>> | undefined;
  readonly onNarrow: (changes: QuarantineSearch) => void;
}

function Filters({ status, reason, since, creator, counts, onNarrow }: FiltersProps) {
  const creators = (useCreators().data?.items ?? []).map(({ creatorId }) => creatorId);
  const type = useDebouncedCallback((text: string) => {
    const code = text.trim();
    onNarrow({ reason: code === '' ? undefined : code });
  }, TYPING_MS);
  const nameOf = (one: string): string => {
    const name = STATUS_NAMES[one as DeliveryStatus];
    const n =
      one === UNRESOLVED
        ? counts && (counts.parked ?? 0) + (counts.quarantined ?? 0)
        : counts?.[one];
    return n === undefined ? name : `${name} (${countText(n)})`;
  };
  return (
    <Group gap="sm" px="1.125rem" pt="xs" pb="sm" wrap="wrap">
      <NativeSelect
        size="xs"
        aria-label="What became of them"
        value={status}
        data={Object.keys(STATUS_NAMES).map((value) => ({ value, label: nameOf(value) }))}
        onChange={({ currentTarget: { value } }) =>
          onNarrow({ status: asIn(value as DeliveryStatus) })
        }
      />
      <TextInput
        type="search"
        size="xs"
        aria-label="Reason, as its code"
        placeholder="Reason, such as currency_unknown"
        w={{ base: '100%', xs: 240 }}
        defaultValue={reason ?? ''}
        key={reason === undefined ? 'empty' : 'asked'}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <TextInput
        type="date"
        size="xs"
        aria-label="Received since, UTC"
        value={since ?? ''}
        onChange={({ currentTarget: { value } }) => onNarrow({ since: value || undefined })}
      />
      {creators.length > 1 && (
        <NativeSelect
          size="xs"
          aria-label="Creator"
          value={creator ?? ''}
          data={[{ value: '', label: 'Every creator' }, ...creators]}
          onChange={({ currentTarget: { value } }) => onNarrow({ creator: value || undefined })}
        />
      )}
    </Group>
  );
}

const columnsOf = (timeZone: string, mayOpen: boolean): readonly Column<Delivery>[] => [
  {
    id: 'id',
    head: 'Delivery',
    isTitle: true,
    cell: ({ id }) =>
      mayOpen ? (
        <PageLink to="/ops/quarantine/$delivery" params={{ delivery: String(id) }} data-row>
          {countText(id)}
        </PageLink>
      ) : (
        <span className="num">{countText(id)}</span>
      ),
  },
  {
    id: 'type',
    head: 'Type',
    cell: ({ type }) => <span className={classes.whole}>{type ?? 'none'}</span>,
  },
  {
    id: 'status',
    head: 'What became of it',
    cell: ({ status }) => <DeliveryMark status={status} />,
  },
  {
    id: 'why',
    head: 'Why',
    cell: ({ detail, code }) => (
      <span className="break">
        {detail ?? ''} {code !== null && <span className="mono">{code}</span>}
      </span>
    ),
  },
  {
    id: 'received',
    head: 'Received, UTC',
    isFigure: true,
    cell: ({ receivedAt }) => (
      <span className={classes.whole}>
        <Instant iso={receivedAt} timeZone={timeZone} as="time" />
      </span>
    ),
  },
];
