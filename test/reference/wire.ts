/**
 * A telling as Whop would send it: the body of its wire generation and the signed headers. Written
 * from the description of the wire, apart from the ledger's own renderer, so that a mistake in
 * reading cannot be hidden by the same mistake in writing. Tells exactly the fields of the telling.
 */
import { createHmac } from 'node:crypto';
import type { HistoryDelivery } from './histories.js';
import type { Telling } from './shapes.js';
import { reversalOf } from './wire-reversals.js';

export interface SignedRequest {
  /** The exact bytes that were signed. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * The request of one delivery. `secret`: `ws_…`, its own bytes are the key. `timestamp`: unix
 * seconds of the attempt, which the receiver compares with its clock.
 */
export function requestOf(
  delivery: HistoryDelivery,
  { secret, timestamp }: { readonly secret: string; readonly timestamp: number },
): SignedRequest {
  const body = bodyOf(delivery);
  const hmac = (text: string) => createHmac('sha256', Buffer.from(secret, 'utf8')).update(text);
  const json = { 'content-type': 'application/json' };
  if (isLegacy(delivery)) {
    const signature = hmac(`${timestamp}.${body}`).digest('hex');
    return { body, headers: { ...json, 'x-whop-signature': `t=${timestamp},v1=${signature}` } };
  }
  const signature = hmac(`${delivery.deliveryId}.${timestamp}.${body}`).digest('base64');
  const standard = {
    'webhook-id': delivery.deliveryId,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature}`,
  };
  return { body, headers: { ...json, ...standard } };
}

/** The same delivery has the same bytes; a legacy one is known by nothing else. */
export function bodyOf(delivery: HistoryDelivery): string {
  const { telling, generation, deliveryId } = delivery;
  const data = dataOf(delivery);
  return JSON.stringify(
    isLegacy(delivery)
      ? legacyEnvelope(delivery, { ...data, checkout_id: deliveryId })
      : {
          id: deliveryId,
          type: `${telling.kind}.${eventOf(delivery)}`,
          api_version: 'v1',
          ...(generation === 'v1-pinned' ? { api_version_date: '2026-08-14' } : {}),
          timestamp: isoOf(telling.toldAtMs ?? telling.createdAtMs ?? 0),
          data,
        },
  );
}

function dataOf(delivery: HistoryDelivery): Json {
  switch (delivery.telling.kind) {
    case 'payment':
      return paymentOf(delivery);
    case 'membership':
      return membershipOf(delivery);
    default:
      return reversalOf(delivery);
  }
}

/** The second word of the event's type. */
function eventOf(delivery: HistoryDelivery): string {
  const { kind, status } = delivery.telling;
  if (kind === 'refund' || kind === 'dispute') {
    return ['pending', 'needs_response'].includes(status) ? 'created' : 'updated';
  }
  const valid = { activated: 'went_valid', deactivated: 'went_invalid' };
  return isLegacy(delivery) && kind === 'membership' ? valid[status as keyof typeof valid] : status;
}

/** App hooks name the company in the envelope; others may not name it at all. */
function legacyEnvelope({ telling, generation, deliveryId }: HistoryDelivery, data: Json): Json {
  const app = telling.creatorId !== undefined;
  const name = `${telling.kind}.${eventOf({ telling, generation, deliveryId })}`;
  return {
    action: app ? `app_${name}` : name,
    ...(generation === 'v5' ? { api_version: 'v5' } : {}),
    ...(app ? { company: telling.creatorId } : {}),
    data,
  };
}

function paymentOf(delivery: HistoryDelivery): Json {
  const { telling } = delivery;
  const code = codeOf(telling.membershipMetadataCode);
  return {
    id: telling.id,
    status: telling.status === 'succeeded' ? 'paid' : 'open',
    ...relationsOf(delivery),
    ...amountOf(delivery),
    paid_at: timeOf(delivery, telling.paidAtMs),
    created_at: timeOf(delivery, telling.createdAtMs),
    metadata: codeOf(telling.metadataCode) ?? {},
    ...(code === undefined ? {} : { membership_metadata: code }),
    ...affiliateOf(delivery),
  };
}

function membershipOf(delivery: HistoryDelivery): Json {
  const { telling } = delivery;
  return {
    ...relationsOf(delivery),
    id: telling.id,
    status: telling.status === 'activated' ? 'active' : 'canceled',
    joined_at: timeOf(delivery, telling.joinedAtMs),
    created_at: timeOf(delivery, telling.createdAtMs),
    metadata: codeOf(telling.metadataCode) ?? null,
    ...affiliateOf(delivery),
  };
}

/** v2 expands objects, v5 is flat, v1 nests, pinned v1 is flat and keeps the user. */
function relationsOf({ telling, generation }: HistoryDelivery): Json {
  const { creatorId, userId, username, membershipId } = telling;
  const user = userId === undefined ? null : { id: userId, username: username ?? null };
  const who = `mber_${userId?.slice(5) ?? 'none'}`;
  switch (generation) {
    case 'v2':
      return { user, membership: membershipId ?? null };
    case 'v5':
      return { user_id: userId ?? null, membership_id: membershipId ?? null };
    case 'v1':
      return {
        company: creatorId === undefined ? null : { id: creatorId, title: 'A community' },
        user,
        member: userId === undefined ? null : { id: who },
        membership: membershipId === undefined ? null : { id: membershipId, status: 'active' },
        plan: { id: 'plan_1', metadata: { referral_code: 'OF-A-PLAN' } },
      };
    case 'v1-pinned':
      return {
        account_id: creatorId ?? null,
        user,
        member_id: userId === undefined ? null : who,
        membership_id: membershipId ?? null,
      };
  }
}

/** Numbers in major units; the pinned generation writes Money objects with decimal strings. */
function amountOf({ telling, generation }: HistoryDelivery): Json {
  const { amount, currency } = telling;
  if (amount === undefined) return {};
  const named = currency === undefined ? {} : { currency };
  if (generation === 'v1-pinned') {
    const decimals = amount.split('.')[1]?.length ?? 0;
    const money = { amount, ...named, decimals, display_decimals: decimals };
    return { ...named, total: money, subtotal: money };
  }
  const number = Number(amount);
  if (generation === 'v1') return { ...named, total: number, subtotal: number };
  return { ...named, final_amount: number, subtotal: number };
}

/** `affiliate_code` stands in the data or in the checkout configuration, about half and half. */
function affiliateOf({ telling, deliveryId }: HistoryDelivery): Json {
  const { affiliateCode, affiliateUsername } = telling;
  const code = { affiliate_code: affiliateCode };
  const inCheckout = deliveryId.charCodeAt(deliveryId.length - 1) % 2 === 0;
  return {
    ...(affiliateCode === undefined ? {} : inCheckout ? { checkout_configuration: code } : code),
    ...(affiliateUsername === undefined ? {} : { affiliate_username: affiliateUsername }),
  };
}

function codeOf(code: string | undefined): Json | undefined {
  return code === undefined ? undefined : { referral_code: code };
}

function timeOf(delivery: HistoryDelivery, ms: Telling['paidAtMs']): string | number | null {
  if (ms === undefined) return null;
  return isLegacy(delivery) ? Math.floor(ms / 1000) : isoOf(ms);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function isLegacy({ generation }: HistoryDelivery): boolean {
  return generation === 'v2' || generation === 'v5';
}
