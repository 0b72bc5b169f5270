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

export function calendarOf(timeZone: string): Calendar {
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
  return { clockAt, dayOf, monthOf: (at) => dayOf(at).slice(0, 7) };
}

function wallSeconds(clock: string): number {
  return Date.parse(`${clock.replace(' ', 'T')}Z`) / 1000;
}
