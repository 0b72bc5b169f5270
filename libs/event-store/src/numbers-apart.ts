/**
 * Numbers that a database gives (deliveries, orders, replays) stand in events, and where a cluster keeps
 * the log it may hold events with numbers that were given after a backup of the journal was made. So a
 * journal that is restored gives its next numbers in another range: none ever names two things. What an
 * event names above the highest number of a range was told to a database that is gone, or to another.
 */

/** How many numbers a range has: more than are given between two backups. */
export const NUMBERS_IN_RANGE = 1_000_000_000n;

/** The last number before the range behind that of `last`. */
export const endOfRange = (last: bigint): bigint =>
  (last / NUMBERS_IN_RANGE + 1n) * NUMBERS_IN_RANGE;
