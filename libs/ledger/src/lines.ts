/**
 * Lines are the ledger proper: every figure of the product is a sum of lines, every explanation a
 * list of them (docs/architecture.md, section 2). A correction is the negated old line plus the new one.
 */
import type { Instant } from './values/clock.js';

export type LineKind = 'signUp' | 'sale' | 'conversion' | 'reversal' | 'reversedConversion';

export interface Line {
  readonly kind: LineKind;
  /** The fact that this line is about: payment, refund, dispute or membership id. */
  readonly sourceId: string;
  /** The payment concerned; '' for signUp. */
  readonly paymentId: string;
  /** The member's initial payment. */
  readonly first: boolean;
  readonly at: Instant;
  /** `YYYY-MM-DD` and `YYYY-MM` on the creator's calendar. */
  readonly day: string;
  readonly month: string;
  readonly creatorId: string;
  readonly memberId: string;
  readonly referrerId: string | null;
  /** Lower case; null for signUp. */
  readonly currency: string | null;
  /** 1n, or -1n for a line taken back. */
  readonly count: bigint;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}
