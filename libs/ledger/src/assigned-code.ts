/** A member's referral code changes: drawn by the intake, or chosen (product.md, "People"). */
import type { MemberEvent } from './events.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';

export interface AssignReferralCode {
  readonly type: 'AssignReferralCode';
  readonly at: Instant;
  readonly code: string;
  /** Chosen by the member: no more than MAX_CODES_CHOSEN in its life, for each is taken for ever. */
  readonly isOwnChoice?: boolean;
}

/** Codes a member may have chosen for itself or been given, beside the one that was drawn. */
export const MAX_CODES_CHOSEN = 10;

/** Throws `codes_exhausted`. One that the member had before may always be taken up again. */
export function assignCode(
  { at, code, isOwnChoice = false }: AssignReferralCode,
  {
    code: shown,
    codes,
  }: { readonly code: string | undefined; readonly codes: ReadonlySet<string> },
): readonly MemberEvent[] {
  if (shown === code) return [];
  if (isOwnChoice && !codes.has(code) && codes.size > MAX_CODES_CHOSEN) {
    throw new DomainError(
      'codes_exhausted',
      `a member may choose ${MAX_CODES_CHOSEN} codes, each is kept for ever: ask whoever runs the program`,
    );
  }
  return [{ type: 'ReferralCodeAssigned', effectiveAt: at, data: { code } }];
}
