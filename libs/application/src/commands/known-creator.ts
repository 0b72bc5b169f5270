/** Orders about members need a creator that is known: a mistyped one must not come into being. */
import {
  type CreatorState,
  creatorDecider,
  creatorStream,
  type Defaults,
  DomainError,
} from '#libs/ledger';
import type { Decisions } from '../decisions.js';

/** Throws `creator_not_found`. */
export function knownCreator(
  seen: Pick<Decisions, 'stateOf'>,
  creatorId: string,
): { readonly state: CreatorState; readonly defaults: Defaults } {
  const state = seen.stateOf(creatorDecider, creatorStream(creatorId));
  if (state.defaults !== undefined) return { state, defaults: state.defaults };
  throw new DomainError('creator_not_found', `no creator ${creatorId} is known`);
}
