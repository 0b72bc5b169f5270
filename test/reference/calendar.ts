/**
 * Local days and months of a zone, asked of Intl one instant at a time.
 *
 * A day begins at its first instant and ends where the next begins. So where clocks are set back
 * across midnight (Newfoundland until 2011: 00:01 back to 23:01), the repeated minutes of the old
 * day already belong to the new one.
 */
export interface Calendar {
  /** The wall clock at an instant (unix seconds): `YYYY-MM-DD HH:MM:SS`. */
  clockAt(at: number): string;
  /** `YYYY-MM-DD` */
  dayOf(at: number): string;
  /** `YYYY-MM` */
  monthOf(at: number): string;
}

const HOURS_TO_LOOK_BACK = 3;
const DAY = 86_400;

/**
 * The calendar of a creator whose zone changes with some months: a month begins at its first
 * instant in the zone set for it and ends where the next begins. Where it ends later than in its
 * own zone, the hours that are left over belong to its last day.
 */
export function calendarOf(
  timeZone: string,
  changes: readonly { readonly fromMonth: string; readonly timeZone: string }[] = [],
): Calendar {
  const first = calendarIn(timeZone);
  if (changes.length === 0) return first;
  const starts = new Map<string, number>();
  const inMonth = (month: string): Calendar => {
    const set = changes.filter((one) => one.fromMonth <= month);
    const latest = set.reduce((a, b) => (b.fromMonth >= a.fromMonth ? b : a), {
      fromMonth: '',
      timeZone,
    });
    return calendarIn(latest.timeZone);
  };
  const startOf = (month: string): number => {
    const known = starts.get(month);
    if (known !== undefined) return known;
    const own = inMonth(month);
    let before = Date.parse(`${month}-01T00:00:00Z`) / 1000 - 2 * DAY;
    let after = before + 4 * DAY;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (own.monthOf(middle) < month) before = middle;
      else after = middle;
    }
    starts.set(month, after);
    return after;
  };
  const monthOf = (at: number): string => {
    const [earlier, later] = [utcMonth(at - 2 * DAY), utcMonth(at + 2 * DAY)];
    return startOf(later) <= at ? later : earlier;
  };
  const dayOf = (at: number): string => {
    const month = monthOf(at);
    const day = inMonth(month).dayOf(at);
    return day.startsWith(month) ? day : lastDayOf(month);
  };
  return { clockAt: (at) => inMonth(monthOf(at)).clockAt(at), dayOf, monthOf };
}

const utcMonth = (at: number): string => new Date(at * 1000).toISOString().slice(0, 7);

function lastDayOf(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

const inZones = new Map<string, Calendar>();

function calendarIn(timeZone: string): Calendar {
  const known = inZones.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const clockAt = (at: number): string => {
    const parts = format.formatToParts(at * 1000);
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
    const day = `${part('year')}-${part('month')}-${part('day')}`;
    return `${day} ${part('hour')}:${part('minute')}:${part('second')}`;
  };
  const dayOf = (at: number): string => {
    const day = clockAt(at).slice(0, 10);
    const lookBack = HOURS_TO_LOOK_BACK * 3600;
    const passed = wallSeconds(clockAt(at)) - wallSeconds(clockAt(at - lookBack));
    if (passed >= lookBack) return day;
    // Clocks were set back just before: has a later day already begun?
    let latest = day;
    for (let before = 0; before <= lookBack; before += 60) {
      const earlier = clockAt(at - before).slice(0, 10);
      if (earlier > latest) latest = earlier;
    }
    return latest;
  };
  const made = { clockAt, dayOf, monthOf: (at: number) => dayOf(at).slice(0, 7) };
  inZones.set(timeZone, made);
  return made;
}

function wallSeconds(clock: string): number {
  return Date.parse(`${clock.replace(' ', 'T')}Z`) / 1000;
}
