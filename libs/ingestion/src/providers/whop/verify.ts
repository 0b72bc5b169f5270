/**
 * Proves that Whop sent these bytes: an HMAC over the raw body, in constant time, with any of the
 * secrets (two are in force while one is being replaced). A signature is checked before its time,
 * so that "too old" is only ever said of a genuine one.
 */
import { timingSafeEqual } from 'node:crypto';
import type { Headers, Verification } from '../../provider.js';
import { legacyDeliveryId, legacyDigest, standardDigest } from './sign.js';

export interface SignedRequest {
  readonly headers: Headers;
  readonly body: Buffer;
  /** Unix milliseconds. */
  readonly now: number;
}

const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 8;
const MAX_HEADER_CHARS = 2048;

const TIMESTAMP = /^\d{10}$/;
const DELIVERY_ID = /^[\x20-\x7e]{1,255}$/;
/** The only spelling of 32 bytes: the last letter has two bits that say nothing, and they are zero. */
const BASE64_SHA256 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

export type Refusal = Extract<Verification, { ok: false }>;

/** Standard Webhooks headers win over the legacy one where both are sent. */
export function verify(keys: readonly Buffer[], request: SignedRequest): Verification {
  const { headers } = request;
  if (headers['webhook-signature'] !== undefined) return verifyStandard(keys, request);
  if (headers['x-whop-signature'] !== undefined) return verifyLegacy(keys, request);
  return refusal('signature_missing', 'neither webhook-signature nor x-whop-signature is there');
}

function verifyStandard(keys: readonly Buffer[], { headers, body, now }: SignedRequest) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (id === undefined) return refusal('signature_missing', 'webhook-id is missing');
  if (timestamp === undefined) return refusal('signature_missing', 'webhook-timestamp is missing');
  if (typeof id !== 'string' || !DELIVERY_ID.test(id))
    return refusal('signature_malformed', 'webhook-id is not one to 255 printable signs');
  if (typeof timestamp !== 'string' || !TIMESTAMP.test(timestamp))
    return refusal('timestamp_malformed', 'webhook-timestamp is not ten digits');
  const told = digestsIn(signatures, ' ', 'v1,', BASE64_SHA256, 'base64');
  if (!Array.isArray(told)) return told;
  const expected = keys.map((key) => standardDigest(key, id, timestamp, body));
  return judged(told, expected, timestamp, now) ?? verified(id, 'v1');
}

function verifyLegacy(keys: readonly Buffer[], { headers, body, now }: SignedRequest) {
  const header = headers['x-whop-signature'];
  const told = digestsIn(header, ',', 'v1=', HEX_SHA256, 'hex');
  if (!Array.isArray(told)) return told;
  const times = String(header)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part.startsWith('t='))
    .map((part) => part.slice('t='.length));
  const timestamp = times[0];
  if (times.length !== 1 || timestamp === undefined || !TIMESTAMP.test(timestamp))
    return refusal('timestamp_malformed', 'x-whop-signature does not name one t of ten digits');
  const expected = keys.map((key) => legacyDigest(key, timestamp, body));
  return judged(told, expected, timestamp, now) ?? verified(legacyDeliveryId(body), 'legacy');
}

/** The digests of our scheme in a signature header; others (`v1a`) are passed over. */
function digestsIn(
  header: Headers[string],
  separator: string,
  scheme: string,
  form: RegExp,
  encoding: 'base64' | 'hex',
): Buffer[] | Refusal {
  if (typeof header !== 'string')
    return refusal('signature_malformed', 'the signature header is repeated');
  if (header.length > MAX_HEADER_CHARS)
    return refusal('signature_malformed', 'the signature header is longer than 2 KB');
  const parts = header.split(separator).map((part) => part.trim());
  // t= is no signature, but one sign more costs nothing.
  const schemes = parts.filter((part) => part !== '' && !part.startsWith('t='));
  if (schemes.length > MAX_SIGNATURES)
    return refusal('signature_malformed', 'the header holds more than eight signatures');
  const digests = schemes
    .filter((part) => part.startsWith(scheme))
    .map((part) => part.slice(scheme.length))
    .filter((digest) => form.test(digest))
    .map((digest) => Buffer.from(digest, encoding));
  return digests.length > 0
    ? digests
    : refusal('signature_malformed', `the header holds no ${scheme} signature of SHA-256`);
}

/** Undefined: one of the digests is one of those expected, and its time is near. */
function judged(
  told: readonly Buffer[],
  expected: readonly Buffer[],
  timestamp: string,
  now: number,
): Refusal | undefined {
  let matches = 0;
  for (const digest of expected)
    for (const candidate of told) matches += timingSafeEqual(digest, candidate) ? 1 : 0;
  if (matches === 0) return refusal('signature_mismatch', 'no signature matches the body');
  const age = Math.floor(now / 1000) - Number(timestamp);
  if (age > TOLERANCE_SECONDS) return refusal('timestamp_too_old', `signed ${age} seconds ago`);
  if (age < -TOLERANCE_SECONDS)
    return refusal('timestamp_too_new', `signed ${-age} seconds from now`);
  return undefined;
}

function verified(deliveryId: string, generation: string): Verification {
  return { ok: true, deliveryId, generation };
}

function refusal(code: string, detail: string): Refusal {
  return { ok: false, code, detail };
}
