/**
 * Whether a signed token may be believed (RFC 7519, RFC 8725). Nothing in it chooses how it is
 * checked: algorithms, issuer and audience are ours, keys come from a set that the configuration
 * names, and a header that would bring a key or an address of its own is refused unread.
 */
import { type CryptoKey, compactVerify, errors } from 'jose';
import type { Clock } from '#libs/ledger';
import { type JsonObject, JwtRefused, partsOfJwt } from './jwt-parts.js';

export type JwtAlgorithm = 'ES256' | 'RS256' | 'EdDSA';

/** The key for a header; `kid` only chooses among those that we hold. Throws JwtRefused, JwksUnavailable. */
export type KeyFinder = (header: KeyHeader) => Promise<CryptoKey>;
export interface KeyHeader {
  readonly alg: JwtAlgorithm;
  readonly kid?: string;
}

export interface JwtPolicy {
  readonly algorithms: readonly JwtAlgorithm[];
  readonly issuer: string;
  readonly audience: string;
  /** Whether `aud` may be a list that names us among others (RFC 7519, 4.1.3). */
  readonly mayNameOthers: boolean;
  /** `typ` in lower case and without `application/`; a token without one is taken as a JWT. */
  readonly types: readonly string[];
  /** From `iat` to `exp`; without `iat`, from now. */
  readonly maxLifetimeSeconds: number;
  /** Whether a token without `iat` is refused. */
  readonly needsIssuedAt: boolean;
}

export interface JwtVerification extends JwtPolicy {
  readonly keys: KeyFinder;
  /** The real one. */
  readonly clock: Clock;
}

export interface Claims {
  readonly subject: string;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly all: JsonObject;
}

/** By how much two clocks may differ. */
export const CLOCK_SKEW_SECONDS = 30;
const MAX_KID_CHARACTERS = 256;
const MAX_SUBJECT_CHARACTERS = 255;
/** They bring a key, the address of one, or a meaning that we do not know (RFC 7515, 4.1; RFC 7797). */
const REFUSED_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc', 'cty'] as const;

/** The claims of a token that is all of what `how` demands. Throws JwtRefused, JwksUnavailable. */
export async function verifyJwt(token: string, how: JwtVerification): Promise<Claims> {
  const { header, payload } = partsOfJwt(token);
  const chosen = headerOf(header, how);
  const key = await how.keys(chosen);
  await verifySignature(token, key, chosen.alg);
  return claimsOf(payload, how, Math.floor(how.clock.now() / 1000));
}

function headerOf(header: JsonObject, { algorithms, types }: JwtPolicy): KeyHeader {
  if (REFUSED_HEADERS.some((name) => Object.hasOwn(header, name)))
    throw new JwtRefused('header_refused');
  const { alg, kid, typ } = header;
  const known = algorithms.find((one) => one === alg);
  if (known === undefined) throw new JwtRefused('algorithm');
  if (typ !== undefined && !isOneOf(types, typ)) throw new JwtRefused('type');
  if (kid === undefined) return { alg: known };
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_CHARACTERS)
    throw new JwtRefused('header_refused');
  return { alg: known, kid };
}

const isOneOf = (types: readonly string[], typ: unknown): boolean =>
  typeof typ === 'string' && types.includes(typ.toLowerCase().replace(/^application\//, ''));

async function verifySignature(
  token: string,
  key: CryptoKey,
  algorithm: JwtAlgorithm,
): Promise<void> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] });
  } catch (cause) {
    // A key of another kind than the algorithm is a TypeError: it verifies nothing either.
    if (cause instanceof errors.JOSEError || cause instanceof TypeError)
      throw new JwtRefused('signature', { cause });
    throw cause;
  }
}

function claimsOf(all: JsonObject, policy: JwtPolicy, now: number): Claims {
  const { iss, aud, sub } = all;
  if (iss !== policy.issuer) throw new JwtRefused('issuer');
  if (!isFor(aud, policy)) throw new JwtRefused('audience');
  const expiresAt = seconds(all, 'exp');
  const issuedAt = seconds(all, 'iat');
  const notBefore = seconds(all, 'nbf');
  if (expiresAt === undefined) throw new JwtRefused('claims');
  if (expiresAt <= now - CLOCK_SKEW_SECONDS) throw new JwtRefused('expired');
  if (Math.max(notBefore ?? 0, issuedAt ?? 0) > now + CLOCK_SKEW_SECONDS)
    throw new JwtRefused('not_yet');
  if (issuedAt === undefined && policy.needsIssuedAt) throw new JwtRefused('claims');
  const { maxLifetimeSeconds: most } = policy;
  const isLong = issuedAt !== undefined && expiresAt - issuedAt > most;
  if (isLong || expiresAt - now > most + CLOCK_SKEW_SECONDS) throw new JwtRefused('lifetime');
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_CHARACTERS)
    throw new JwtRefused('claims');
  return { subject: sub, expiresAt, all };
}

const isFor = (aud: unknown, { audience, mayNameOthers }: JwtPolicy): boolean =>
  aud === audience ||
  (mayNameOthers && Array.isArray(aud) && (aud as unknown[]).includes(audience));

/** Undefined when it is absent. Throws JwtRefused when it is no number of seconds. */
function seconds(all: JsonObject, name: 'exp' | 'iat' | 'nbf'): number | undefined {
  if (!Object.hasOwn(all, name)) return undefined;
  const value = all[name];
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new JwtRefused('claims');
  return value;
}
