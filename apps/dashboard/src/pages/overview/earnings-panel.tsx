/** What members earned, by day of the month or by month, as a chart and as a table. */
import { SegmentedControl, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Schemas } from '../../api/client.js';
import { apiPath } from '../../api/path.js';
import { useEarnings } from '../../api/reads.js';
import { CsvLink } from '../../ui/csv-link.js';
import { Money, Why } from '../../ui/figure.js';
import { addMonths, dayText, monthText } from '../../ui/months.js';
import { Panel } from '../../ui/panel.js';
import { Answer, Empty, Loading } from '../../ui/states.js';
import { type Column, FigureTable } from '../../ui/table.js';
import type { Period } from './earnings-chart.js';

const EarningsChart = lazy(async () => ({
  default: (await import('./earnings-chart.js')).EarningsChart,
}));
const MONTHS = 12;
const CHART_LINES = { lines: 1, height: 220 };

interface EarningsPanelProps {
  readonly creator: string;
  readonly month: string;
  readonly by: 'day' | 'month';
  readonly as: 'chart' | 'table';
}

export function EarningsPanel({ creator, month, by, as }: EarningsPanelProps) {
  const navigate = useNavigate();
  const range = { from: by === 'day' ? month : addMonths(month, 1 - MONTHS), to: month, by };
  const read = useEarnings(creator, range);
  const choose = (changes: { by?: 'day' | 'month'; as?: 'chart' | 'table' }): void =>
    void navigate({ to: '.', search: (old) => ({ ...old, ...changes }), replace: true });
  return (
    <Panel
      title="Earnings"
      flush={as === 'table'}
      aside={
        <>
          <SegmentedControl
            size="xs"
            aria-label="A bar is"
            value={by}
            onChange={(value) => choose({ by: value === 'month' ? 'month' : 'day' })}
            data={[
              { value: 'day', label: 'Day' },
              { value: 'month', label: 'Month' },
            ]}
          />
          <SegmentedControl
            size="xs"
            aria-label="Shown as"
            value={as}
            onChange={(value) => choose({ as: value === 'table' ? 'table' : 'chart' })}
            data={[
              { value: 'chart', label: 'Chart' },
              { value: 'table', label: 'Table' },
            ]}
          />
          <CsvLink path={apiPath('creators', creator, 'earnings')} query={range} label="earnings" />
        </>
      }
    >
      <Answer of={read} loading={<Loading {...CHART_LINES} />}>
        {({ items, currency, otherCurrencies }) => (
          <>
            {as === 'table' ? (
              <EarningsTable creator={creator} items={items} by={by} />
            ) : items.every(isNothing) ? (
              <NoEarnings currency={currency} others={otherCurrencies} />
            ) : (
              <Suspense fallback={<Loading {...CHART_LINES} />}>
                <EarningsChart periods={items.map(periodOf)} currency={currency} />
              </Suspense>
            )}
            {otherCurrencies.length > 0 && (
              <Text size="xs" c="dimmed" px={as === 'table' ? '1.125rem' : 0} py="xs">
                In {currency.toUpperCase()}; there is more in {listOf(otherCurrencies)}.
              </Text>
            )}
          </>
        )}
      </Answer>
    </Panel>
  );
}

type Item = Schemas['EarningsPeriodDto'];

/** What was earned and taken back again nets to zero, and is not nothing. */
const isNothing = ({ earnedMinor, reversedMinor }: Item): boolean =>
  earnedMinor === 0 && reversedMinor === 0;

const listOf = (currencies: readonly string[]): string => currencies.join(', ').toUpperCase();

interface NoEarningsProps {
  readonly currency: string;
  readonly others: readonly string[];
}

const NoEarnings = ({ currency, others }: NoEarningsProps) =>
  others.length === 0 ? (
    <Empty title="No earnings">No sale of a referred member lies in this range.</Empty>
  ) : (
    <Empty title={`No earnings in ${currency.toUpperCase()}`}>
      The sales of this range are in {listOf(others)}.
    </Empty>
  );

const periodOf = ({ day, month, earningsMinor }: Item): Period => ({
  period: day ?? month,
  minor: earningsMinor,
});

function EarningsTable({
  creator,
  items,
  by,
}: {
  readonly creator: string;
  readonly items: readonly Item[];
  readonly by: 'day' | 'month';
}) {
  const name = (row: Item): string => (row.day === null ? monthText(row.month) : dayText(row.day));
  const figure = (id: 'earnedMinor' | 'reversedMinor' | 'earningsMinor', head: string) => ({
    id,
    head,
    isFigure: true,
    cell: (row: Item) => (
      <Why
        asks={{
          creator,
          figure: id,
          month: row.month,
          day: row.day ?? undefined,
          currency: row.currency,
        }}
        of={`${head.toLowerCase()}, ${name(row)}`}
      >
        <Money minor={id === 'reversedMinor' ? -row[id] : row[id]} currency={row.currency} />
      </Why>
    ),
  });
  const columns: readonly Column<Item>[] = [
    { id: 'period', head: by === 'day' ? 'Day' : 'Month', isTitle: true, cell: name },
    figure('earnedMinor', 'Earned'),
    figure('reversedMinor', 'Taken back'),
    figure('earningsMinor', 'Net'),
  ];
  return (
    <FigureTable
      label={`Earnings by ${by}`}
      columns={columns}
      rows={items}
      rowKey={(row) => row.day ?? row.month}
    />
  );
}
