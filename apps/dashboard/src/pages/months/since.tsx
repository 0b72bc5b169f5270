/** What became known of a closed month after it was sealed: by member and figure, by event, by close. */
import { Alert, Stack, Text } from '@mantine/core';
import { type DriftRow, type Month, type OneMonth, useDrift } from '../../api/month-reads.js';
import { EventLink } from '../../ui/event-link.js';
import { Count, Instant, Money, Why } from '../../ui/figure.js';
import { countText, moneyText, signedText } from '../../ui/figures.js';
import { CheckIcon } from '../../ui/icons.js';
import { LongList } from '../../ui/long-list.js';
import { MemberName } from '../../ui/member-name.js';
import { monthText } from '../../ui/months.js';
import { PageLink } from '../../ui/page-link.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import classes from './months.module.css';

interface SinceProps {
  readonly of: OneMonth;
  readonly found: Month;
}

export function Since({ of, found }: SinceProps) {
  const drift = useDrift(of);
  const { pending, adjustments } = found;
  const isStated = pending.creator.length === 0 && pending.referrers.length === 0;
  return (
    <Stack gap="md">
      {isStated ? (
        <Alert
          color="green"
          variant="light"
          classNames={{ title: classes.noteTitle, icon: classes.noteIcon }}
          icon={<CheckIcon />}
          title="All that is known of it is stated"
        >
          {adjustments.creator.length === 0 && adjustments.referrers.length === 0
            ? 'Nothing was learned of this month after it was closed.'
            : 'What was learned later is carried by the closes below.'}
        </Alert>
      ) : (
        <Text size="sm" c="dimmed">
          The next close carries what is pending, with this month’s name on it. Restating states the
          month anew, which is the exception.
        </Text>
      )}
      <Panel title="Drift, by member" flush>
        <LongList
          label={`Drift of ${monthText(of.month)}`}
          read={drift}
          columnsOf={() => driftColumns(of, found.asClosed?.version)}
          rowKey={({ memberId, currency, figure }) => `${memberId} ${currency} ${figure}`}
          empty={<Empty title="No member’s figures differ from what is stated of them" />}
        />
      </Panel>
      {pending.lines.length > 0 && <Lines of={of} found={found} />}
      <Carried of={of} found={found} />
    </Stack>
  );
}

const NAMES: Readonly<Record<DriftRow['figure'], string>> = {
  referrals: 'Referrals',
  reversedReferrals: 'Reversed referrals',
  earnedMinor: 'Earned',
  reversedMinor: 'Taken back',
};

const isCount = ({ figure }: DriftRow): boolean =>
  figure === 'referrals' || figure === 'reversedReferrals';

function driftColumns(
  { creator, month }: OneMonth,
  version: number | undefined,
): readonly Column<DriftRow>[] {
  const value = (row: DriftRow, n: number) =>
    isCount(row) ? <Count n={n} /> : <Money minor={n} currency={row.currency} />;
  const why = (row: DriftRow, n: number, state: 'known' | 'closed' | 'pending', said: string) => (
    <Why
      asks={{
        ...{ creator, member: row.memberId, figure: row.figure, month, currency: row.currency },
        ...{ state, version: state === 'closed' ? String(version ?? 1) : undefined },
      }}
      of={`${NAMES[row.figure].toLowerCase()} of ${row.name}, ${said}`}
    >
      {value(row, n)}
    </Why>
  );
  return [
    {
      id: 'name',
      head: 'Member',
      isTitle: true,
      cell: ({ memberId, name }) => (
        <MemberName creator={creator} memberId={memberId} name={name} month={month} isRow />
      ),
    },
    { id: 'field', head: 'Figure', cell: ({ figure }) => NAMES[figure] },
    {
      id: 'sealed',
      head: 'Sealed',
      isFigure: true,
      cell: (row) =>
        version === undefined ? '' : why(row, row.sealed, 'closed', 'as it was sealed'),
    },
    {
      id: 'carried',
      head: 'Carried since',
      isFigure: true,
      cell: (row) => (row.carried === 0 ? '' : value(row, row.carried)),
    },
    {
      id: 'known',
      head: 'Recomputed',
      isFigure: true,
      cell: (row) => why(row, row.known, 'known', 'as now known'),
    },
    {
      id: 'difference',
      head: 'Difference',
      isFigure: true,
      cell: (row) => (
        <Why
          asks={{
            ...{ creator, member: row.memberId, figure: row.figure, month },
            ...{ currency: row.currency, state: 'pending' as const },
          }}
          of={`what is pending of ${NAMES[row.figure].toLowerCase()} of ${row.name}`}
        >
          <span className="num">
            {isCount(row)
              ? signedText(row.difference)
              : `${row.difference > 0 ? '+' : ''}${moneyText(row.difference, row.currency)}`}
          </span>
        </Why>
      ),
    },
  ];
}

type Line = Month['pending']['lines'][number];

/** By the events that say it. */
function Lines({ of: { creator, month }, found: { pending, timeZone } }: SinceProps) {
  return (
    <Panel title="By event" flush>
      <FigureTable
        label={`Events after the close of ${monthText(month)}`}
        columns={lineColumns(creator, timeZone)}
        rows={pending.lines.map((line, n) => ({ ...line, n }))}
        rowKey={({ n }) => String(n)}
        foot={
          pending.isCut
            ? `The first ${countText(pending.lines.length)}; the list by member is whole.`
            : undefined
        }
      />
    </Panel>
  );
}

const lineColumns = (creator: string, timeZone: string): readonly Column<Line>[] => [
  {
    id: 'event',
    head: 'Event',
    isTitle: true,
    cell: ({ eventType, eventId, position }) => (
      <span className="mono break">
        {eventType} <EventLink position={position} id={eventId} creator={creator} />
      </span>
    ),
  },
  {
    id: 'what',
    head: 'What',
    cell: ({ kind, sourceId, count }) => (
      <span className="break">
        {count < 0 ? 'taken back: ' : ''}
        {KINDS[kind] ?? kind} <span className="mono">{sourceId}</span>
      </span>
    ),
  },
  { id: 'at', head: 'Of', cell: ({ at }) => <Instant iso={at} timeZone={timeZone} /> },
  {
    id: 'sale',
    head: 'Sale',
    isFigure: true,
    cell: ({ currency, saleMinor }) =>
      currency === null ? '' : <Money minor={saleMinor} currency={currency} />,
  },
  {
    id: 'member',
    head: 'Member share',
    isFigure: true,
    cell: ({ currency, memberMinor }) =>
      currency === null ? '' : <Money minor={memberMinor} currency={currency} />,
  },
];

const KINDS: Readonly<Record<string, string>> = {
  signUp: 'sign-up',
  sale: 'sale',
  conversion: 'referral',
  reversal: 'refund',
  reversedConversion: 'reversed referral',
};

type Adjustment = Month['adjustments']['referrers'][number];

/** What later closes carry of it. */
function Carried({ of: { creator, month }, found: { adjustments } }: SinceProps) {
  const rows = adjustments.referrers;
  if (rows.length === 0 && adjustments.creator.length === 0) return null;
  const columns: readonly Column<Adjustment>[] = [
    {
      id: 'by',
      head: 'Carried by',
      isTitle: true,
      cell: ({ closedMonth }) => (
        <PageLink to="/c/$creator/months/$month" params={{ creator, month: closedMonth }}>
          {monthText(closedMonth)}
        </PageLink>
      ),
    },
    {
      id: 'referrals',
      head: 'Referrals',
      isFigure: true,
      cell: ({ referrals }) => <span className="num">{signedText(referrals)}</span>,
    },
    {
      id: 'earnings',
      head: 'Members’ earnings',
      isFigure: true,
      cell: ({ earningsMinor, currency }) => (
        <Money minor={earningsMinor} currency={currency} withCode />
      ),
    },
  ];
  return (
    <Panel title="Adjusted by later closes" flush>
      {rows.length === 0 ? (
        <Empty title="No member’s figures">
          Figures of the creator alone were carried; they are in the table above.
        </Empty>
      ) : (
        <FigureTable
          label={`Adjustments of ${monthText(month)}`}
          columns={columns}
          rows={rows}
          rowKey={({ closedMonth, currency }) => `${closedMonth} ${currency}`}
        />
      )}
    </Panel>
  );
}
