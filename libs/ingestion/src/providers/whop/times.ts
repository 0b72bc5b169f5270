/**
 * Reads the provider's times: integer unix seconds, also as a string of digits, or ISO 8601 with a
 * zone designator. All are floored to whole seconds.
 */
import { DomainError, type Instant } from '#libs/ledger';

/** A time further ahead of its receipt than this makes no sense (product.md, "Money"). */
export const MAX_AHEAD_SECONDS = 24 * 60 * 60;

const DIGITS = /^\d{1,11}$/;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,12})?(?:[Zz]|([+-])(\d\d):?(\d\d))$/;

const FIRST_YEAR = 1970;
/** West of Greenwich the calendar's first day, 1970-01-01, begins late: the zero of a broken clock is no time. */
const FIRST_SENSIBLE = 24 * 60 * 60;
/** The first instant of the year 2200. */
const FIRST_TOO_LATE = Date.UTC(2200, 0, 1) / 1000;

/**
 * The instant that a field tells, or undefined where it tells none.
 * @throws DomainError `time_malformed`, `time_in_future`
 */
export function timeOf(value: unknown, field: string, receivedAt: Instant): Instant | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const at = instantIn(value);
  if (at === undefined || at < FIRST_SENSIBLE || at >= FIRST_TOO_LATE)
    throw new DomainError('time_malformed', `${field} is not a time from 1970-01-02 to 2199`);
  if (at > receivedAt + MAX_AHEAD_SECONDS)
    throw new DomainError('time_in_future', `${field} is more than 24 hours after its receipt`);
  return at;
}

/** As timeOf, where nonsense is no reason to stop: for lists of what was refused. */
export function readableTime(value: unknown, receivedAt: Instant): Instant | undefined {
  try {
    return timeOf(value, '', receivedAt);
  } catch {
    return undefined;
  }
}

function instantIn(value: unknown): Instant | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  return DIGITS.test(value) ? Number(value) : isoInstant(value);
}

/** Floored by leaving the fraction out: it only ever adds to a later moment of the same second. */
function isoInstant(text: string): Instant | undefined {
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as Six;
  // Also keeps Date.UTC from reading the years 0 to 99 as 1900 to 1999.
  if (year < FIRST_YEAR) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const ahead = Number(parts[8] ?? 0) * 3600 + Number(parts[9] ?? 0) * 60;
  if (Number(parts[8] ?? 0) > 23 || Number(parts[9] ?? 0) > 59) return undefined;
  const local = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return parts[7] === '-' ? local + ahead : local - ahead;
}

type Six = [number, number, number, number, number, number];

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}
