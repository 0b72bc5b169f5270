/**
 * A creator's calendar: which month and day an instant belongs to, under the zones that the creator
 * has had. Months partition time whatever the zones: one ends where the next begins.
 */
import type { Instant } from './clock.js';
import {
  daysOfMonthAt,
  FIRST_YEAR,
  firstInstantOfMonthAt,
  firstInstantsOfDays,
  indexOfMonth,
  LAST_YEAR,
  MONTHS,
  monthAt,
  placeOfDay,
} from './local-month.js';
import { canonicalTimeZone } from './time-zone.js';

export {
  addMonths,
  compareMonths,
  daysBetween,
  firstInstantOfDay,
  firstInstantOfMonth,
  isDay,
  isMonth,
  monthOfDay,
  monthsBetween,
  nextMonth,
  previousMonth,
  startsAhead,
} from './local-month.js';
export { canonicalTimeZone, isTimeZone } from './time-zone.js';

/** A zone and the month from whose start it applies; null, and only first: from the beginning. */
interface ZoneFrom {
  readonly fromMonth: string | null;
  readonly timeZone: string;
}

export interface Calendar {
  /** `YYYY-MM` */
  monthOf(at: Instant): string;
  /** `YYYY-MM-DD`, always a day of `monthOf(at)`. */
  dayOf(at: Instant): string;
  zoneOfMonth(month: string): string;
  zoneAt(at: Instant): string;
  startOfMonth(month: string): Instant;
  /** First instant after the month: the start of the next. */
  endOfMonth(month: string): Instant;
  startOfDay(day: string): Instant;
  /** First instant after the day; the day's start if its zone skipped it. */
  endOfDay(day: string): Instant;
  daysOfMonth(month: string): readonly string[];
}

const DAY = 86_400;
const AVERAGE_MONTH = (365.2425 * DAY) / 12;

/** Boundaries in one zone, found when first asked for; shared by all calendars that use the zone. */
class ZoneBoundaries {
  private readonly months = new Float64Array(MONTHS + 1).fill(Number.NaN);
  private readonly days: (Float64Array | undefined)[] = new Array(MONTHS);

  constructor(readonly zone: string) {}

  startOfMonth(index: number): Instant {
    const known = this.months[index] as number;
    if (!Number.isNaN(known)) return known;
    const start = firstInstantOfMonthAt(this.zone, index);
    this.months[index] = start;
    return start;
  }

  startsOfDays(index: number): Float64Array {
    const known = this.days[index];
    if (known !== undefined) return known;
    const starts = firstInstantsOfDays(this.zone, index);
    this.days[index] = starts;
    return starts;
  }
}

const boundaries = new Map<string, ZoneBoundaries>();

function boundariesOf(zone: string): ZoneBoundaries {
  const known = boundaries.get(zone);
  if (known !== undefined) return known;
  const made = new ZoneBoundaries(zone);
  boundaries.set(zone, made);
  return made;
}

interface Stretch {
  readonly firstMonth: number;
  readonly boundaries: ZoneBoundaries;
}

class ZonedCalendar implements Calendar {
  /** Stretches in descending order of their first months; the last begins at 0. */
  constructor(private readonly stretches: readonly Stretch[]) {}

  monthOf(at: Instant): string {
    return monthAt(this.indexAt(at));
  }

  dayOf(at: Instant): string {
    const index = this.indexAt(at);
    const starts = this.boundariesAt(index).startsOfDays(index);
    const last = starts.length - 1;
    // Of days that begin together all but the last are empty: go as far as possible.
    let day = Math.min(Math.max(Math.floor((at - (starts[0] as number)) / DAY), 0), last);
    while (day > 0 && at < (starts[day] as number)) day -= 1;
    while (day < last && at >= (starts[day + 1] as number)) day += 1;
    return daysOfMonthAt(index)[day] as string;
  }

  zoneOfMonth(month: string): string {
    return this.boundariesAt(indexOfMonth(month)).zone;
  }

  zoneAt(at: Instant): string {
    return this.boundariesAt(this.indexAt(at)).zone;
  }

  startOfMonth(month: string): Instant {
    return this.startAt(indexOfMonth(month));
  }

  endOfMonth(month: string): Instant {
    return this.startAt(indexOfMonth(month) + 1);
  }

  startOfDay(day: string): Instant {
    const place = placeOfDay(day);
    return this.startOfDayAt(place.month, place.day);
  }

  endOfDay(day: string): Instant {
    const place = placeOfDay(day);
    return this.startOfDayAt(place.month, place.day + 1);
  }

  daysOfMonth(month: string): readonly string[] {
    return daysOfMonthAt(indexOfMonth(month));
  }

  /** The start of the nth day from 0, never after the month's end, which may come early or late. */
  private startOfDayAt(index: number, day: number): Instant {
    const starts = this.boundariesAt(index).startsOfDays(index);
    const end = this.startAt(index + 1);
    return day < starts.length ? Math.min(starts[day] as number, end) : end;
  }

  /** The place of the month that holds the instant: a guess, put right by at most a step or two. */
  private indexAt(at: Instant): number {
    let index = Math.floor(at / AVERAGE_MONTH);
    // Also refuses fractions and what is no number; milliseconds taken for seconds lie far outside.
    if (!Number.isInteger(at) || index < -1 || index > MONTHS) throw outside(at);
    index = Math.min(Math.max(index, 0), MONTHS - 1);
    while (at < this.startAt(index)) {
      if (index === 0) throw outside(at);
      index -= 1;
    }
    while (at >= this.startAt(index + 1)) {
      if (index === MONTHS - 1) throw outside(at);
      index += 1;
    }
    return index;
  }

  private startAt(index: number): Instant {
    return this.boundariesAt(index).startOfMonth(index);
  }

  private boundariesAt(index: number): ZoneBoundaries {
    for (const stretch of this.stretches) {
      if (index >= stretch.firstMonth) return stretch.boundaries;
    }
    throw new RangeError(`no month at ${index}`);
  }
}

const outside = (at: Instant): RangeError =>
  new RangeError(`${at} is no whole second of the local years ${FIRST_YEAR} to ${LAST_YEAR}`);

/** Far more than there are time lines in use; the oldest goes first. */
const MOST_CALENDARS = 500;
const calendars = new Map<string, Calendar>();

/**
 * The calendar of a creator who has had these zones, ordered by month. Equal time lines share one
 * calendar, so that asking again costs a look-up.
 */
export function calendarOf(timeline: readonly ZoneFrom[]): Calendar {
  let key = '';
  for (const { fromMonth, timeZone } of timeline) key += `${fromMonth ?? ''}=${timeZone};`;
  const known = calendars.get(key);
  if (known !== undefined) return known;
  const made = new ZonedCalendar(stretchesOf(timeline));
  if (calendars.size >= MOST_CALENDARS) {
    for (const oldest of calendars.keys()) {
      calendars.delete(oldest);
      break;
    }
  }
  calendars.set(key, made);
  return made;
}

function stretchesOf(timeline: readonly ZoneFrom[]): Stretch[] {
  let previous = -1;
  const stretches = timeline.map(({ fromMonth, timeZone }, n): Stretch => {
    if ((fromMonth === null) !== (n === 0)) {
      throw new RangeError(
        'the first zone of a calendar, and no other, applies from the beginning',
      );
    }
    const firstMonth = fromMonth === null ? 0 : indexOfMonth(fromMonth);
    if (firstMonth <= previous) throw new RangeError('zones of a calendar are ordered by month');
    previous = firstMonth;
    return { firstMonth, boundaries: boundariesOf(canonicalTimeZone(timeZone)) };
  });
  if (stretches.length === 0) throw new RangeError('a calendar needs a zone');
  return stretches.reverse();
}
