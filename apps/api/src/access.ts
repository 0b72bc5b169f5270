/**
 * Who may call what: one table, deny by default. A route that the table does not name is refused,
 * and access.spec.ts fails for it. The guard runs before a body is read, for every route of the
 * router: Nest's, the documentation's and any other; it says who calls, whether such a one may, and
 * that the path names nobody else's. Routes whose path names nobody narrow what they read by the
 * caller's scope (caller.ts).
 */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import {
  type Authenticator,
  type ConfiguredSecrets,
  type Credentials,
  configuredSecrets,
  firstThatKnows,
  isTokenText,
  looksLikeJwt,
  narrowed,
  type Principal,
  type Role,
  scopeOf,
} from '#libs/access';
import { ambientCredentials, requireOwnDoing, stillLetIn } from './ambient.js';
import { countHeader } from './headers.js';
import { CreatorIdPipe, MemberIdPipe } from './ids.js';
import type { OwnOrigins } from './origin.js';
import { Problem } from './problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whom the guard let in; null where the route is anybody's. */
    principal: Principal | null;
  }
}

/** An auditor of all; `auditor` is any, also one who may see one creator only. */
export type Grant = Role | 'ledger-auditor';
export type AccessTable = Readonly<Record<string, readonly Grant[]>>;

// Whose data a route answers is its path's, or `narrowed` (libs/access) where it names nobody.
const ADMIN = ['admin'] as const;
const CRON = ['admin', 'cron'] as const;
/** Of the whole ledger. */
const LEDGER = ['admin', 'ledger-auditor'] as const;
/** Of one creator. */
const CREATOR = ['admin', 'auditor', 'creator'] as const;
/** Of one member. */
const MEMBER = ['admin', 'auditor', 'creator', 'member'] as const;
const ANYBODY = ['anonymous'] as const;

/** A path that ends in `/*` speaks for everything below it. GET speaks for HEAD. */
export const ACCESS: AccessTable = {
  'POST /api/webhooks/whop': ANYBODY, // the signature says who it is
  'GET /api/creators': CREATOR,
  'GET /api/creators/:creator': CREATOR,
  'GET /api/creators/:creator/top-referrers': CREATOR,
  'GET /api/creators/:creator/referrals': CREATOR,
  'GET /api/creators/:creator/payments': CREATOR,
  'GET /api/creators/:creator/revenue': CREATOR,
  'GET /api/creators/:creator/growth': CREATOR,
  'GET /api/creators/:creator/earnings': CREATOR,
  'GET /api/creators/:creator/members': CREATOR,
  'GET /api/creators/:creator/members/:member': MEMBER,
  'GET /api/creators/:creator/members/:member/stats': MEMBER,
  'GET /api/creators/:creator/members/:member/referrals': MEMBER,
  'GET /api/creators/:creator/members/:member/earnings': MEMBER,
  'GET /api/creators/:creator/members/:member/growth': MEMBER,
  'GET /api/creators/:creator/members/:member/statement': MEMBER,
  'GET /api/creators/:creator/members/:member/explain': MEMBER,
  'GET /api/creators/:creator/explain': CREATOR,
  'PUT /api/creators/:creator/members/:member/tier-pin': ADMIN,
  'PUT /api/creators/:creator/members/:member/referral-code': ['admin', 'member'],
  'PUT /api/creators/:creator/members/:member/referrer': ADMIN,
  'DELETE /api/creators/:creator/members/:member/personal-data': ADMIN,
  'PUT /api/creators/:creator/memberships/:membership/person': ADMIN,
  'GET /api/creators/:creator/settings': CREATOR,
  'PUT /api/creators/:creator/settings': ADMIN,
  'GET /api/creators/:creator/months': CREATOR,
  'GET /api/creators/:creator/months/:month': CREATOR,
  'GET /api/creators/:creator/months/:month/snapshot': CREATOR,
  'GET /api/creators/:creator/months/:month/snapshot.csv': CREATOR,
  'GET /api/creators/:creator/months/:month/drift': CREATOR,
  'POST /api/creators/:creator/months/:month/close': ADMIN,
  'POST /api/creators/:creator/months/:month/restate': ADMIN,
  'GET /api/cron/reset-monthly-stats': CRON,
  'POST /api/cron/reset-monthly-stats': CRON,
  'GET /api/admin/about': LEDGER,
  'GET /api/admin/projections': LEDGER,
  'GET /api/admin/check-consistency': LEDGER,
  'GET /api/admin/checks': LEDGER,
  'GET /api/admin/diagnosis/:creator': ['admin', 'auditor'],
  'GET /api/admin/imports/:id': LEDGER,
  'POST /api/admin/imports': ADMIN,
  'POST /api/admin/imports/preview': ADMIN,
  'POST /api/admin/imports/:id/lines': ADMIN,
  'GET /api/admin/deliveries': LEDGER,
  'GET /api/admin/deliveries/:id': ADMIN, // what people sent, masked but for operators
  'POST /api/admin/deliveries/redrive': ADMIN,
  'POST /api/admin/deliveries/exclude': ADMIN,
  'POST /api/admin/deliveries/:id/redrive': ADMIN,
  'POST /api/admin/deliveries/:id/exclude': ADMIN,
  'POST /api/session': ANYBODY, // what is shown says who it is
  'DELETE /api/session': ANYBODY, // whoever has none ends none
  'GET /api/me': ['admin', 'auditor', 'creator', 'member', 'cron'],
  'POST /api/admin/sign-in-links': ADMIN,
  'POST /api/admin/tokens': ADMIN,
  'GET /api/admin/tokens': ADMIN,
  'DELETE /api/admin/tokens/:id': ADMIN,
  'GET /api/audit/events': CREATOR,
  'GET /api/audit/events/:id': CREATOR,
  'GET /api/audit/history': MEMBER,
  'GET /api/audit/streams': CREATOR,
  'GET /api/audit/streams/:stream': CREATOR,
  'GET /api/live': MEMBER,
  'POST /api/admin/replays': ADMIN,
  'GET /api/admin/replays': LEDGER,
  'GET /api/admin/replays/:id': LEDGER,
  'GET /api/admin/replays/:id/events': LEDGER,
  'GET /api/admin/replays/:id/difference': LEDGER,
  'POST /api/admin/replays/:id/promote': ADMIN,
  'DELETE /api/admin/replays/:id': ADMIN,
  'GET /health/live': ANYBODY,
  'GET /health/ready': ANYBODY,
  'GET /metrics': LEDGER,
  'GET /docs': ANYBODY,
  'GET /docs/*': ANYBODY,
  'GET /openapi.json': ANYBODY,
  // The dashboard's page and files: the same for everybody. What it shows is asked for below /api.
  'GET /assets/*': ANYBODY,
  'GET *': ANYBODY,
};

/** The row of the table that speaks for a route, by its method and path as the router has them. */
export function accessRow(table: AccessTable, method: string, path: string): string | undefined {
  const verb = method === 'HEAD' ? 'GET' : method;
  const exact = `${verb} ${path}`;
  if (Object.hasOwn(table, exact)) return exact;
  return Object.keys(table).find((row) => row.endsWith('/*') && exact.startsWith(row.slice(0, -1)));
}

export interface AccessOptions {
  readonly table: AccessTable;
  /** FLYWHEEL_ADMIN_TOKEN and CRON_SECRET: what they open is closed (503) while they are not set. */
  readonly secrets: ConfiguredSecrets;
  /** Who else can say who calls, asked in turn after the secrets. */
  readonly authenticators?: readonly Authenticator[];
  /** Pages that may change something in a browser's name. */
  readonly own: OwnOrigins;
}

interface Route {
  readonly method: string;
  readonly path: string;
}
const routesOfServer = new WeakMap<object, Route[]>();

/** Every route of the router: `GET /api/creators/:creator`. HEAD is left out: it follows GET. */
export function routesOf(app: NestFastifyApplication): string[] {
  const routes = routesOfServer.get(app.getHttpAdapter().getInstance()) ?? [];
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))].sort();
}

/** Guards each route as it is registered: call it before anything registers one. */
export function useAccess(server: FastifyInstance, options: AccessOptions): void {
  const routes: Route[] = [];
  routesOfServer.set(server, routes);
  const whoIs = firstThatKnows([
    configuredSecrets(options.secrets),
    ...(options.authenticators ?? []),
  ]);
  server.decorateRequest('principal', null);
  server.decorateRequest('stillLetIn', null);
  server.addHook('onRoute', (route: RouteOptions) => {
    for (const method of [route.method].flat()) {
      if (method !== 'HEAD') routes.push({ method, path: route.url });
      const row = accessRow(options.table, method, route.url);
      const grants = row === undefined ? [] : (options.table[row] ?? []);
      // Nobody is asked who they are where nobody has to be anybody.
      if (grants.length === 1 && grants[0] === 'anonymous') continue;
      const guard = grants.length === 0 ? undeclared : guardOf(grants, whoIs, options);
      route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
    }
  });
}

type Guard = (request: FastifyRequest) => Promise<void>;

const undeclared: Guard = async () => {
  throw new Problem(403, 'access_undeclared', 'Nobody may call this route.');
};

/** Who it is, whether such a one may call the route, and whether the path names their own. */
function guardOf(
  grants: readonly Grant[],
  whoIs: Authenticator,
  { secrets, own }: AccessOptions,
): Guard {
  return async (request) => {
    const credentials = credentialsOf(request);
    const principal = await whoIs(credentials);
    if (
      principal === undefined ||
      (principal.role === 'anonymous' && !grants.includes('anonymous'))
    )
      throw unknownCaller(grants, credentials, secrets);
    if (!isGranted(grants, principal))
      throw new Problem(
        403,
        'forbidden',
        `This is not for ${principal.role}, but for ${grants.join(', ')}.`,
      );
    requireOwnDoing(principal, request, own);
    refuseForeign(principal, request.params as Readonly<Record<string, string | undefined>>);
    request.principal = principal;
    request.stillLetIn = stillLetIn(whoIs, credentials, principal);
  };
}

const isGranted = (grants: readonly Grant[], { role, creatorId }: Principal): boolean =>
  grants.includes(role) ||
  (role === 'auditor' && creatorId === undefined && grants.includes('ledger-auditor'));

/**
 * A path that names another's is answered as one that names nobody: in the same words, whether or
 * not there is such a one, and without looking. What cannot be an id is said to be none.
 */
function refuseForeign(
  principal: Principal,
  { creator, member }: Readonly<Record<string, string | undefined>>,
): void {
  if (principal.role === 'anonymous') return;
  narrowed(scopeOf(principal), {
    ...(creator === undefined ? {} : { creatorId: new CreatorIdPipe().transform(creator) }),
    ...(member === undefined ? {} : { memberId: new MemberIdPipe().transform(member) }),
  });
}

/** 401; 503 where the only secret that could have opened it is not set: closed, never open. */
function unknownCaller(
  grants: readonly Grant[],
  { bearer, cookie, whopUserToken }: Credentials,
  { adminToken = '', cronSecret = '' }: ConfiguredSecrets,
): Problem {
  const isOurs =
    cookie !== undefined ||
    whopUserToken !== undefined ||
    (bearer !== undefined && (isTokenText(bearer) || looksLikeJwt(bearer)));
  // Open to all who are somebody: nothing is missing here but who it is.
  if (grants.includes('cron') && grants.includes('member'))
    return unauthorized('Sign in, or send a token as a bearer token.');
  if (grants.includes('cron')) {
    if (cronSecret === '' && !isOurs)
      return new Problem(
        503,
        'cron_not_configured',
        'CRON_SECRET is not set: nobody may call this.',
      );
    return unauthorized('Send CRON_SECRET as a bearer token.');
  }
  if (adminToken === '' && !isOurs)
    return new Problem(503, 'admin_not_configured', 'FLYWHEEL_ADMIN_TOKEN is not set.');
  if (bearer === undefined && !isOurs) return unauthorized('Send a token as a bearer token.');
  return unauthorized('The token is not valid, or not any more.');
}

function credentialsOf(request: FastifyRequest): Credentials {
  return { bearer: bearerToken(request), ...ambientCredentials(request) };
}

function bearerToken(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  // Node keeps the first of several; a proxy may have looked at another.
  if (countHeader(request.raw.rawHeaders, 'authorization') > 1)
    throw unauthorized('Send one authorization header.');
  return /^bearer +(\S+)$/i.exec(authorization)?.[1];
}

const unauthorized = (detail: string): Problem =>
  new Problem(401, 'unauthorized', detail, {
    headers: { 'www-authenticate': 'Bearer realm="flywheel"' },
  });
