/** The local day that was stamped on a fact's event, and the zone in which it was read. */
import type { Instant } from './values/clock.js';

export interface Stamp {
  readonly at: Instant;
  readonly day: string;
  readonly timeZone: string;
}
