/**
 * An admin's word on who referred a member: above every claim, for all of the member's payments; of
 * several the latest stands (product.md, "Who referred whom").
 */
import type { Facts } from './books.js';
import type { ReferrerCorrected } from './events.js';
import { checkReason } from './reason.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';

export interface CorrectReferrer {
  readonly type: 'CorrectReferrer';
  readonly at: Instant;
  /** A member of the same creator, which whoever orders has looked up; null: nobody. */
  readonly referrerId: string | null;
  /** An admin's words; they must name no person, for the log is for ever. */
  readonly reason: string;
}

/** Throws `reason_required`, `referrer_is_member`. The same for the same reason: it is so already. */
export function correctReferrer(
  { at, referrerId, reason }: CorrectReferrer,
  { memberId, correction }: Facts,
): readonly ReferrerCorrected[] {
  checkReason(reason);
  if (referrerId === memberId) {
    throw new DomainError(
      'referrer_is_member',
      'nobody refers themselves: name another member of this creator, or null for nobody',
    );
  }
  if (correction?.referrerId === referrerId && correction.reason === reason) return [];
  return [{ type: 'ReferrerCorrected', effectiveAt: at, data: { referrer: referrerId, reason } }];
}
