/**
 * A refund or dispute, decided. It belongs to whoever paid: until the payment is known to have
 * succeeded it is parked. What the ledger refuses because of its currency is quarantined, and
 * looked at again when a telling names another currency of the payment, or of the reversal itself:
 * so the order in which these are told cannot matter.
 */
import {
  creatorDecider,
  creatorStream,
  DomainError,
  type Instant,
  type MemberEvent,
  memberDecider,
  ownerOf,
  settingsOf,
} from '#libs/ledger';
import { currencyKey, paidKey, reversalKey } from './keys.js';
import type { ReversalTelling } from './provider.js';
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
  let events: readonly MemberEvent[];
  try {
    events = decide(telling, receivedAt, stream, context);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const waitsFor = [reversalKey(telling.reversalId), currencyKey(paymentId)];
    return { outcome: 'quarantined', code: error.code, detail: error.message, waitsFor };
  }
  const conflict = isContradiction(events);
  const metadata = { delivery: deliveryId };
  if (events.length === 0) return { outcome: 'unchanged', stream, accepted: [], conflict };
  if (!conflict) {
    storeFirstFact(ownerOf(stream), receivedAt, context, metadata);
    routing.addRoute(reversalKey(telling.reversalId), stream);
    routing.arrive(reversalKey(telling.reversalId));
  }
  const accepted = decisions.accept(stream, events, metadata);
  return { outcome: 'applied', stream, accepted, conflict };
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
