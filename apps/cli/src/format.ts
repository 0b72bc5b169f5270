/** How figures, instants and durations are written for people; programs get them with `--json`. */
import { formatInTimeZone } from 'date-fns-tz';
import { formatMinor } from '#libs/ledger';

/** `$99.91` from the API's integer of minor units. */
export const money = (minor: number, currency: string): string =>
  formatMinor(BigInt(minor), currency);

/** `11 820`: thousands apart, as in `11 820/18 234`. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** `412 ms`, `2.4 s`, `1 min 05 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** `2025-10-26 14:00:00 EDT`, whatever zone the machine is in; null is a dash. */
export function instant(iso: string | null | undefined, timeZone: string): string {
  if (iso === null || iso === undefined) return '—';
  return formatInTimeZone(iso, timeZone, 'yyyy-MM-dd HH:mm:ss zzz');
}

/** `October 2025`. */
export const monthName = (month: string): string =>
  formatInTimeZone(`${month}-15T12:00:00Z`, 'UTC', 'MMMM yyyy');
