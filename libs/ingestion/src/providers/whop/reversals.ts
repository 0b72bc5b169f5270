/**
 * Reads refunds and disputes of every generation. Both name their payment as `payment_id` or as a
 * nested `payment`, which is described there as the payment was: whose it is, never what it claims.
 */
import { DomainError, type Instant, type ReversalState } from '#libs/ledger';
import type { Person, ReversalTelling } from '../../provider.js';
import { amountOf } from './amounts.js';
import { type Json, objectOf } from './body.js';
import { timeOf } from './times.js';
import { creatorIdOf, idOf, present } from './words.js';

const REFUND_STATES: ReadonlyMap<string, ReversalState> = new Map(
  (['pending', 'requires_action', 'succeeded', 'canceled', 'failed'] as const).map((state) => [
    state,
    state,
  ]),
);

/** Every state that has not ended is open; `closed` says nothing of who won and moves nothing. */
const DISPUTE_STATES: ReadonlyMap<string, ReversalState> = new Map<string, ReversalState>([
  ['warning_needs_response', 'open'],
  ['warning_under_review', 'open'],
  ['needs_response', 'open'],
  ['under_review', 'open'],
  ['other', 'open'],
  ['closed', 'open'],
  ['lost', 'lost'],
  ['won', 'won'],
  ['warning_closed', 'warning_closed'],
]);

/** @throws DomainError `refund_id_missing`, `status_missing`, `status_unknown`, `created_at_missing`, and those of amounts, ids and times */
export function refundOf(envelope: Json, data: Json, receivedAt: Instant): ReversalTelling {
  const reversalId = idOf('rf_', data.id);
  if (reversalId === undefined)
    throw new DomainError('refund_id_missing', 'data.id is not the id of a refund');
  return reversalOf(envelope, data, receivedAt, {
    kind: 'refund',
    reversalId,
    state: stateOf(data.status, REFUND_STATES),
  });
}

/** A dispute that the card network settled by itself (`visa_rdr`) is lost, unless it was won. As refundOf. */
export function disputeOf(envelope: Json, data: Json, receivedAt: Instant): ReversalTelling {
  const reversalId = idOf('dspt_', data.id);
  if (reversalId === undefined)
    throw new DomainError('dispute_id_missing', 'data.id is not the id of a dispute');
  const told = stateOf(data.status, DISPUTE_STATES);
  const state = data.visa_rdr === true && told === 'open' ? 'lost' : told;
  return reversalOf(envelope, data, receivedAt, { kind: 'dispute', reversalId, state });
}

function reversalOf(
  envelope: Json,
  data: Json,
  receivedAt: Instant,
  fact: Pick<ReversalTelling, 'kind' | 'reversalId' | 'state'>,
): ReversalTelling {
  const payment = objectOf(data.payment) ?? {};
  const createdAt = timeOf(data.created_at, 'created_at', receivedAt);
  const toldAt =
    createdAt === undefined ? timeOf(envelope.timestamp, 'timestamp', receivedAt) : undefined;
  if (createdAt === undefined && toldAt === undefined)
    throw new DomainError('created_at_missing', 'neither created_at nor an envelope time is told');
  return present<ReversalTelling>({
    ...fact,
    paymentId: idOf('pay_', data.payment_id, data.payment, payment.id),
    person: payerOf(envelope, data, payment),
    amount: amountOf(data.amount, data.currency),
    original: originalOf(data.original_amount),
    createdAt,
    toldAt,
  });
}

/** Only ids: names of people are told by what people do, not by what is taken back. */
function payerOf(envelope: Json, data: Json, payment: Json): Person {
  const user = objectOf(payment.user) ?? objectOf(data.user);
  return present<Person>({
    creatorId: creatorIdOf(envelope, { ...payment, ...known(data) }),
    userId: idOf('user_', user?.id, payment.user, payment.user_id, data.user, data.user_id),
    membershipId: undefined,
    name: undefined,
    username: undefined,
    email: undefined,
  });
}

const CREATOR_FIELDS = ['company_id', 'account_id', 'company', 'page_id'] as const;
const known = (data: Json): Json =>
  Object.fromEntries(
    CREATOR_FIELDS.flatMap((field) => (data[field] == null ? [] : [[field, data[field]]])),
  );

/** Without a currency it says nothing that `amount` does not. */
function originalOf(value: unknown): ReversalTelling['original'] | undefined {
  if (value === undefined || value === null) return undefined;
  const { decimal, currency } = amountOf(value, undefined);
  return currency === null ? undefined : { decimal, currency };
}

function stateOf(value: unknown, states: ReadonlyMap<string, ReversalState>): ReversalState {
  if (typeof value !== 'string' || value === '')
    throw new DomainError('status_missing', 'no status is told');
  const state = states.get(value);
  if (state === undefined)
    throw new DomainError('status_unknown', `the status is unlisted: ${value.slice(0, 40)}`);
  return state;
}
