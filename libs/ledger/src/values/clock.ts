/** Time as the ledger sees it: instants are whole unix seconds, and nothing in the domain asks a clock. */

/** Whole seconds since 1970-01-01T00:00:00Z (product.md, "Instants are floored to whole seconds"). */
export type Instant = number;

/** Where the time of day comes from; the demo freezes it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
export const frozenClock = (ms: number): Clock => ({ now: () => ms });
/** An instant as a text: ISO 8601 to the minute, second or millisecond, with its offset. Whether such a day exists it does not say. */
export const INSTANT_TEXT =
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

export const instantOf = (ms: number): Instant => Math.floor(ms / 1000);
