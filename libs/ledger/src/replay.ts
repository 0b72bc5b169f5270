/**
 * The replay decider: that read models built from the log again take the place of those that serve is
 * said once for each replay, with who ordered it and why (product.md, "any repair is a replay").
 */
import type { Decider } from './decider.js';
import type { ReplayEvent, ReplayPromoted } from './events.js';
import { checkReason } from './reason.js';
import type { Instant } from './values/clock.js';

export interface PromoteReplay {
  readonly type: 'PromoteReplay';
  readonly at: Instant;
  /** An admin's words; they must name no person, for the log is for ever. */
  readonly reason: string;
  readonly found: Omit<ReplayPromoted['data'], 'reason'>;
}

export interface ReplayState {
  isPromoted: boolean;
}

/** Refuses with `reason_required`. */
export const replayDecider: Decider<ReplayState, PromoteReplay, ReplayEvent> = {
  initial: () => ({ isPromoted: false }),
  decide: ({ at, reason, found }, { isPromoted }) => {
    checkReason(reason);
    if (isPromoted) return [];
    return [{ type: 'ReplayPromoted', effectiveAt: at, data: { ...found, reason } }];
  },
  evolve: (state) => {
    state.isPromoted = true;
    return state;
  },
};
