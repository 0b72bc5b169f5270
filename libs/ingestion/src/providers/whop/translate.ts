/**
 * Turns the body of one Whop delivery, of any generation, into one telling. Pure, and never throws:
 * what makes no sense is an outcome of its own. Unknown fields are passed over; what the ledger
 * uses is read strictly.
 */
import { DomainError, type Instant } from '#libs/ledger';
import type {
  MembershipTelling,
  PaymentTelling,
  ReversalTelling,
  Telling,
  ToldWords,
  Translation,
} from '../../provider.js';
import { amountOf, idleCurrencyOf } from './amounts.js';
import { type Json, objectOf, readBody } from './body.js';
import { disputeOf, refundOf } from './reversals.js';
import { readableTime, timeOf } from './times.js';
import { billingReasonOf, claimsOf, creatorIdOf, idOf, personOf, present } from './words.js';

/** An envelope of any generation, opened. */
interface WhopEvent {
  readonly envelope: Json;
  readonly data: Json;
  /** v2 and v5 name the event `action` and the amount `final_amount`. */
  readonly legacy: boolean;
  readonly receivedAt: Instant;
}

/** What moves the ledger; every other type is ignored by name, alerts of disputes too: they are no loss. */
const translations: ReadonlyMap<string, (event: WhopEvent) => Telling> = new Map<
  string,
  (event: WhopEvent) => Telling
>([
  ['payment.succeeded', paymentSucceeded],
  ['payment.failed', paymentFailed],
  ['membership.activated', membershipActivated],
  ['membership.went_valid', membershipActivated],
  ['membership.deactivated', membershipDeactivated],
  ['membership.went_invalid', membershipDeactivated],
  ['refund.created', refundTold],
  ['refund.updated', refundTold],
  ['dispute.created', disputeTold],
  ['dispute.updated', disputeTold],
]);

const LONGEST_TYPE = 200;

export function translate(body: Buffer, receivedAt: Instant): Translation {
  const { json, problem } = readBody(body);
  if (json === undefined || problem !== undefined)
    return quarantined(problem ?? new DomainError('body_not_json', ''), json ?? {}, receivedAt);
  return translateEnvelope(json, receivedAt);
}

/** The same of an envelope that was read already. */
export function translateEnvelope(json: Json, receivedAt: Instant): Translation {
  try {
    const type = typeOf(json);
    if (type === null) throw new DomainError('type_missing', 'neither type nor action is told');
    const translation = translations.get(canonical(type));
    if (translation === undefined) return { outcome: 'ignored', type, reason: 'type_not_used' };
    return { outcome: 'telling', type, telling: translation(eventOf(json, receivedAt)) };
  } catch (nonsense) {
    if (nonsense instanceof DomainError) return quarantined(nonsense, json, receivedAt);
    throw nonsense;
  }
}

/** Of a body that was read; of one that makes no sense too, as far as it can be told. */
export function wordsIn(body: Buffer): ToldWords | undefined {
  const { json, problem } = readBody(body);
  return json === undefined || problem !== undefined ? undefined : wordsOfEnvelope(json);
}

export function wordsOfEnvelope(envelope: Json): ToldWords | undefined {
  const data = objectOf(envelope.data);
  if (data === undefined) return undefined;
  try {
    return { person: personOf(envelope, data), claims: claimsOf(data) };
  } catch (nonsense) {
    if (nonsense instanceof DomainError) return undefined;
    throw nonsense;
  }
}

function paymentSucceeded(event: WhopEvent): PaymentTelling {
  const { data, legacy } = event;
  const told = paymentOf(event);
  if (told.paidAt === undefined)
    throw new DomainError('paid_at_missing', 'a succeeded payment does not say when it was paid');
  const amount = legacy ? (data.final_amount ?? data.total) : data.total;
  return { ...told, status: 'succeeded', amount: amountOf(amount, data.currency) };
}

/** A failed payment moves no money: its amount is not read, its currency completes the fact. */
function paymentFailed(event: WhopEvent): PaymentTelling {
  const { data, legacy } = event;
  const currency = idleCurrencyOf(legacy ? data.final_amount : data.total, data.currency);
  return { ...paymentOf(event), status: 'failed', ...(currency === undefined ? {} : { currency }) };
}

function paymentOf({ envelope, data, receivedAt }: WhopEvent): Omit<PaymentTelling, 'status'> {
  const paymentId = idOf('pay_', data.id);
  if (paymentId === undefined)
    throw new DomainError('payment_id_missing', 'data.id is not the id of a payment');
  return present<Omit<PaymentTelling, 'status'>>({
    kind: 'payment',
    paymentId,
    person: personOf(envelope, data),
    paidAt: timeOf(data.paid_at, 'paid_at', receivedAt),
    createdAt: timeOf(data.created_at, 'created_at', receivedAt),
    amount: undefined,
    currency: undefined,
    billingReason: billingReasonOf(data.billing_reason),
    claims: claimsOf(data),
  });
}

function membershipActivated(event: WhopEvent): MembershipTelling {
  return membershipOf(event, 'activated');
}

function membershipDeactivated(event: WhopEvent): MembershipTelling {
  return membershipOf(event, 'deactivated');
}

function membershipOf(
  { envelope, data, receivedAt }: WhopEvent,
  status: MembershipTelling['status'],
): MembershipTelling {
  const membershipId = idOf('mem_', data.id);
  if (membershipId === undefined)
    throw new DomainError('membership_id_missing', 'data.id is not the id of a membership');
  return present<MembershipTelling>({
    kind: 'membership',
    membershipId,
    status,
    person: personOf(envelope, data, membershipId),
    joinedAt: timeOf(data.joined_at, 'joined_at', receivedAt),
    createdAt: timeOf(data.created_at, 'created_at', receivedAt),
    claims: claimsOf(data),
  });
}

function refundTold({ envelope, data, receivedAt }: WhopEvent): ReversalTelling {
  return refundOf(envelope, data, receivedAt);
}

function disputeTold({ envelope, data, receivedAt }: WhopEvent): ReversalTelling {
  return disputeOf(envelope, data, receivedAt);
}

function eventOf(envelope: Json, receivedAt: Instant): WhopEvent {
  const data = objectOf(envelope.data);
  if (data === undefined) throw new DomainError('data_missing', 'the envelope has no data');
  return { envelope, data, legacy: !isText(envelope.type), receivedAt };
}

/** `type` of v1, else `action` of the legacy generations, as told. */
function typeOf(envelope: Json): string | null {
  const told = isText(envelope.type) ? envelope.type : envelope.action;
  if (!isText(told)) return null;
  return told.slice(0, LONGEST_TYPE);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The dotted name without the prefix of app hooks: `app_payment_succeeded` is `payment.succeeded`. */
function canonical(type: string): string {
  const name = type.startsWith('app_') ? type.slice('app_'.length) : type;
  return name.includes('.') ? name : name.replace('_', '.');
}

/**
 * What could still be read goes with it, so that a month that it may belong to does not close over
 * it. A time ahead of its receipt is not a date to file it under.
 */
export function quarantined(nonsense: DomainError, json: Json, receivedAt: Instant): Translation {
  const data = objectOf(json.data) ?? {};
  const at = [data.paid_at, data.joined_at, data.created_at]
    .map((time) => readableTime(time, receivedAt))
    .find((time) => time !== undefined);
  return {
    outcome: 'quarantined',
    type: readableType(json),
    code: nonsense.code,
    detail: nonsense.detail,
    ...present<{ creatorId?: string; at?: Instant }>({
      creatorId: readableCreator(json, data),
      at,
    }),
  };
}

/** PostgreSQL takes no text with NUL or half a surrogate pair; such a type is not worth keeping. */
function readableType(json: Json): string | null {
  const type = typeOf(json);
  return type !== null && /^[\x20-\x7e]+$/.test(type) ? type : null;
}

function readableCreator(json: Json, data: Json): string | undefined {
  try {
    return creatorIdOf(json, data);
  } catch {
    return undefined;
  }
}
