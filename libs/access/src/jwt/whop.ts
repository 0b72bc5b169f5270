/**
 * People whom Whop vouches for: inside its frame it adds `x-whop-user-token` to every request of an
 * app. The token says who, not what they may see: a member, who sees themselves in any community.
 * Like a cookie it comes without anybody's doing, so nothing is changed on its word (apps/api).
 */
import { type Clock, isUserId } from '#libs/ledger';
import type { Authenticator } from '../authenticate.js';
import { JwtRefused, type RefusalReason } from './jwt-parts.js';
import { type JwtPolicy, type KeyFinder, verifyJwt } from './verify-jwt.js';

export const WHOP_ISSUER = 'urn:whopcom:exp-proxy';
export const WHOP_JWKS_URL = 'https://api.whop.com/.well-known/jwks.json';
/** Whop documents none; its frame renews the token with every request. */
export const MAX_WHOP_LIFETIME_SECONDS = 24 * 60 * 60;

export interface WhopTokensOptions {
  /** `app_…` */
  readonly appId: string;
  readonly keys: KeyFinder;
  /** The real one. */
  readonly clock: Clock;
  /** Told why a token was refused, for whoever set this up; the sender is not told. */
  readonly onRefused?: ((reason: RefusalReason) => void) | undefined;
}

const POLICY: Omit<JwtPolicy, 'audience'> = {
  algorithms: ['ES256'],
  issuer: WHOP_ISSUER,
  types: ['jwt'],
  mayNameOthers: false,
  maxLifetimeSeconds: MAX_WHOP_LIFETIME_SECONDS,
  needsIssuedAt: false,
};

/** `x-whop-user-token`, where nothing was shown on purpose. Throws `jwks_unavailable`. */
export function whopTokens({ appId, keys, clock, onRefused }: WhopTokensOptions): Authenticator {
  const how = { ...POLICY, audience: appId, keys, clock };
  return async ({ bearer, whopUserToken }) => {
    if (whopUserToken === undefined || bearer !== undefined) return undefined;
    try {
      const { subject, expiresAt } = await verifyJwt(whopUserToken, how);
      if (!isUserId(subject)) throw new JwtRefused('claims');
      const actor = `whop:${subject}`;
      return { role: 'member', memberId: subject, by: 'jwt', actor, expiresAt: expiresAt * 1000 };
    } catch (error) {
      if (!(error instanceof JwtRefused)) throw error;
      onRefused?.(error.reason);
      return undefined;
    }
  };
}
