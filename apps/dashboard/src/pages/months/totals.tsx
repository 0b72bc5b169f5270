/** What a version says in sum, or would. */
import type { Schemas } from '../../api/client.js';
import { Count, Money } from '../../ui/figure.js';
import { shortMonthText } from '../../ui/months.js';
import { type Column, FigureTable } from '../../ui/table.js';

type Totals = Schemas['SnapshotTotalsDto'];

type Figures = Pick<Schemas['CreatorAmountsDto'], 'referrals' | 'revenueMinor' | 'refundsMinor'> &
  Pick<Schemas['ReferrerAmountsDto'], 'earningsMinor'>;

interface Row extends Figures {
  readonly origin: string;
  readonly isCarried: boolean;
  readonly currency: string;
}

interface TotalsProps {
  readonly label: string;
  readonly month: string;
  readonly totals: Totals;
}

export function Totals({ label, month, totals }: TotalsProps) {
  return (
    <FigureTable
      label={label}
      columns={COLUMNS}
      rows={rowsOf(month, totals)}
      rowKey={({ origin, currency }) => `${origin} ${currency}`}
    />
  );
}

/** One for each currency of the month, then of each earlier month that is carried. */
function rowsOf(month: string, totals: Totals): readonly Row[] {
  const { creator, referrers, carriedCreator, carriedReferrers } = totals;
  const creators = [...creator.map((one) => ({ ...one, origin: month })), ...carriedCreator];
  const members = [...referrers.map((one) => ({ ...one, origin: month })), ...carriedReferrers];
  const keys = new Set(
    [...creators, ...members].flatMap(({ origin, currency }) =>
      currency === null ? [] : [`${origin} ${currency}`],
    ),
  );
  const rows = [...keys].map((key) => {
    const [origin = '', currency = ''] = key.split(' ');
    const isIt = (one: { readonly origin: string; readonly currency: string | null }): boolean =>
      one.origin === origin && one.currency === currency;
    const [sold, earned] = [creators.find(isIt), members.find(isIt)];
    return {
      ...{ origin, currency, isCarried: origin !== month },
      referrals: sold?.referrals ?? 0,
      revenueMinor: sold?.revenueMinor ?? 0,
      refundsMinor: sold?.refundsMinor ?? 0,
      earningsMinor: earned?.earningsMinor ?? 0,
    };
  });
  // The month's own before what is carried, what most was sold in first.
  return rows.sort(
    (a, b) => Number(a.isCarried) - Number(b.isCarried) || b.revenueMinor - a.revenueMinor,
  );
}

const money = (
  id: 'revenueMinor' | 'refundsMinor' | 'earningsMinor',
  head: string,
): Column<Row> => ({
  id,
  head,
  isFigure: true,
  cell: (row) => <Money minor={row[id]} currency={row.currency} />,
});

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'what',
    head: 'Of',
    isTitle: true,
    cell: ({ origin, currency, isCarried }) =>
      `${shortMonthText(origin)}, ${currency.toUpperCase()}${isCarried ? ', carried' : ''}`,
  },
  {
    id: 'referrals',
    head: 'Referrals',
    isFigure: true,
    cell: ({ referrals }) => <Count n={referrals} />,
  },
  money('revenueMinor', 'Revenue'),
  money('refundsMinor', 'Refunds'),
  money('earningsMinor', 'Members’ earnings'),
];
