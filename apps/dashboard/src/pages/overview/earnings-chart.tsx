/** The chart of earnings, loaded when it is needed: what draws it is larger than the rest of the page. */
import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { moneyText } from '../../ui/figures.js';
import { dayText, monthText, shortDayText, shortMonthText } from '../../ui/months.js';

export interface Period {
  /** A day or a month. */
  readonly period: string;
  /** Net, in minor units. */
  readonly minor: number;
}

interface EarningsChartProps {
  readonly periods: readonly Period[];
  readonly currency: string;
}

const isDay = (period: string): boolean => period.length > 7;

export function EarningsChart({ periods, currency }: EarningsChartProps) {
  const best = periods.reduce((a, b) => (b.minor > a.minor ? b : a));
  const whole = (period: string): string => (isDay(period) ? dayText(period) : monthText(period));
  const short = (period: string): string =>
    isDay(period) ? shortDayText(period) : shortMonthText(period);
  const money = (minor: number): string => moneyText(minor, currency);
  return (
    <figure
      aria-label={`Earnings per ${isDay(best.period) ? 'day' : 'month'}; the most, ${money(best.minor)}, on ${whole(best.period)}. The table says each.`}
    >
      <BarChart
        h={220}
        data={periods.map(({ period, minor }) => ({ period, Earnings: minor }))}
        dataKey="period"
        series={[{ name: 'Earnings', color: 'var(--fw-bar)' }]}
        getBarColor={(value) => (value < 0 ? 'var(--fw-bar-negative)' : 'var(--fw-bar)')}
        valueFormatter={(value) => money(Math.round(value))}
        tickLine="none"
        gridAxis="x"
        maxBarWidth={34}
        barProps={{ radius: [3, 3, 0, 0], isAnimationActive: false }}
        xAxisProps={{ tickFormatter: short, minTickGap: 28 }}
        yAxisProps={{ width: 74, tickFormatter: (minor: number) => money(Math.round(minor)) }}
        // Nothing is pointed at, at first: then there is no label.
        tooltipProps={{ labelFormatter: (label) => (label ? whole(String(label)) : '') }}
      />
    </figure>
  );
}
