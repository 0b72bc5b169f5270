/** Somebody who signs tokens, also such as nobody should believe: written byte by byte, by no library. */
import {
  createHmac,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import { createLocalJWKSet, errors } from 'jose';
import { JwtRefused } from './jwt-parts.js';
import type { JwtVerification, KeyFinder } from './verify-jwt.js';

export const NOW_MS = Date.UTC(2026, 2, 14, 12);
export const NOW = NOW_MS / 1000;
export const ISSUER = 'https://login.example.com/';
export const AUDIENCE = 'flywheel';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly key: KeyObject;
  readonly jwk: JsonWebKey;
}

export function signingKey(kid: string, alg: 'ES256' | 'RS256' | 'EdDSA' | 'ES384'): SigningKey {
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: alg === 'ES256' ? 'P-256' : 'P-384' });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, key: pair.privateKey, jwk };
}

export const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token of exactly this header and payload; texts are taken as they are. */
export function tokenOf(header: unknown, payload: unknown, { alg, key }: SigningKey): string {
  const text = `${part(header)}.${part(payload)}`;
  const digest = alg === 'EdDSA' ? null : alg === 'ES384' ? 'sha384' : 'sha256';
  const signature = signBytes(digest, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

export function hmacToken(header: unknown, payload: unknown, secret: string | Buffer): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** Keys as a set that never changes. */
export function keysIn(keys: readonly SigningKey[]): KeyFinder {
  const find = createLocalJWKSet({ keys: keys.map(({ jwk }) => ({ kty: 'EC', ...jwk })) });
  return async (header) => {
    try {
      return await find({ ...header });
    } catch (error) {
      if (error instanceof errors.JOSEError) throw new JwtRefused('key_unknown', { cause: error });
      throw error;
    }
  };
}

export const GOOD_CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'person-17',
  iat: NOW - 60,
  exp: NOW + 600,
  flywheel_role: 'creator',
  flywheel_creator: 'biz_demo',
} as const;

export const verification = (keys: KeyFinder): JwtVerification => ({
  algorithms: ['ES256', 'RS256', 'EdDSA'],
  issuer: ISSUER,
  audience: AUDIENCE,
  mayNameOthers: true,
  types: ['jwt', 'at+jwt'],
  maxLifetimeSeconds: 900,
  needsIssuedAt: true,
  keys,
  clock: { now: () => NOW_MS },
});
