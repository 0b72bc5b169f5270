/**
 * What a payment or membership is, whatever generation spells it: the input of the renderer, and
 * with it of the demo, the command line and the laws.
 */
import type { Instant } from '#libs/ledger';

/** `v1-pinned`: pinned to 2026-08-14 or later, with flat relations and Money objects. */
export type WhopGeneration = 'v2' | 'v5' | 'v1' | 'v1-pinned';

export const WHOP_GENERATIONS: readonly WhopGeneration[] = ['v2', 'v5', 'v1', 'v1-pinned'];

export interface PersonFacts {
  /** `biz_…` */
  readonly creatorId: string;
  /** `user_…` */
  readonly userId?: string;
  /** `mem_…` */
  readonly membershipId?: string;
  readonly name?: string;
  readonly username?: string;
  readonly email?: string;
}

export interface ClaimFacts {
  readonly referralCode?: string;
  readonly affiliateCode?: string;
  readonly affiliateUsername?: string;
}

export interface SendingFacts {
  /** `msg_…`, the same at every attempt; by default drawn from the facts' id, type and generation. */
  readonly messageId?: string;
  /** When the envelope was written; by default the moment of what it tells. */
  readonly sentAt?: Instant;
}

export interface PaymentFacts extends PersonFacts, ClaimFacts, SendingFacts {
  readonly paymentId: string;
  readonly status: 'succeeded' | 'failed';
  /** Major units: "49.99". */
  readonly amount: string;
  /** Left out where it is undefined, as old bodies do. */
  readonly currency?: string;
  /** Null or absent when nothing was paid. */
  readonly paidAt?: Instant | null;
  readonly createdAt: Instant;
  readonly billingReason?: string;
}

export interface MembershipFacts extends PersonFacts, ClaimFacts, SendingFacts {
  readonly membershipId: string;
  readonly status: 'activated' | 'deactivated';
  readonly joinedAt?: Instant;
  readonly createdAt: Instant;
}

/** `refund.created` tells it first, `refund.updated` every state after that; disputes likewise. */
export interface ReversalFacts extends PersonFacts, SendingFacts {
  /** `rf_…` or `dspt_…` */
  readonly reversalId: string;
  readonly kind: 'refund' | 'dispute';
  readonly event: 'created' | 'updated';
  readonly paymentId: string;
  /** `pending`, `succeeded`, `failed`…; `needs_response`, `lost`, `won`… */
  readonly status: string;
  /** Major units. */
  readonly amount: string;
  readonly currency: string;
  readonly createdAt: Instant;
}

export const isLegacy = (generation: WhopGeneration): boolean =>
  generation === 'v2' || generation === 'v5';
