/**
 * Signs a body the way Whop does: Standard Webhooks headers (v1) or the single legacy header
 * (v2, v5). Whoever sends to the endpoint from this side uses it: the command line, the demo, tests.
 */
import { createHash, createHmac } from 'node:crypto';

const CONVENTIONAL_PREFIX = 'whsec_';

/**
 * The HMAC key that a secret stands for. Whop's `ws_…` is its own key, prefix included; only the
 * conventional `whsec_<base64>` is decoded after its prefix; any other string is its UTF-8 bytes.
 */
export function keyOf(secret: string): Buffer {
  return secret.startsWith(CONVENTIONAL_PREFIX)
    ? Buffer.from(secret.slice(CONVENTIONAL_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

/** HMAC-SHA256 of `{id}.{timestamp}.{body}`, over the bytes as they travel. */
export function standardDigest(
  key: Buffer,
  id: string,
  timestamp: string,
  body: Buffer | string,
): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

/** HMAC-SHA256 of `{timestamp}.{body}`. */
export function legacyDigest(key: Buffer, timestamp: string, body: Buffer | string): Buffer {
  return createHmac('sha256', key).update(`${timestamp}.`).update(body).digest();
}

/** The name of a delivery that brings none: the SHA-256 of its bytes. */
export function legacyDeliveryId(body: Buffer | string): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

export interface SignStandard {
  readonly secret: string;
  /** `webhook-id`, the same at every attempt. */
  readonly id: string;
  /** Unix seconds of the attempt. */
  readonly timestamp: number;
  readonly body: Buffer | string;
}

/** The three Standard Webhooks headers. */
export function signStandard(request: SignStandard): Record<string, string> {
  const { secret, id, body } = request;
  const timestamp = String(request.timestamp);
  const digest = standardDigest(keyOf(secret), id, timestamp, body);
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${digest.toString('base64')}`,
  };
}

export type SignLegacy = Omit<SignStandard, 'id'>;

/** The one header of v2 and v5. */
export function signLegacy(request: SignLegacy): Record<string, string> {
  const timestamp = String(request.timestamp);
  const digest = legacyDigest(keyOf(request.secret), timestamp, request.body);
  return {
    'content-type': 'application/json',
    'x-whop-signature': `t=${timestamp},v1=${digest.toString('hex')}`,
  };
}
