/**
 * Renders one payment or membership as Whop would send it in each of its wire generations: the same
 * facts, four spellings. A generation leaves out what it does not carry: v5 has no names and no
 * billing reason, v1 no affiliate username, the legacy ones no `joined_at`.
 */
import type { Instant } from '#libs/ledger';
import {
  isLegacy,
  type MembershipFacts,
  type PaymentFacts,
  type PersonFacts,
  type ReversalFacts,
  type SendingFacts,
  type WhopGeneration,
} from './facts.js';
import { iso, type Json, membershipData, nameOf, paymentData } from './render-data.js';
import { reversalData } from './render-reversal-data.js';
import { legacyDeliveryId, signLegacy, signStandard } from './sign.js';

export interface Rendered {
  readonly generation: WhopGeneration;
  /** As the envelope spells it. */
  readonly type: string;
  /** `webhook-id` of the standard headers; legacy deliveries have none. */
  readonly messageId: string;
  readonly payload: Json;
  /** The bytes to sign and send. */
  readonly body: string;
}

export function renderPayment(generation: WhopGeneration, facts: PaymentFacts): Rendered {
  const type = `payment.${facts.status}`;
  const sentAt = facts.sentAt ?? facts.paidAt ?? facts.createdAt;
  return enveloped(
    generation,
    type,
    facts,
    facts.paymentId,
    sentAt,
    paymentData[generation](facts),
  );
}

export function renderMembership(generation: WhopGeneration, facts: MembershipFacts): Rendered {
  const legacy = facts.status === 'activated' ? 'went_valid' : 'went_invalid';
  const type = `membership.${isLegacy(generation) ? legacy : facts.status}`;
  const sentAt = facts.sentAt ?? facts.joinedAt ?? facts.createdAt;
  const data = membershipData[generation](facts);
  return enveloped(generation, type, facts, facts.membershipId, sentAt, data);
}

/** A refund or dispute in one of its states. The legacy generations spell it alike. */
export function renderReversal(generation: WhopGeneration, facts: ReversalFacts): Rendered {
  const type = `${facts.kind}.${facts.event}`;
  const data = reversalData(generation, facts);
  const id = `${facts.reversalId} ${facts.status}`;
  return enveloped(generation, type, facts, id, facts.sentAt ?? facts.createdAt, data);
}

export interface SignedRequest {
  readonly body: string;
  readonly headers: Record<string, string>;
  /** What `verify` will call this delivery. */
  readonly deliveryId: string;
}

/** The request as Whop would make it. `timestamp`: unix seconds of the attempt. */
export function signRendered(
  rendered: Rendered,
  options: { readonly secret: string; readonly timestamp: number },
): SignedRequest {
  const { body, messageId: id } = rendered;
  if (!isLegacy(rendered.generation))
    return { body, headers: signStandard({ ...options, id, body }), deliveryId: id };
  return { body, headers: signLegacy({ ...options, body }), deliveryId: legacyDeliveryId(body) };
}

function enveloped(
  generation: WhopGeneration,
  type: string,
  facts: PersonFacts & SendingFacts,
  id: string,
  sentAt: Instant,
  data: Json,
): Rendered {
  const messageId = facts.messageId ?? `msg_${nameOf(`${generation} ${type} ${id}`)}`;
  const payload = envelopes[generation]({ type, messageId, sentAt, data, facts });
  return { generation, type, messageId, payload, body: JSON.stringify(payload) };
}

interface EnvelopeParts {
  readonly type: string;
  readonly messageId: string;
  readonly sentAt: Instant;
  readonly data: Json;
  readonly facts: PersonFacts;
}

const envelopes: Record<WhopGeneration, (parts: EnvelopeParts) => Json> = {
  v2: ({ type, data }) => ({ action: type, data }),
  v5: ({ type, data }) => ({ action: type, api_version: 'v5', data }),
  v1: ({ type, messageId, sentAt, data, facts }) => ({
    id: messageId,
    type,
    api_version: 'v1',
    timestamp: iso(sentAt),
    company_id: facts.creatorId,
    data,
  }),
  'v1-pinned': ({ type, messageId, sentAt, data, facts }) => ({
    id: messageId,
    type,
    api_version: 'v1',
    api_version_date: '2026-08-14',
    timestamp: iso(sentAt),
    account_id: facts.creatorId,
    data,
  }),
};
