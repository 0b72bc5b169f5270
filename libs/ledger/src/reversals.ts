/**
 * Refunds and disputes, the facts that take money back (product.md, "Reversals"). Their states have
 * no reliable time and merge by rank; which of them move money, in which order and by how much is
 * said here, what that does to the books in `booksOf`.
 */
import type { Stamp } from './stamp.js';
import type { Instant } from './values/clock.js';
import { bytewise } from './values/compare.js';
import { DomainError } from './values/domain-error.js';
import { minorOf, plainDecimalOf } from './values/money.js';

export type ReversalKind = 'refund' | 'dispute';

/** `open` stands for every state of a dispute that has not ended, for `closed` and for whatever moves nothing. */
export type ReversalState =
  | 'pending'
  | 'requires_action'
  | 'succeeded'
  | 'canceled'
  | 'failed'
  | 'open'
  | 'lost'
  | 'won'
  | 'warning_closed';

const RANKS: Readonly<Record<ReversalKind, Readonly<Partial<Record<ReversalState, number>>>>> = {
  refund: { pending: 0, requires_action: 1, succeeded: 2, canceled: 3, failed: 4 },
  dispute: { open: 0, lost: 1, won: 2, warning_closed: 2 },
};

/** The state that stands when both were told: the higher rank; of won and warning_closed, which mean the same, the first by name. */
export function higherState(kind: ReversalKind, a: ReversalState, b: ReversalState): ReversalState {
  const [rankOfA, rankOfB] = [rankOf(kind, a), rankOf(kind, b)];
  if (rankOfA === rankOfB) return bytewise(a, b) <= 0 ? a : b;
  return rankOfA > rankOfB ? a : b;
}

function rankOf(kind: ReversalKind, state: ReversalState): number {
  const rank = RANKS[kind][state];
  if (rank === undefined) throw new DomainError('status_unknown', `a ${kind} is never ${state}`);
  return rank;
}

export interface AmountTold {
  readonly minor: bigint;
  readonly currency: string;
}

export interface ReversalFact {
  readonly reversalId: string;
  readonly kind: ReversalKind;
  readonly paymentId: string;
  readonly state: ReversalState;
  /** `assumed`: no telling has named its currency yet, it is that of the sale. */
  readonly amount: AmountTold & { readonly assumed: boolean };
  /** In the currency of the sale where `amount` is in another. */
  readonly original?: AmountTold;
  readonly createdAt?: Instant;
  /** `createdAt`, else the earliest envelope time told: what dates the reversal. */
  readonly at: Instant;
  readonly stamp: Stamp;
}

/**
 * What a refund or dispute claims of a sale in this currency, before any cap; undefined: its
 * amounts are in other currencies, which are never converted.
 */
export function amountAgainst(
  currency: string,
  { amount, original }: Pick<ReversalFact, 'amount' | 'original'>,
): bigint | undefined {
  if (amount.currency === currency) return amount.minor;
  if (amount.assumed) return minorIfFits(plainDecimalOf(amount.minor, amount.currency), currency);
  return original?.currency === currency ? original.minor : undefined;
}

/** A decimal without a currency of its own, in the minor units of one that was learned later. */
function minorIfFits(decimal: string, currency: string): bigint | undefined {
  try {
    return minorOf(decimal, currency);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

const movesMoney = ({ state }: ReversalFact): boolean => state === 'succeeded' || state === 'lost';

/** What takes money back, by payment, each payment's in the order of `(time, id)`. */
export function reversalsByPayment(
  reversals: Iterable<ReversalFact>,
): ReadonlyMap<string, readonly ReversalFact[]> {
  const found = new Map<string, ReversalFact[]>();
  for (const reversal of reversals) {
    if (!movesMoney(reversal)) continue;
    const own = found.get(reversal.paymentId);
    if (own === undefined) found.set(reversal.paymentId, [reversal]);
    else own.push(reversal);
  }
  for (const own of found.values()) {
    own.sort((a, b) => a.at - b.at || bytewise(a.reversalId, b.reversalId));
  }
  return found;
}
