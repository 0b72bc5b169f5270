/**
 * New York's calendar in 2025, the demo's only year and zone. Written out: the data must not
 * depend on a time zone database: a newer one would change the demo's bytes.
 */
import type { Instant } from '#libs/ledger';

const hour = 3600;
const day = 24 * hour;
/** Clocks in New York go forward on March 9 at 07:00 UTC and back on November 2 at 06:00 UTC. */
const summerBegins = Date.UTC(2025, 2, 9, 7) / 1000;
const summerEnds = Date.UTC(2025, 10, 2, 6) / 1000;

/** The instant of a local time in New York in 2025; not for the missing hour of March 9. */
export function newYork(
  month: number,
  dayOfMonth: number,
  hours = 0,
  minutes = 0,
  seconds = 0,
): Instant {
  const local = Date.UTC(2025, month - 1, dayOfMonth, hours, minutes, seconds) / 1000;
  const summer = local + 4 * hour;
  return summer >= summerBegins && summer < summerEnds ? summer : local + 5 * hour;
}

/** The same local time `months` later; days after the 28th are not asked for. */
export function monthsLater(at: Instant, months: number): Instant {
  const local = localDate(at);
  return newYork(
    local.getUTCMonth() + 1 + months,
    local.getUTCDate(),
    local.getUTCHours(),
    local.getUTCMinutes(),
    local.getUTCSeconds(),
  );
}

/** The same local time `days` later. */
export function daysLater(at: Instant, days: number): Instant {
  const local = localDate(at);
  return newYork(
    local.getUTCMonth() + 1,
    local.getUTCDate() + days,
    local.getUTCHours(),
    local.getUTCMinutes(),
    local.getUTCSeconds(),
  );
}

/** 1 to 12 in New York. */
export const monthOf = (at: Instant): number => localDate(at).getUTCMonth() + 1;

/** Days since 1970 in New York. */
export const dayNumberOf = (at: Instant): number => Math.floor(localSeconds(at) / day);

/** The community opens, and the demo's clock stands still. */
export const opensAt = newYork(1, 1, 9);
export const frozenAt = newYork(10, 26, 14);
/** No fact is later than a minute before the clock stands still. */
export const lastInstant = newYork(10, 26, 13, 59);

const localSeconds = (at: Instant): number =>
  at - (at >= summerBegins && at < summerEnds ? 4 : 5) * hour;
const localDate = (at: Instant): Date => new Date(localSeconds(at) * 1000);
