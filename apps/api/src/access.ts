/**
 * Who may call what: one table, deny by default. A route that the table does not name is refused,
 * and access.spec.ts fails for it. The guard runs before a body is read, for every route of the
 * router: Nest's, the documentation's and any other.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { countHeader } from './headers.js';
import { Problem } from './problem.js';

export type Role = 'anonymous' | 'admin' | 'cron';
export type AccessTable = Readonly<Record<string, readonly Role[]>>;

/** A path that ends in `/*` speaks for everything below it. GET speaks for HEAD. */
export const ACCESS: AccessTable = {
  'POST /api/webhooks/whop': ['anonymous'], // the signature says who it is
  'GET /api/creators': ['admin'],
  'GET /api/creators/:creator': ['admin'],
  'GET /api/creators/:creator/top-referrers': ['admin'],
  'GET /api/creators/:creator/referrals': ['admin'],
  'GET /api/creators/:creator/payments': ['admin'],
  'GET /api/creators/:creator/revenue': ['admin'],
  'GET /api/creators/:creator/growth': ['admin'],
  'GET /api/creators/:creator/members': ['admin'],
  'GET /api/creators/:creator/members/:member': ['admin'],
  'GET /api/creators/:creator/members/:member/stats': ['admin'],
  'GET /api/creators/:creator/members/:member/referrals': ['admin'],
  'GET /api/creators/:creator/members/:member/earnings': ['admin'],
  'GET /api/creators/:creator/members/:member/growth': ['admin'],
  'GET /api/creators/:creator/members/:member/statement': ['admin'],
  'GET /api/creators/:creator/members/:member/explain': ['admin'],
  'GET /api/creators/:creator/explain': ['admin'],
  'PUT /api/creators/:creator/members/:member/tier-pin': ['admin'],
  'PUT /api/creators/:creator/members/:member/referral-code': ['admin'],
  'PUT /api/creators/:creator/members/:member/referrer': ['admin'],
  'DELETE /api/creators/:creator/members/:member/personal-data': ['admin'],
  'PUT /api/creators/:creator/memberships/:membership/person': ['admin'],
  'GET /api/creators/:creator/settings': ['admin'],
  'PUT /api/creators/:creator/settings': ['admin'],
  'GET /api/creators/:creator/months': ['admin'],
  'GET /api/creators/:creator/months/:month': ['admin'],
  'GET /api/creators/:creator/months/:month/snapshot.csv': ['admin'],
  'POST /api/creators/:creator/months/:month/close': ['admin'],
  'POST /api/creators/:creator/months/:month/restate': ['admin'],
  'GET /api/cron/reset-monthly-stats': ['admin', 'cron'],
  'POST /api/cron/reset-monthly-stats': ['admin', 'cron'],
  'GET /api/admin/projections': ['admin'],
  'GET /api/admin/check-consistency': ['admin'],
  'GET /api/admin/checks': ['admin'],
  'GET /api/admin/diagnosis/:creator': ['admin'],
  'GET /api/admin/imports/:id': ['admin'],
  'POST /api/admin/imports': ['admin'],
  'POST /api/admin/imports/preview': ['admin'],
  'POST /api/admin/imports/:id/lines': ['admin'],
  'GET /api/admin/deliveries': ['admin'],
  'GET /api/admin/deliveries/:id': ['admin'],
  'POST /api/admin/deliveries/redrive': ['admin'],
  'POST /api/admin/deliveries/exclude': ['admin'],
  'POST /api/admin/deliveries/:id/redrive': ['admin'],
  'POST /api/admin/deliveries/:id/exclude': ['admin'],
  'GET /api/audit/events': ['admin'],
  'GET /api/audit/events/:id': ['admin'],
  'GET /api/audit/history': ['admin'],
  'GET /api/audit/streams': ['admin'],
  'GET /api/audit/streams/:stream': ['admin'],
  'GET /api/live': ['admin'],
  'POST /api/admin/replays': ['admin'],
  'GET /api/admin/replays': ['admin'],
  'GET /api/admin/replays/:id': ['admin'],
  'GET /api/admin/replays/:id/events': ['admin'],
  'GET /api/admin/replays/:id/difference': ['admin'],
  'POST /api/admin/replays/:id/promote': ['admin'],
  'DELETE /api/admin/replays/:id': ['admin'],
  'GET /health/live': ['anonymous'],
  'GET /health/ready': ['anonymous'],
  'GET /metrics': ['admin'],
  'GET /docs': ['anonymous'],
  'GET /docs/*': ['anonymous'],
  'GET /openapi.json': ['anonymous'],
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
  readonly adminToken: string | undefined;
  /** Opens what the table gives to `cron`, and nothing else. */
  readonly cronSecret?: string | undefined;
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
  const admin = guardOf(options.adminToken);
  const cron = cronGuardOf(options);
  server.addHook('onRoute', (route: RouteOptions) => {
    for (const method of [route.method].flat()) {
      if (method !== 'HEAD') routes.push({ method, path: route.url });
      const row = accessRow(options.table, method, route.url);
      const roles = row === undefined ? [] : (options.table[row] ?? []);
      if (roles.includes('anonymous')) continue;
      if (roles.includes('cron')) guard(route, cron);
      else guard(route, roles.includes('admin') ? admin : refuse);
    }
  });
}

type Guard = (request: FastifyRequest) => void;

function guard(route: RouteOptions, check: Guard): void {
  const hook: RouteOptions['onRequest'] = (request, _reply, done) => {
    try {
      check(request);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  route.onRequest = [hook, ...[route.onRequest ?? []].flat()];
}

const refuse: Guard = () => {
  throw new Problem(403, 'access_undeclared', 'Nobody may call this route.');
};

/** Compares digests, so that neither the length nor a prefix of the token shows in the time it takes. */
function guardOf(token: string | undefined): Guard {
  if (token === undefined || token === '')
    return () => {
      throw new Problem(503, 'admin_not_configured', 'FLYWHEEL_ADMIN_TOKEN is not set.');
    };
  const expected = sha256(token);
  return (request) => {
    const given = bearerToken(request);
    if (given === undefined) throw unauthorized('Send the admin token as a bearer token.');
    if (!timingSafeEqual(sha256(given), expected)) throw unauthorized('The token is not valid.');
  };
}

/** The cron's secret, or the admin's token, which opens what the cron may do too. */
function cronGuardOf({ adminToken = '', cronSecret = '' }: AccessOptions): Guard {
  // What is not set equals nothing that can be sent: no header can carry an empty token.
  const expected = [cronSecret, adminToken].map(sha256);
  return (request) => {
    const given = sha256(bearerToken(request) ?? '');
    const [isCron = false, isAdmin = false] = expected.map((one) => timingSafeEqual(given, one));
    if ((isCron && cronSecret !== '') || (isAdmin && adminToken !== '')) return;
    if (cronSecret === '')
      throw new Problem(
        503,
        'cron_not_configured',
        'CRON_SECRET is not set: nobody may call this.',
      );
    throw unauthorized('Send CRON_SECRET as a bearer token.');
  };
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

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
