/** Who else than the configured secrets and our tokens can say who calls: sessions, an issuer, Whop. */
import {
  type Authenticator,
  bindingTo,
  configuredSecrets,
  firstThatKnows,
  keptSecret,
  oidcTokens,
  pinnedKey,
  remoteKeys,
  Sessions,
  SignInLinks,
  WHOP_JWKS_URL,
  whopTokens,
} from '#libs/access';
import type { Config, Database } from '#libs/database';
import type { Clock } from '#libs/ledger';
import type { SignIn } from './controllers/session.controller.js';
import { isSecure, ownOrigins } from './origin.js';

export type SignInConfig = Partial<
  Pick<
    Config,
    | 'adminToken'
    | 'host'
    | 'port'
    | 'publicUrl'
    | 'oidcIssuer'
    | 'oidcAudience'
    | 'oidcJwksUrl'
    | 'whopAppId'
    | 'whopJwksUrl'
    | 'whopJwk'
  >
>;

export interface SignInParts {
  readonly config: SignInConfig;
  readonly database: Database;
  /** The real one. */
  readonly clock: Clock;
  /** Those that we made. */
  readonly tokens: Authenticator;
  /** Told why a signed token was refused; the sender is not. */
  readonly onRefused?: (issuer: 'oidc' | 'whop', reason: string) => void;
}

export interface SignInHouse {
  readonly signIn: SignIn;
  /** After the configured secrets and the tokens. */
  readonly authenticators: readonly Authenticator[];
}

export function signInOf(parts: SignInParts): SignInHouse {
  const { config, database: db, clock, tokens } = parts;
  const binding = bindingTo(config.adminToken);
  const sessions = new Sessions({ db, clock, binding });
  const links = new SignInLinks({ db, clock, binding, sessions });
  return {
    signIn: {
      sessions,
      links,
      clock,
      own: ownOrigins(config),
      secure: isSecure(config),
      // The cron's secret signs nobody in: it is for a program, which has it anyway.
      tokens: firstThatKnows([configuredSecrets({ adminToken: config.adminToken }), tokens]),
    },
    authenticators: [sessions.authenticate, ...issuerOf(parts), ...whopOf(parts)],
  };
}

function issuerOf({ config, database, clock, onRefused }: SignInParts): Authenticator[] {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcJwksUrl } = config;
  if (issuer === undefined || audience === undefined) return [];
  const url = oidcJwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
  return [
    oidcTokens({
      issuer,
      audience,
      clock,
      keys: remoteKeys({ url, clock }),
      actorKey: keptSecret(database, 'actors'),
      onRefused: (reason) => onRefused?.('oidc', reason),
    }),
  ];
}

function whopOf({ config, clock, onRefused }: SignInParts): Authenticator[] {
  const { whopAppId: appId, whopJwksUrl: url = WHOP_JWKS_URL, whopJwk } = config;
  if (appId === undefined) return [];
  const keys =
    whopJwk === undefined
      ? remoteKeys({ url, clock })
      : pinnedKey(JSON.parse(whopJwk) as { kty: string }, 'ES256');
  return [whopTokens({ appId, clock, keys, onRefused: (reason) => onRefused?.('whop', reason) })];
}
