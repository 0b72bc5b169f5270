/** How a figure of a member came to be what it is: every change, with what made it, newest first. */
import { Group, NativeSelect } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useHistory } from '../../api/event-reads.js';
import { HISTORIES, type HistoryField } from '../../api/histories.js';
import type { OfMember } from '../../api/reads.js';
import { useMe } from '../../api/session.js';
import { EventLink } from '../../ui/event-link.js';
import { Instant } from '../../ui/figure.js';
import { countText, moneyText, signedText } from '../../ui/figures.js';
import { LongList } from '../../ui/long-list.js';
import { monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import type { Column } from '../../ui/table.js';
import { type Names, nameIn, namesOf, Says } from '../events/says.js';

const NAMES: Readonly<Record<HistoryField, string>> = {
  totalReferrals: 'Total referrals',
  monthlyReferrals: 'Referrals of the month',
  earnings: 'Earned in the month',
  reversedReferrals: 'Reversed referrals of the month',
  referrer: 'Referrer',
  tierPin: 'Tier pin',
  referralCode: 'Referral code',
};
/** Those of which the address says the month. */
const OF_MONTH: readonly HistoryField[] = ['monthlyReferrals', 'earnings', 'reversedReferrals'];

interface HistoryProps {
  readonly of: OfMember & { readonly month: string };
  readonly field: HistoryField | undefined;
}

type Read = ReturnType<typeof useHistory>;
type Page = NonNullable<Read['data']>['pages'][number];
type Row = Page['items'][number];

export function History({ of, field = 'totalReferrals' }: HistoryProps) {
  const { creator, member } = of;
  const month = OF_MONTH.includes(field) ? of.month : undefined;
  const read = useHistory({ creator, member, field, month });
  const navigate = useNavigate();
  const me = useMe();
  const pages = read.data?.pages ?? [];
  const names = namesOf(pages.flatMap(({ people }) => people));
  const currency = pages[0]?.currency ?? null;
  return (
    <Panel
      title={month === undefined ? NAMES[field] : `${NAMES[field]}, ${monthText(month)}`}
      flush
      aside={
        <Group gap="sm">
          <NativeSelect
            size="xs"
            aria-label="Figure"
            value={field}
            data={HISTORIES.map((value) => ({ value, label: NAMES[value] }))}
            onChange={(event) => {
              const chosen = event.currentTarget.value as HistoryField;
              void navigate({
                to: '.',
                search: (old) => ({ ...old, of: chosen === 'totalReferrals' ? undefined : chosen }),
                replace: true,
              });
            }}
          />
          {me?.role !== 'member' && (
            <PageLink to="/events" search={{ creator, member }} fz="sm">
              All events
            </PageLink>
          )}
        </Group>
      }
    >
      <LongList
        label="History"
        read={read}
        columnsOf={(timeZone) => columnsOf({ creator, names, currency, timeZone })}
        rowKey={({ event }) => String(event.position)}
        empty={<Empty title="It never changed">What is not in the log did not happen.</Empty>}
      />
    </Panel>
  );
}

interface Known {
  readonly creator: string;
  readonly names: Names;
  readonly currency: string | null;
  readonly timeZone: string;
}

function columnsOf({ creator, names, currency, timeZone }: Known): readonly Column<Row>[] {
  const text = (value: unknown): string => {
    if (value === null || value === undefined) return 'none';
    if (typeof value !== 'number') return nameIn(names, creator, String(value));
    return currency === null ? countText(value) : moneyText(value, currency);
  };
  const moved = (delta: number): string => {
    if (currency === null) return signedText(delta);
    return delta > 0 ? `+${moneyText(delta, currency)}` : moneyText(delta, currency);
  };
  return [
    {
      id: 'at',
      head: 'When',
      cell: ({ event }) => <Instant iso={event.effectiveAt} timeZone={timeZone} as="time" />,
    },
    {
      id: 'what',
      head: 'What happened',
      isTitle: true,
      cell: ({ event }) => (
        <span className="break">
          <Says event={event} names={names} />
        </span>
      ),
    },
    {
      id: 'by',
      head: 'By',
      isFigure: true,
      cell: ({ delta }) => (delta === null ? '' : <span className="num">{moved(delta)}</span>),
    },
    {
      id: 'to',
      head: 'From, to',
      isFigure: true,
      cell: (row) => (
        <span className={currency === null && row.delta === null ? 'break' : 'num'}>
          {text(row.old)} → {text(row.new)}
        </span>
      ),
    },
    {
      id: 'event',
      head: 'Event',
      isFigure: true,
      cell: ({ event }) => <EventLink position={event.position} id={event.id} creator={creator} />,
    },
  ];
}
