/** People whom an OpenID Connect issuer vouches for: its signed token is the bearer token of a request. */
import { createHmac } from 'node:crypto';
import type { Clock } from '#libs/ledger';
import type { Authenticator } from '../authenticate.js';
import { isWhole, type Principal } from '../principal.js';
import { type JsonObject, JwtRefused, looksLikeJwt, type RefusalReason } from './jwt-parts.js';
import { type JwtPolicy, type KeyFinder, verifyJwt } from './verify-jwt.js';

/** What the issuer says of a person, beside `sub`; the ids are those of Whop. */
export const ROLE_CLAIM = 'flywheel_role';
export const CREATOR_CLAIM = 'flywheel_creator';
export const MEMBER_CLAIM = 'flywheel_member';

/** Nobody can end a signed token: it ends soon by itself. */
export const MAX_LIFETIME_SECONDS = 15 * 60;
/** The cron's role is nobody's: it is a secret's. */
const ROLES = ['admin', 'creator', 'member', 'auditor'] as const;
const ACTOR_LETTERS = 22;

export interface OidcOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: KeyFinder;
  /** The real one. */
  readonly clock: Clock;
  /** Told why a token was refused, for whoever set this up; the sender is not told. */
  readonly onRefused?: ((reason: RefusalReason) => void) | undefined;
  /** 32 bytes of the ledger's own: `sub` may be an address of a person, and events are for ever. */
  readonly actorKey: () => Promise<Buffer>;
}

const POLICY: Omit<JwtPolicy, 'issuer' | 'audience'> = {
  algorithms: ['ES256', 'RS256', 'EdDSA'],
  types: ['jwt', 'at+jwt'],
  mayNameOthers: true,
  maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
  needsIssuedAt: true,
};

/** Bearer tokens that look like a signed one; others are not of mine. Throws `jwks_unavailable`. */
export function oidcTokens(options: OidcOptions): Authenticator {
  const { issuer, audience, keys, clock, onRefused } = options;
  const how = { ...POLICY, issuer, audience, keys, clock };
  return async ({ bearer }) => {
    if (bearer === undefined || !looksLikeJwt(bearer)) return undefined;
    try {
      const { subject, expiresAt, all } = await verifyJwt(bearer, how);
      const actor = await actorOf(subject, options);
      return { ...grantOf(all), by: 'jwt', actor, expiresAt: expiresAt * 1000 };
    } catch (error) {
      if (!(error instanceof JwtRefused)) throw error;
      onRefused?.(error.reason);
      return undefined;
    }
  };
}

/** Role and ids as the issuer states them; what contradicts itself opens nothing. Throws JwtRefused. */
function grantOf(claims: JsonObject): Pick<Principal, 'role' | 'creatorId' | 'memberId'> {
  const role = ROLES.find((one) => one === claims[ROLE_CLAIM]);
  const creatorId = textOf(claims, CREATOR_CLAIM);
  const memberId = textOf(claims, MEMBER_CLAIM);
  if (role === undefined) throw new JwtRefused('claims');
  const grant = {
    role,
    ...(creatorId === undefined ? {} : { creatorId }),
    ...(memberId === undefined ? {} : { memberId }),
  };
  // Only Whop vouches for a person in every community: an issuer names one.
  if (!isWhole({ ...grant, by: 'token', actor: '' })) throw new JwtRefused('claims');
  return grant;
}

function textOf(claims: JsonObject, name: string): string | undefined {
  const value = claims[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new JwtRefused('claims');
}

/** The same person is the same actor for as long as the ledger lives, and nobody can say who it is. */
async function actorOf(subject: string, { issuer, actorKey }: OidcOptions): Promise<string> {
  const hash = createHmac('sha256', await actorKey()).update(`actor\0${issuer}\0${subject}`);
  return `oidc:${hash.digest('base64url').slice(0, ACTOR_LETTERS)}`;
}
