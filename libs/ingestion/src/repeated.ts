/**
 * A delivery that was decided before, and cut off before what goes along with its events was written.
 * Where a cluster keeps the log, events are not in the transaction that writes routes and marks
 * deliveries. The delivery is still pending then and is decided again: the ledger answers that all of it
 * is known, and what should lead to its facts is said once more. It follows from the facts, not from
 * the telling, which may contradict them; where it was written already it changes nothing.
 */
import {
  claimKeysOf,
  codeDecider,
  codeStream,
  currencyGap,
  memberDecider,
  ownerOf,
} from '#libs/ledger';
import { currencyKey, membershipKey, paidKey, paymentKey, reversalKey } from './keys.js';
import type { ReversalTelling, Telling } from './provider.js';
import { type BatchContext, codesOf, factTold, updateBearings } from './tell.js';

type PersonTelling = Exclude<Telling, ReversalTelling>;

/** Routes, watchers, usernames and wake-up calls of a known payment or membership. */
export function restateFact(telling: PersonTelling, stream: string, context: BatchContext): void {
  const { decisions, routing } = context;
  const state = decisions.stateOf(memberDecider, stream);
  if (factTold(telling, state.facts) === undefined) return;
  restateCode(stream, context);
  if (telling.kind === 'payment') {
    const fact = state.facts.payments.get(telling.paymentId);
    routing.addRoute(paymentKey(telling.paymentId), stream);
    if (fact?.membershipId !== undefined)
      routing.addRoute(membershipKey(fact.membershipId), stream);
    if (fact?.paid !== undefined) {
      routing.arrive(paidKey(telling.paymentId));
      if (!fact.paid.currencyAssumed) routing.arrive(currencyKey(telling.paymentId));
    }
  } else {
    routing.addRoute(membershipKey(telling.membershipId), stream);
  }
  for (const key of claimKeysOf(state.facts)) routing.watch(key, stream);
  updateBearings(telling, stream, state, routing);
}

/** Whoever waited for a reversal is woken only where it stands: what is quarantined would wake itself for ever. */
export function restateReversal(
  reversalId: string,
  stream: string,
  { decisions, routing }: BatchContext,
): void {
  const { facts } = decisions.stateOf(memberDecider, stream);
  if (!facts.reversals.has(reversalId)) return;
  routing.addRoute(reversalKey(reversalId), stream);
  if (currencyGap(facts, reversalId) === undefined) routing.arrive(reversalKey(reversalId));
}

/** The member's own drawn code, reserved in its stream, leads to the member. */
function restateCode(stream: string, { decisions, routing, keys }: BatchContext): void {
  for (const code of codesOf(stream)) {
    if (routing.streamOf(keys.code(code)) === stream) return;
    const reservation = codeStream(code);
    if (!decisions.isLoaded(reservation)) continue;
    const { owner } = decisions.stateOf(codeDecider, reservation);
    const { creatorId, memberId } = ownerOf(stream);
    if (owner?.creatorId !== creatorId || owner.memberId !== memberId) continue;
    routing.addRoute(keys.code(code), stream);
    return;
  }
}

/** Keys that are to be known before anything is said once more. */
export function keysRestated(
  tellings: readonly Telling[],
  streamOf: (telling: Telling) => string | undefined,
  { decisions, keys }: Pick<BatchContext, 'decisions' | 'keys'>,
): string[] {
  return tellings.flatMap((telling) => {
    const stream = streamOf(telling);
    if (stream === undefined || telling.kind === 'refund' || telling.kind === 'dispute') return [];
    const { facts } = decisions.stateOf(memberDecider, stream);
    const [drawn = ''] = codesOf(stream);
    const of = telling.kind === 'payment' ? facts.payments.get(telling.paymentId) : undefined;
    const membership = of?.membershipId === undefined ? [] : [membershipKey(of.membershipId)];
    return [keys.code(drawn), ...membership];
  });
}
