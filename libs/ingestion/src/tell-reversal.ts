/**
 * A refund or dispute, decided. It belongs to whoever paid: until the payment is known to have
 * succeeded it is parked. A telling that leaves it in another currency than the sale is kept and
 * takes nothing: it is quarantined, for people to see, and looked at again when a telling names
 * another currency of the payment, or an amount of the reversal that fits.
 */
import {
  creatorDecider,
  creatorStream,
  currencyGap,
  DomainError,
  type Instant,
  type MemberEvent,
  memberDecider,
  ownerOf,
  settingsOf,
} from '#libs/ledger';
import { currencyKey, paidKey, reversalKey } from './keys.js';
import type { ReversalTelling } from './provider.js';
import { restateReversal } from './repeated.js';
import {
  type BatchContext,
  isContradiction,
  personOf,
  storeFirstFact,
  streamOf,
  type Told,
} from './tell.js';

export function tellReversal(
  telling: ReversalTelling,
  deliveryId: string,
  receivedAt: Instant,
  context: BatchContext,
): Told {
  const { decisions, routing } = context;
  const stream = streamOf(telling, routing);
  if (stream === undefined) return parked(telling);
  const { facts } = decisions.stateOf(memberDecider, stream);
  const paymentId = facts.reversals.get(telling.reversalId)?.paymentId ?? telling.paymentId ?? '';
  if (facts.payments.get(paymentId)?.paid === undefined) return parked(telling);
  const waitsFor = [reversalKey(telling.reversalId), currencyKey(paymentId)];
  let events: readonly MemberEvent[];
  try {
    events = decide(telling, receivedAt, stream, context);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { outcome: 'quarantined', code: error.code, detail: error.message, waitsFor };
  }
  const conflict = isContradiction(events);
  const metadata = { delivery: deliveryId };
  if (events.length > 0 && !conflict) {
    storeFirstFact(ownerOf(stream), receivedAt, context, metadata);
    routing.addRoute(reversalKey(telling.reversalId), stream);
    routing.arrive(reversalKey(telling.reversalId));
  }
  const accepted = decisions.accept(stream, events, metadata);
  if (context.repeats && events.length === 0) restateReversal(telling.reversalId, stream, context);
  const gap = currencyGap(decisions.stateOf(memberDecider, stream).facts, telling.reversalId);
  if (gap !== undefined && !conflict)
    return { outcome: 'quarantined', code: 'currency_differs', detail: gap, waitsFor, accepted };
  const outcome = events.length === 0 ? 'unchanged' : 'applied';
  return { outcome, stream, accepted, conflict };
}

function decide(
  telling: ReversalTelling,
  receivedAt: Instant,
  stream: string,
  { decisions, defaults }: BatchContext,
): readonly MemberEvent[] {
  const { person, ...fields } = telling;
  const creator = creatorStream(ownerOf(stream).creatorId);
  const settings = settingsOf(decisions.stateOf(creatorDecider, creator), defaults);
  return memberDecider.decide(
    {
      type: 'RecordReversal',
      ...fields,
      ...personOf(person, stream),
      receivedAt,
      settings,
      resolving: [],
    },
    decisions.stateOf(memberDecider, stream),
  );
}

function parked({ kind, reversalId, paymentId }: ReversalTelling): Told {
  return {
    outcome: 'parked',
    code: 'payment_unknown',
    detail:
      paymentId === undefined
        ? `no telling of this ${kind} has named its payment yet`
        : `${paymentId} is not known to have succeeded yet`,
    waitsFor: [reversalKey(reversalId), ...(paymentId === undefined ? [] : [paidKey(paymentId)])],
  };
}
