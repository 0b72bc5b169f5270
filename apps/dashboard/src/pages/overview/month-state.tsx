/** Where the month stands: so far, in its grace, or closed. */
import { useMonths } from '../../api/reads.js';
import { useCalendar } from '../../shell/place.js';
import { Instant } from '../../ui/figure.js';
import { dayIn, daysInMonth } from '../../ui/months.js';
import { now } from '../../ui/now.js';

export function MonthState({
  creator,
  month,
  isCurrent,
}: {
  readonly creator: string;
  readonly month: string;
  readonly isCurrent: boolean;
}) {
  const { timeZone = 'UTC' } = useCalendar({ creator });
  const { data } = useMonths(creator);
  const listed = data?.items.find((one) => one.month === month);
  if (isCurrent && listed?.status !== 'closed')
    return `so far, ${Number(dayIn(timeZone, now()).slice(-2))} of ${daysInMonth(month)} days`;
  if (listed === undefined) return '';
  if (listed.status === 'closed') return listed.asClosed === null ? 'closed' : 'closed and sealed';
  return (
    <>
      over, may be closed from <Instant iso={listed.closableAt} timeZone={timeZone} />
    </>
  );
}
