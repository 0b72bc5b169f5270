/** What is known of a month beside what is stated of it: sealed + carried by later closes + pending = known. */
import { Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import { type Month, type OneMonth, useMonthEarnings } from '../../api/month-reads.js';
import { useCreator } from '../../api/reads.js';
import { Count, Money, Why } from '../../ui/figure.js';
import { monthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import classes from './months.module.css';

interface FiguresProps {
  readonly of: OneMonth;
  readonly found: Month;
}

export function Figures({ of, found }: FiguresProps) {
  const currencies = currenciesOf(found);
  const ofCreator = useCreator({ creator: of.creator, month: of.month });
  const shown =
    currencies.length > 0 || ofCreator.data === undefined ? currencies : [ofCreator.data.currency];
  const isStated = found.status === 'closed';
  return (
    <Panel title={isStated ? 'As closed, and as now known' : 'So far'} flush>
      {shown.length === 0 ? (
        <Empty title="Nothing happened in this month" />
      ) : (
        <Stack gap="lg" className={classes.figures}>
          {shown.map((currency) => (
            <InCurrency
              key={currency}
              of={of}
              found={found}
              currency={currency}
              isMain={currency === shown[0]}
              isOnly={shown.length === 1}
            />
          ))}
        </Stack>
      )}
    </Panel>
  );
}

/** Those of anything that is known or stated; the one with most sales first. */
function currenciesOf({ live, versions, pending }: Month): readonly string[] {
  const sales = new Map<string, number>();
  const all = [
    ...live.creator,
    ...versions.flatMap(({ totals }) => totals.creator),
    ...pending.creator,
  ];
  for (const { currency, revenueMinor } of all)
    if (currency !== null)
      sales.set(currency, Math.max(sales.get(currency) ?? 0, Math.abs(revenueMinor)));
  return [...sales].sort(([, a], [, b]) => b - a).map(([currency]) => currency);
}

type Earned = Schemas['EarningsPeriodDto'];
type OfCreator = Schemas['CreatorAmountsDto'];
type OfMembers = Schemas['ReferrerAmountsDto'];

const CREATOR_ROWS = [
  ['referrals', 'Referrals', 'count'],
  ['reversedReferrals', 'Reversed referrals', 'count'],
  ['revenueMinor', 'Revenue', 'money'],
  ['refundsMinor', 'Refunds', 'money'],
  ['creatorMinor', 'Creator’s share, net', 'money'],
] as const satisfies readonly (readonly [keyof OfCreator, string, 'count' | 'money'])[];
const MEMBER_ROWS = [
  ['earnedMinor', 'Members earned', 'money'],
  ['reversedMinor', 'Taken back', 'money'],
  ['earningsMinor', 'Members’ earnings, net', 'money'],
] as const satisfies readonly (readonly [keyof OfMembers & keyof Earned, string, 'money'])[];

interface Row {
  readonly figure: string;
  readonly name: string;
  readonly unit: 'count' | 'money';
  readonly sealed: number;
  readonly carried: number;
  readonly known: number;
}

interface InCurrencyProps extends FiguresProps {
  readonly currency: string;
  /** Its zeros are shown too. */
  readonly isMain: boolean;
  readonly isOnly: boolean;
}

function InCurrency({ of, found, currency, isMain, isOnly }: InCurrencyProps) {
  const earned = useMonthEarnings(of, currency);
  return (
    <div>
      {!isOnly && (
        <Text size="xs" fw={650} c="dimmed" px="1.125rem" pt="xs">
          {currency.toUpperCase()}
        </Text>
      )}
      <Answer of={earned} loading={<Loading lines={8} height={26} />}>
        {({ items }) => (
          <FigureTable
            label={`${monthText(of.month)} in ${currency.toUpperCase()}`}
            columns={columnsOf(of, found, currency)}
            rows={rowsOf(found, currency, items[0]).filter((row) => isMain || isAnything(row))}
            rowKey={({ figure }) => figure}
          />
        )}
      </Answer>
    </div>
  );
}

const isAnything = ({ sealed, carried, known }: Row): boolean =>
  sealed !== 0 || carried !== 0 || known !== 0;

function rowsOf(found: Month, currency: string, earned: Earned | undefined): readonly Row[] {
  const { live, asClosed, adjustments } = found;
  const isIt = (one: { readonly currency: string | null }): boolean => one.currency === currency;
  const creator = {
    sealed: asClosed?.totals.creator.find(isIt),
    carried: adjustments.creator.filter(isIt),
    known: live.creator.find(isIt),
  };
  const members = {
    sealed: asClosed?.totals.referrers.find(isIt),
    carried: adjustments.referrers.filter(isIt),
  };
  return [
    ...CREATOR_ROWS.map(([figure, name, unit]) => ({
      ...{ figure, name, unit },
      sealed: creator.sealed?.[figure] ?? 0,
      carried: creator.carried.reduce((sum, one) => sum + one[figure], 0),
      known: creator.known?.[figure] ?? 0,
    })),
    ...MEMBER_ROWS.map(([figure, name, unit]) => ({
      ...{ figure, name, unit },
      sealed: members.sealed?.[figure] ?? 0,
      carried: members.carried.reduce((sum, one) => sum + one[figure], 0),
      known: earned?.[figure] ?? 0,
    })),
  ];
}

function columnsOf(
  { creator, month }: OneMonth,
  { status, asClosed }: Month,
  currency: string,
): readonly Column<Row>[] {
  const value = (unit: Row['unit'], n: number) =>
    unit === 'count' ? <Count n={n} /> : <Money minor={n} currency={currency} />;
  const why = (row: Row, n: number, state: 'known' | 'closed' | 'pending', said: string) => (
    <Why
      asks={{
        ...{ creator, figure: row.figure, month, currency, state },
        version: state === 'closed' ? String(asClosed?.version ?? 1) : undefined,
      }}
      of={`${row.name.toLowerCase()} of ${monthText(month)}, ${said}`}
    >
      {value(row.unit, n)}
    </Why>
  );
  const none = (
    <Text span inherit c="dimmed">
      —<span className="spoken">nothing</span>
    </Text>
  );
  const name = { id: 'name', head: 'Figure', isTitle: true, cell: (row: Row) => row.name };
  const known = (head: string): Column<Row> => ({
    id: 'known',
    head,
    isFigure: true,
    cell: (row) => why(row, row.known, 'known', 'as now known'),
  });
  if (status !== 'closed') return [name, known('So far')];
  return [
    name,
    {
      id: 'sealed',
      head: 'As closed',
      isFigure: true,
      cell: (row) => (asClosed === null ? none : why(row, row.sealed, 'closed', 'as closed')),
    },
    {
      id: 'carried',
      head: 'Carried by later closes',
      isFigure: true,
      cell: ({ unit, carried }) => (carried === 0 ? none : value(unit, carried)),
    },
    {
      id: 'pending',
      head: 'Pending',
      isFigure: true,
      cell: (row) => {
        const pending = row.known - row.sealed - row.carried;
        return pending === 0 ? none : why(row, pending, 'pending', 'pending');
      },
    },
    known('As now known'),
  ];
}
