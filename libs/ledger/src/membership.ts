/**
 * The membership decider: whose a membership is, said by an admin where no delivery does (product.md,
 * "People"). Its payments are booked with that person from then on, so it is said once.
 */
import type { Decider } from './decider.js';
import type { MembershipEvent } from './events.js';
import { checkReason } from './reason.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';

export interface AssignMembership {
  readonly type: 'AssignMembership';
  readonly at: Instant;
  readonly creatorId: string;
  readonly memberId: string;
  /** An admin's words; they must name no person, for the log is for ever. */
  readonly reason: string;
}

export interface MembershipState {
  owner: { readonly creatorId: string; readonly memberId: string } | undefined;
}

/** Refuses with `reason_required`, and with `membership_assigned` when it was given to another person. */
export const membershipDecider: Decider<MembershipState, AssignMembership, MembershipEvent> = {
  initial: () => ({ owner: undefined }),
  decide: ({ creatorId, memberId, at, reason }, { owner }) => {
    checkReason(reason);
    if (owner === undefined) {
      const data = { creator: creatorId, member: memberId, reason };
      return [{ type: 'MembershipAssigned', effectiveAt: at, data }];
    }
    if (owner.creatorId === creatorId && owner.memberId === memberId) return [];
    throw new DomainError(
      'membership_assigned',
      `it was assigned to ${owner.memberId} of ${owner.creatorId}, with whom its payments are booked: correct the referrer or refund instead`,
    );
  },
  evolve: (state, event) => {
    state.owner = { creatorId: event.data.creator, memberId: event.data.member };
    return state;
  },
};
