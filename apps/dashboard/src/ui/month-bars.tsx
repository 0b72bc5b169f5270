/** Months beside each other, as small bars; the last is the one that is looked at. */
import { countText } from './figures.js';
import classes from './kpi.module.css';
import { shortMonthText } from './months.js';

interface Bar {
  readonly month: string;
  readonly referrals: number;
}

const WIDTH = 9;
const GAP = 4;
const HEIGHT = 44;

export function MonthBars({ months }: { readonly months: readonly Bar[] }) {
  if (months.length === 0) return null;
  const max = Math.max(1, ...months.map(({ referrals }) => referrals));
  const said = months.map((one) => `${shortMonthText(one.month)} ${countText(one.referrals)}`);
  return (
    <svg
      className={classes.bars}
      viewBox={`0 0 ${months.length * (WIDTH + GAP) - GAP} ${HEIGHT}`}
      height={HEIGHT}
      preserveAspectRatio="xMinYMax meet"
      role="img"
      aria-label={`Referrals by month: ${said.join(', ')}`}
    >
      {months.map(({ month, referrals }, n) => {
        const height = Math.max(2, (referrals / max) * HEIGHT);
        return (
          <rect
            key={month}
            x={n * (WIDTH + GAP)}
            y={HEIGHT - height}
            width={WIDTH}
            height={height}
            rx={2}
            data-older={n < months.length - 1 || undefined}
          >
            <title>{said[n]}</title>
          </rect>
        );
      })}
    </svg>
  );
}
