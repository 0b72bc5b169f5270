/**
 * Objects as Whop's API lists them, for imports: each is read as the webhook that would tell of the
 * state it is in, by the same translations. A line may also be a whole webhook; and a line whose
 * kind or creator had to be named by whoever imports it is wrapped: `{import, company_id, data}`.
 *
 * Nobody signed a line, so it is a provider of its own: an admin vouches for it. Facts do not care:
 * business ids make them, whoever told.
 */
import { DomainError, type Instant } from '#libs/ledger';
import type { Provider, ToldWords, Translation } from '../../provider.js';
import { type Json, objectOf, readBody } from './body.js';
import { quarantined, translateEnvelope, wordsOfEnvelope } from './translate.js';
import { creatorIdOf } from './words.js';

export const IMPORT_PROVIDER = 'whop-import';

export const OBJECT_KINDS = ['payment', 'refund', 'dispute', 'membership'] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** Reads imported lines; no request ever verifies as one. */
export const whopImportProvider = (): Provider => ({
  name: IMPORT_PROVIDER,
  verify: () => ({ ok: false, code: 'not_a_webhook', detail: 'lines are imported by an admin' }),
  translate: translateLine,
  wordsIn: wordsInLine,
});

function wordsInLine(body: Buffer): ToldWords | undefined {
  const { json, problem } = readBody(body);
  if (json === undefined || problem !== undefined) return undefined;
  return wordsOfEnvelope(lineOf(json).envelope);
}

/** Pure, never throws. Codes beside those of webhooks: `kind_unknown`, `status_missing`, `status_unknown`. */
export function translateLine(body: Buffer, receivedAt: Instant): Translation {
  const { json, problem } = readBody(body);
  if (json === undefined)
    return quarantined(problem ?? new DomainError('body_not_json', ''), {}, receivedAt);
  const line = lineOf(json);
  if (problem !== undefined) return quarantined(problem, line.envelope, receivedAt);
  if (line.isWebhook) return translateEnvelope(line.envelope, receivedAt);
  try {
    if (line.kind === undefined) throw new DomainError('kind_unknown', KIND_UNKNOWN);
    const told = typeOf[line.kind](line.object);
    const named = isLegacy(line.object) ? { action: told } : { type: told };
    return translateEnvelope({ ...line.envelope, ...named }, receivedAt);
  } catch (nonsense) {
    if (nonsense instanceof DomainError) return quarantined(nonsense, line.envelope, receivedAt);
    throw nonsense;
  }
}

export const KIND_UNKNOWN =
  'neither a webhook nor an object whose id says what it is (pay_, mem_, rf_, dspt_)';

/** What one line holds, whatever form it has. */
export interface Line {
  readonly isWebhook: boolean;
  /** Undefined: neither the id nor whoever imports it says. */
  readonly kind: ObjectKind | undefined;
  /** The object itself, without what surrounds it. */
  readonly object: Json;
  readonly envelope: Json;
}

export function lineOf(json: Json): Line {
  const data = objectOf(json.data);
  if (data !== undefined && (isText(json.type) || isText(json.action)))
    return { isWebhook: true, kind: kindOf(data.id), object: data, envelope: json };
  if (data !== undefined && 'import' in json) {
    const kind = kindOf(data.id) ?? OBJECT_KINDS.find((known) => known === json.import);
    const { company_id } = json;
    return { isWebhook: false, kind, object: data, envelope: { company_id, data } };
  }
  return { isWebhook: false, kind: kindOf(json.id), object: json, envelope: { data: json } };
}

/** Whether the line itself says whose it is; a malformed id is for the translation to refuse. */
export function namesCreator({ envelope, object }: Line): boolean {
  try {
    return creatorIdOf(envelope, object) !== undefined;
  } catch {
    return true;
  }
}

const KIND_OF_PREFIX: Readonly<Record<string, ObjectKind>> = {
  pay: 'payment',
  mem: 'membership',
  rf: 'refund',
  dspt: 'dispute',
};

function kindOf(id: unknown): ObjectKind | undefined {
  const prefix = typeof id === 'string' ? /^([a-z]+)_/.exec(id)?.[1] : undefined;
  return prefix === undefined || !Object.hasOwn(KIND_OF_PREFIX, prefix)
    ? undefined
    : KIND_OF_PREFIX[prefix];
}

/** v2 and v5 name the amount `final_amount`, and their webhooks the type `action`. */
const isLegacy = (object: Json): boolean => object.final_amount !== undefined;

/** The webhook that would tell of the state in which an object is. */
const typeOf: Readonly<Record<ObjectKind, (object: Json) => string>> = {
  payment: paymentType,
  membership: membershipType,
  refund: () => 'refund.updated',
  dispute: () => 'dispute.updated',
};

/** A payment that was refunded or disputed had succeeded: what took the money back is a fact of its own. */
const MONEY_CAME =
  /^(succeeded|refunded|auto_refunded|partially_refunded|open_dispute|open_resolution|(dispute|resolution)_.+)$/;
const FAILED = new Set(['failed', 'past_due', 'uncollectible', 'price_too_low', 'blocked']);
/** Nothing has come of it, or not yet. */
const IDLE = new Set([
  'draft',
  'drafted',
  'open',
  'pending',
  'void',
  'canceled',
  'incomplete',
  'unresolved',
  'authorized',
  'requires_capture',
  'requires_action',
]);

function paymentType(payment: Json): string {
  const states = [payment.status, payment.substatus].filter(isText);
  if (states.length === 0) throw new DomainError('status_missing', 'the payment has no status');
  if (states[0] === 'paid' || states.some((state) => MONEY_CAME.test(state)))
    return 'payment.succeeded';
  if (states.some((state) => FAILED.has(state))) return 'payment.failed';
  const idle = states.find((state) => IDLE.has(state));
  if (idle !== undefined) return `payment.${idle}`;
  throw new DomainError('status_unknown', `no state of a payment: ${shown(states[0])}`);
}

const VALID = new Set(['trialing', 'active', 'past_due', 'completed', 'canceling']);
const INVALID = new Set(['canceled', 'expired', 'unresolved']);

function membershipType({ status, valid }: Json): string {
  if (valid === true || (isText(status) && VALID.has(status))) return 'membership.activated';
  if (isText(status) && INVALID.has(status)) return 'membership.deactivated';
  if (status === 'drafted') return 'membership.drafted';
  if (valid === false) return 'membership.deactivated';
  if (!isText(status)) throw new DomainError('status_missing', 'the membership has no status');
  throw new DomainError('status_unknown', `no state of a membership: ${shown(status)}`);
}

const shown = (text: string | undefined): string => (text ?? '').slice(0, 40);

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
