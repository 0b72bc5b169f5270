/** The members of a version as they were sealed, however many they are. */
import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client.js';
import { type OneMonth, useSealedMembers } from '../../api/month-reads.js';
import { Count, Money, Why } from '../../ui/figure.js';
import { LongList } from '../../ui/long-list.js';
import { MemberName } from '../../ui/member-name.js';
import { monthText, shortMonthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Empty } from '../../ui/states.js';
import type { Column } from '../../ui/table.js';
import { Tier } from '../../ui/tier.js';

type Row = Schemas['SealedMemberDto'];

interface SealedMembersProps {
  readonly of: OneMonth;
  /** Undefined: the latest. */
  readonly version: number | undefined;
  readonly aside: ReactNode;
}

export function SealedMembers({ of, version, aside }: SealedMembersProps) {
  const read = useSealedMembers(of, version);
  const shown = read.data?.pages[0]?.version ?? version;
  return (
    <Panel
      title={shown === undefined || shown === 1 ? 'As closed' : `As closed, version ${shown}`}
      flush
      aside={aside}
    >
      <LongList
        label={`Members, ${monthText(of.month)} as closed`}
        read={read}
        columnsOf={() => columnsOf(of, shown ?? 1)}
        rowKey={({ memberId }) => memberId}
        empty={<Empty title="Nobody had signed up" />}
      />
    </Panel>
  );
}

function columnsOf({ creator, month }: OneMonth, version: number): readonly Column<Row>[] {
  const asks = ({ memberId }: Row, figure: string, currency?: string) => ({
    ...{ creator, member: memberId, figure, month, currency },
    ...{ state: 'closed' as const, version: String(version) },
  });
  const own = ({ figures }: Row) => figures.filter((one) => one.month === month);
  return [
    {
      id: 'rank',
      head: '#',
      isExtra: true,
      cell: ({ rank }) => (rank === null ? '' : <Count n={rank} />),
    },
    {
      id: 'name',
      head: 'Name',
      isTitle: true,
      cell: ({ memberId, name }) => (
        <MemberName creator={creator} memberId={memberId} name={name} month={month} isRow />
      ),
    },
    {
      id: 'total',
      head: 'Total referrals',
      isFigure: true,
      cell: (row) => (
        <Why asks={asks(row, 'totalReferrals')} of={`total referrals of ${row.name}`}>
          <Count n={row.totalReferrals} />
        </Why>
      ),
    },
    {
      id: 'referrals',
      head: 'Referrals',
      isFigure: true,
      cell: (row) => (
        <Why asks={asks(row, 'monthlyReferrals')} of={`referrals of ${row.name} in the month`}>
          <Count n={own(row).reduce((sum, one) => sum + one.referrals, 0)} />
        </Why>
      ),
    },
    {
      id: 'earnings',
      head: 'Earnings',
      isFigure: true,
      cell: (row) => (
        <Earnings row={row} own={own(row)} asks={(code) => asks(row, 'earningsMinor', code)} />
      ),
    },
    {
      id: 'tier',
      head: 'Tier',
      cell: (row) => (
        <Why asks={asks(row, 'tier')} of={`tier of ${row.name}`}>
          <Tier name={row.tier} isPinned={row.pinned} />
        </Why>
      ),
    },
    {
      id: 'carried',
      head: 'Carried',
      isFigure: true,
      cell: ({ figures }) => <Carried figures={figures.filter((one) => one.month !== month)} />,
    },
  ];
}

interface EarningsProps {
  readonly row: Row;
  readonly own: Row['figures'];
  readonly asks: (currency: string) => Parameters<typeof Why>[0]['asks'];
}

function Earnings({ row, own, asks }: EarningsProps) {
  if (own.length === 0)
    return (
      <Text span inherit c="dimmed">
        —<span className="spoken">nothing</span>
      </Text>
    );
  return (
    <Stack gap={0}>
      {own.map(({ currency, earningsMinor }) => (
        <span key={currency}>
          <Why asks={asks(currency)} of={`earnings of ${row.name} in the month, ${currency}`}>
            <Money minor={earningsMinor} currency={currency} withCode={own.length > 1} />
          </Why>
        </span>
      ))}
    </Stack>
  );
}

/** Of earlier months: what had been learned of them by then. */
function Carried({ figures }: { readonly figures: Row['figures'] }) {
  if (figures.length === 0) return null;
  return (
    <Stack gap={0}>
      {figures.map(({ month, currency, earningsMinor, referrals }) => (
        <Text span inherit key={`${month} ${currency}`} size="sm">
          {shortMonthText(month)}: <Money minor={earningsMinor} currency={currency} />
          {referrals !== 0 && (
            <>
              , <Count n={referrals} /> {Math.abs(referrals) === 1 ? 'referral' : 'referrals'}
            </>
          )}
        </Text>
      ))}
    </Stack>
  );
}
