/**
 * Ranges of local months or days, both ends included (product.md, "Figures"). What is left out has a
 * default; what lies after the current month, ends before it begins, or is longer than the limit is
 * refused.
 */
import {
  type Calendar,
  DomainError,
  type Instant,
  isDay,
  isMonth,
  monthsBetween,
  previousMonth,
} from '#libs/ledger';

/** Twenty years. */
export const MAX_MONTHS = 240;
/** Two years, leap or not. */
export const MAX_DAYS = 732;
const DEFAULT_MONTHS = 12;
const FIRST_MONTH = '1970-01';

export interface AskedRange {
  /** A month; where days are meant, a day or a month, which is its first day. */
  readonly from?: string | undefined;
  /** Likewise; a month is its last day. */
  readonly to?: string | undefined;
}

export interface Range {
  readonly from: string;
  readonly to: string;
  /** Every month or day of it, in order. */
  readonly all: readonly string[];
}

/** The month by whose settings a range is answered: its last. */
export const lastMonthOf = ({ to }: AskedRange): string | undefined => to?.slice(0, 7);

/** `months` months that end with `last`, fewer at the beginning of time. */
export function monthsUpTo(last: string, months: number): Range {
  if (months > MAX_MONTHS) throw tooLong(MAX_MONTHS, 'months');
  const past = monthsBetween(FIRST_MONTH, last);
  const all = past.slice(-months);
  return { from: all[0] ?? last, to: last, all };
}

/** The first days of a month. */
export interface FirstDays {
  readonly month: string;
  readonly from: string;
  /** The last of them. */
  readonly to: string;
}

/**
 * The days of the current month up to today, and as many of the month before: all of it, where it is
 * shorter. Days are those of the creator's calendar, in the zone that each month has.
 */
export function sameDays(
  calendar: Pick<Calendar, 'monthOf' | 'dayOf' | 'daysOfMonth'>,
  now: Instant,
): { readonly soFar: FirstDays; readonly before: FirstDays } {
  const month = calendar.monthOf(now);
  const days = calendar.daysOfMonth(month);
  const today = calendar.dayOf(now);
  const earlier = previousMonth(month);
  const daysBefore = calendar.daysOfMonth(earlier);
  const nth = Math.min(days.indexOf(today), daysBefore.length - 1);
  return {
    soFar: { month, from: days[0] ?? today, to: today },
    before: { month: earlier, from: daysBefore[0] ?? '', to: daysBefore[nth] ?? '' },
  };
}

/** `last`: the month of `to`, or the current one. Throws `range_malformed`, `range_invalid`, `range_too_long`. */
export function monthRange({ from, to }: AskedRange, last: string): Range {
  for (const end of [from, to]) {
    if (end !== undefined && !isMonth(end))
      throw new DomainError(
        'range_malformed',
        `'${end}' is no month: by month, from and to are months such as 2026-03`,
      );
  }
  if (from === undefined) return monthsUpTo(last, DEFAULT_MONTHS);
  if (from > last) throw to === undefined ? notBegun(from, last) : backwards(from, last);
  const all = monthsBetween(from, last);
  if (all.length > MAX_MONTHS) throw tooLong(MAX_MONTHS, 'months');
  return { from, to: last, all };
}

/** Of days; by default those of the month `last`. `daysOf`: the days of a month. Throws as `monthRange`. */
export function dayRange(
  { from, to }: AskedRange,
  last: string,
  daysOf: (month: string) => readonly string[],
): Range {
  const first = dayOf(from ?? last, (days) => days[0]);
  const end = dayOf(to ?? last, (days) => days.at(-1));
  if (first > end) throw to === undefined ? notBegun(first, last) : backwards(from ?? first, to);
  const [firstMonth, endMonth] = [first.slice(0, 7), end.slice(0, 7)];
  // Judged before days are listed: centuries of them are none to hold.
  const months = monthsBetween(firstMonth, endMonth);
  if (months.length > MAX_MONTHS) throw tooLong(MAX_DAYS, 'days');
  const all = months.flatMap(daysOf).filter((day) => day >= first && day <= end);
  if (all.length > MAX_DAYS) throw tooLong(MAX_DAYS, 'days');
  return { from: first, to: end, all };

  function dayOf(text: string, pick: (days: readonly string[]) => string | undefined): string {
    const day = isMonth(text) ? pick(daysOf(text)) : isDay(text) ? text : undefined;
    if (day !== undefined) return day;
    throw new DomainError(
      'range_malformed',
      `'${text}' is no day and no month: from and to are such as 2026-03-01 or 2026-03`,
    );
  }
}

const backwards = (from: string, to: string): DomainError =>
  new DomainError('range_invalid', `from ${from} lies after to ${to}: exchange them`);

const notBegun = (from: string, current: string): DomainError =>
  new DomainError('month_in_future', `${from} has not begun: the current month is ${current}`);

const tooLong = (max: number, what: string): DomainError =>
  new DomainError('range_too_long', `a range has at most ${max} ${what}: ask for several`);
