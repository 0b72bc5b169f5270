/**
 * Months and days as texts, and the instants at which they begin in a zone: a day begins at the
 * first instant whose local day is that or a later one (product.md, "Instants"). What a creator's
 * calendar makes of them is in month.ts.
 */

import type { Instant } from './clock.js';
import { bytewise } from './compare.js';
import { canonicalTimeZone, firstInstantsAt } from './time-zone.js';

export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2199;
/** How many months there are, `1970-01` to `2199-12`. */
export const MONTHS = (LAST_YEAR - FIRST_YEAR + 1) * 12;

const DAY = 86_400;
const MONTH_TEXT = /^(\d{4})-(\d\d)$/;
const DAY_TEXT = /^(\d{4}-\d\d)-(\d\d)$/;

const padded = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

/** All months in order; a month's index is its place here. */
const months: readonly string[] = Array.from(
  { length: MONTHS },
  (_, index) => `${yearOf(index)}-${padded(monthOfYear(index))}`,
);

function yearOf(index: number): number {
  return FIRST_YEAR + Math.floor(index / 12);
}
function monthOfYear(index: number): number {
  return (index % 12) + 1;
}

/** The month at this place, counted from `1970-01`. */
export function monthAt(index: number): string {
  const month = months[index];
  if (month === undefined) throw new RangeError(`no month outside ${FIRST_YEAR} to ${LAST_YEAR}`);
  return month;
}

function placeOf(month: string): number | undefined {
  const match = MONTH_TEXT.exec(month);
  if (match === null) return undefined;
  const index = (Number(match[1]) - FIRST_YEAR) * 12 + Number(match[2]) - 1;
  return months[index] === month ? index : undefined;
}

/** The place of a month, counted from `1970-01`. */
export function indexOfMonth(month: string): number {
  const index = placeOf(month);
  if (index === undefined) {
    throw new RangeError(`'${month}' is no month of ${FIRST_YEAR} to ${LAST_YEAR}`);
  }
  return index;
}

/** Whether this is a month `YYYY-MM` of the years that the ledger can hold. */
export const isMonth = (text: string): boolean => placeOf(text) !== undefined;
export const addMonths = (month: string, n: number): string => monthAt(indexOfMonth(month) + n);
export const nextMonth = (month: string): string => addMonths(month, 1);
export const previousMonth = (month: string): string => addMonths(month, -1);

/** The months from the first to the last, both included; none if the last lies before the first. */
export function monthsBetween(first: string, last: string): string[] {
  return months.slice(indexOfMonth(first), indexOfMonth(last) + 1);
}

/** Order in time; the texts are fixed-width, so it is theirs. */
export const compareMonths = bytewise;

const daysInMonth = (year: number, month: number): number =>
  (Date.UTC(year, month, 1) - Date.UTC(year, month - 1, 1)) / (DAY * 1000);

const daysOfMonths: (readonly string[] | undefined)[] = new Array(MONTHS);

/** The days `YYYY-MM-DD` of the month at this place. */
export function daysOfMonthAt(index: number): readonly string[] {
  const known = daysOfMonths[index];
  if (known !== undefined) return known;
  const month = monthAt(index);
  const length = daysInMonth(yearOf(index), monthOfYear(index));
  const days = Array.from({ length }, (_, n) => `${month}-${padded(n + 1)}`);
  daysOfMonths[index] = days;
  return days;
}

/** Where a day stands: the place of its month and its own within it, both from 0. */
export function placeOfDay(day: string): { readonly month: number; readonly day: number } {
  const match = DAY_TEXT.exec(day);
  const month = match === null ? undefined : placeOf(match[1] ?? '');
  const inMonth = Number(match?.[2]) - 1;
  if (month === undefined || daysOfMonthAt(month)[inMonth] !== day) {
    throw new RangeError(`'${day}' is no day of ${FIRST_YEAR} to ${LAST_YEAR}`);
  }
  return { month, day: inMonth };
}

/** Whether this is a day `YYYY-MM-DD` of the years that the ledger can hold. */
export function isDay(text: string): boolean {
  const match = DAY_TEXT.exec(text);
  const month = match === null ? undefined : placeOf(match[1] ?? '');
  return month !== undefined && daysOfMonthAt(month).includes(text);
}

/** The month `YYYY-MM` of a day `YYYY-MM-DD`. */
export const monthOfDay = (day: string): string => monthAt(placeOfDay(day).month);

/** Every day from the first to the last, both included; none if the last lies before the first. */
export function daysBetween(first: string, last: string): string[] {
  const from = placeOfDay(first);
  const to = placeOfDay(last);
  const days: string[] = [];
  for (let index = from.month; index <= to.month; index += 1) days.push(...daysOfMonthAt(index));
  return days.filter((day) => day >= first && day <= last);
}

/** The first instant whose local day in the zone is this one or a later one. */
export function firstInstantOfDay(zone: string, year: number, month: number, day: number): Instant {
  const known = Number.isInteger(year) && year >= FIRST_YEAR && year <= LAST_YEAR;
  const inYear = Number.isInteger(month) && month >= 1 && month <= 12;
  if (!known || !inYear || !Number.isInteger(day) || day < 1 || day > daysInMonth(year, month)) {
    throw new RangeError(`${year}-${month}-${day} is no day of ${FIRST_YEAR} to ${LAST_YEAR}`);
  }
  return beginning(canonicalTimeZone(zone), Date.UTC(year, month - 1, day) / 1000);
}

/** The first instant whose local month in the zone is this one. */
export function firstInstantOfMonth(zone: string, month: string): Instant {
  return firstInstantOfMonthAt(canonicalTimeZone(zone), indexOfMonth(month));
}

/** The same by place; the place after the last month ends it. The zone is spelled canonically. */
export const firstInstantOfMonthAt = (zone: string, index: number): Instant =>
  beginning(zone, Date.UTC(yearOf(index), index % 12, 1) / 1000);

/** The first instants of every day of the month at this place, in order. */
export function firstInstantsOfDays(zone: string, index: number): Float64Array {
  const midnight = Date.UTC(yearOf(index), index % 12, 1) / 1000;
  return Float64Array.from(
    firstInstantsAt(
      zone,
      daysOfMonthAt(index).map((_, n) => midnight + n * DAY),
    ),
  );
}

function beginning(zone: string, midnight: number): Instant {
  const [at] = firstInstantsAt(zone, [midnight]);
  if (at === undefined) throw new RangeError(`no such midnight in ${zone}`);
  return at;
}

/**
 * Whether the month has still to begin in both zones: the condition for changing a creator's zone
 * from the one to the other with the start of that month.
 */
export function startsAhead(month: string, zoneA: string, zoneB: string, now: Instant): boolean {
  return firstInstantOfMonth(zoneA, month) > now && firstInstantOfMonth(zoneB, month) > now;
}
