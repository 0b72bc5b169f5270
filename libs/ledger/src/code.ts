/** The code decider: a referral code belongs to the first who reserves it, for ever. */
import type { Decider } from './decider.js';
import type { CodeEvent } from './events.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';

export interface ReserveCode {
  readonly type: 'ReserveCode';
  readonly at: Instant;
  readonly creatorId: string;
  readonly memberId: string;
  /** Chosen, not drawn: it resolves only claims dated after `at`. */
  readonly vanity?: true;
}

export interface CodeState {
  owner: { readonly creatorId: string; readonly memberId: string } | undefined;
}

export const codeDecider: Decider<CodeState, ReserveCode, CodeEvent> = {
  initial: () => ({ owner: undefined }),
  decide: (command, { owner }) => {
    const { creatorId, memberId, at, vanity } = command;
    if (owner === undefined) {
      const data = { creator: creatorId, member: memberId, ...(vanity ? { vanity } : {}) };
      return [{ type: 'ReferralCodeReserved', effectiveAt: at, data }];
    }
    if (owner.creatorId === creatorId && owner.memberId === memberId) return [];
    throw new DomainError(
      'code_taken',
      'this referral code belongs to another member, for ever: choose another one',
    );
  },
  evolve: (state, event) => {
    state.owner = { creatorId: event.data.creator, memberId: event.data.member };
    return state;
  },
};
