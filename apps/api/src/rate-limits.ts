/**
 * How often anybody may ask. Two questions, never mixed:
 *
 * Who has shown something genuine (a token that opened a route) is counted by it, whatever else
 * comes from the same address. Everybody else is counted by the address: who shows nothing, and who
 * shows what has opened nothing yet. So a flood from one address does not shut out those who share
 * it, behind a proxy that forwards everybody: they are known by what they hold.
 *
 * Deliveries are counted only where their signature does not hold. No small delivery is refused
 * before its signature was looked at, which costs some ten microseconds: a flood of forgeries from
 * the proxy's own address cannot stand in the way of Whop's. What an address has to pay for forgeries
 * beyond the allowance is its connections (each forgery ends one), and large bodies, which are then
 * refused unread.
 *
 * Why not @fastify/rate-limit: it counts requests before anybody knows how they end, where
 * this counts what failed, and its windows let twice the number through where they meet.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Role } from '#libs/access';
import { addressKey } from './address.js';
import { SMALL_BODY_BYTES } from './body-room.js';
import { type Allowance, Budget, Recent } from './budget.js';
import { Problem } from './problem.js';

/** By address: strangers, guesses, forgeries. By token: ordinary and costly. */
export const ALLOWANCES = {
  /** Requests that show no credential, or one that has opened nothing yet. */
  strangers: { burst: 1_000, perSecond: 100 },
  /** Credentials that were refused, sign-ins too. */
  guesses: { burst: 200, perSecond: 10 },
  /** Deliveries whose signature did not hold. */
  forgeries: { burst: 1_000, perSecond: 100 },
  ordinary: { burst: 1_000, perSecond: 100 },
  /** Exports, explanations, checks, replays, imports. */
  costly: { burst: 200, perSecond: 10 },
} as const satisfies Readonly<Record<string, Allowance>>;
export type Counted = keyof typeof ALLOWANCES;
export type Allowances = Readonly<Record<Counted, Allowance>>;

/** Of who runs the ledger, or verifies all of it: an import, every figure explained. */
const OPERATOR_TIMES = 10;
const OPERATORS: readonly (Role | undefined)[] = ['admin', 'auditor', 'cron'];
const isOperator = (role: Role | undefined): boolean => OPERATORS.includes(role);

/** Routes that cost more than a page of a table; whatever is asked for as a file is one of them too. */
export const COSTLY: readonly string[] = [
  'GET /api/creators/:creator/explain',
  'GET /api/creators/:creator/members/:member/explain',
  'GET /api/creators/:creator/months/:month/snapshot.csv',
  'POST /api/creators/:creator/months/:month/close',
  'POST /api/creators/:creator/months/:month/restate',
  'GET /api/cron/reset-monthly-stats',
  'POST /api/cron/reset-monthly-stats',
  'GET /api/admin/check-consistency',
  'GET /api/admin/diagnosis/:creator',
  'POST /api/admin/imports/preview',
  'POST /api/admin/imports/:id/lines',
  'POST /api/admin/deliveries/redrive',
  'POST /api/admin/deliveries/exclude',
  'GET /api/audit/history',
  'POST /api/admin/replays',
  'POST /api/admin/replays/:id/promote',
];
const costly: ReadonlySet<string> = new Set(COSTLY);
/** Asked by machines that must not be told to wait. */
const UNCOUNTED: ReadonlySet<string> = new Set(['/health/live', '/health/ready']);

const WEBHOOKS = '/api/webhooks/';
const A_FILE = /[?&]format=(csv|ndjson)/;
const A_FILE_TYPE = /text\/csv|ndjson/i;
const BEARER = /^bearer +(\S+)$/i;
const SESSION_COOKIE = /(?:^|; *)flywheel_session=([^;]*)/;

export interface RateLimitOptions {
  /** Nothing is counted then. */
  readonly isOff?: boolean;
  /** Secrets of the configuration: known from the start. */
  readonly secrets: readonly (string | undefined)[];
  /** Default: ALLOWANCES. */
  readonly allowances?: Allowances;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: () => number;
  /** Called for each refusal. */
  readonly onLimited?: (counted: Counted) => void;
}

export class RateLimits {
  readonly #budgets: Readonly<Record<Counted, Budget>>;
  /** Credentials that have opened something, hashed. */
  readonly #known = new Recent();
  readonly #secrets: ReadonlySet<string>;
  readonly #credentials = new WeakMap<FastifyRequest, string>();
  readonly #isOff: boolean;
  readonly #onLimited: (counted: Counted) => void;

  constructor(options: RateLimitOptions) {
    const now = options.now ?? (() => performance.now());
    const budgets = Object.entries(options.allowances ?? ALLOWANCES).map(([name, one]) => [
      name,
      new Budget(one, now),
    ]);
    this.#budgets = Object.fromEntries(budgets);
    this.#secrets = new Set(options.secrets.flatMap((secret) => (secret ? [hashOf(secret)] : [])));
    this.#isOff = options.isOff ?? false;
    this.#onLimited = options.onLimited ?? (() => {});
  }

  /** Before anybody knows who asks. */
  arrived(request: FastifyRequest): Problem | undefined {
    if (this.#isOff) return undefined;
    const route = request.routeOptions.url ?? '';
    if (route.startsWith(WEBHOOKS)) return this.#delivered(request);
    const credential = credentialOf(request);
    if (credential !== undefined) {
      this.#credentials.set(request, credential);
      if (this.#secrets.has(credential) || this.#known.has(credential)) return undefined;
    }
    if (UNCOUNTED.has(route)) return undefined;
    const address = addressKey(request.ip);
    const isGuess = credential !== undefined || isSignIn(request);
    const wait = isGuess ? this.#budgets.guesses.wait(address) : 0;
    if (wait > 0) return this.#limited('guesses', wait);
    return this.#take('strangers', address);
  }

  /** After the route was opened to whoever asks. */
  admitted(request: FastifyRequest, isCostly: boolean): Problem | undefined {
    const credential = this.#credentials.get(request);
    if (credential === undefined) return undefined;
    this.#known.add(credential);
    const counted = isCostly || isForAFile(request) ? 'costly' : 'ordinary';
    // By whom it stands for: a signed token is another one every few minutes.
    const { role, actor = credential } = request.principal ?? {};
    return this.#take(counted, actor, isOperator(role) ? OPERATOR_TIMES : 1);
  }

  /** After the answer: a credential that was refused is a guess, and is not known any more. */
  answered(request: FastifyRequest, status: number): void {
    if (status !== 401 || this.#isOff) return;
    const credential = this.#credentials.get(request);
    if (credential === undefined && !isSignIn(request)) return;
    if (credential !== undefined) this.#known.forget(credential);
    this.#budgets.guesses.take(addressKey(request.ip));
  }

  /** A delivery whose signature does not hold: 429 with what is beyond the allowance, else nothing. */
  forged(request: FastifyRequest): Problem | undefined {
    if (this.#isOff) return undefined;
    return this.#take('forgeries', addressKey(request.ip), 1, { connection: 'close' });
  }

  #delivered(request: FastifyRequest): Problem | undefined {
    const { headers } = request.raw;
    const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
    if (length <= SMALL_BODY_BYTES) return undefined;
    const wait = this.#budgets.forgeries.wait(addressKey(request.ip));
    return wait > 0 ? this.#limited('forgeries', wait, { connection: 'close' }) : undefined;
  }

  #take(
    counted: Counted,
    key: string,
    times = 1,
    headers: Record<string, string> = {},
  ): Problem | undefined {
    const wait = this.#budgets[counted].take(key, times);
    return wait > 0 ? this.#limited(counted, wait, headers) : undefined;
  }

  #limited(counted: Counted, wait: number, headers: Record<string, string> = {}): Problem {
    this.#onLimited(counted);
    return new Problem(429, 'rate_limited', DETAILS[counted], {
      headers: { 'retry-after': String(wait), ...headers },
    });
  }
}

const DETAILS: Readonly<Record<Counted, string>> = {
  strangers: 'Too many requests from this address: wait as Retry-After says, or send a token.',
  guesses: 'Too many credentials from this address were refused: wait as Retry-After says.',
  forgeries: 'Too many signatures from this address did not hold: wait as Retry-After says.',
  ordinary: 'Too many requests with this token: wait as Retry-After says.',
  costly: 'Too many costly requests with this token: wait as Retry-After says.',
};

/** What is shown, as a hash: a heap dump has no token of it. */
function credentialOf({ headers }: FastifyRequest): string | undefined {
  const { authorization, cookie } = headers;
  if (authorization !== undefined) return hashOf(BEARER.exec(authorization)?.[1] ?? authorization);
  const whop = headers['x-whop-user-token'];
  if (typeof whop === 'string') return hashOf(whop);
  const session = cookie === undefined ? undefined : SESSION_COOKIE.exec(cookie)?.[1];
  return session === undefined ? undefined : hashOf(session);
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

const isForAFile = ({ raw }: FastifyRequest): boolean =>
  A_FILE.test(raw.url ?? '') || A_FILE_TYPE.test(raw.headers.accept ?? '');

/** Where a credential comes in the body. */
const isSignIn = ({ method, routeOptions }: FastifyRequest): boolean =>
  method === 'POST' && routeOptions.url === '/api/session';

/**
 * Call it after useAccess and before anything registers a route. `isOpen`: whether a route is open
 * to everybody, so that getting there proves nothing.
 */
export function useRateLimits(
  server: FastifyInstance,
  limits: RateLimits,
  isOpen: (method: string, path: string) => boolean,
): void {
  server.addHook('onRequest', (request, _reply, done) => done(limits.arrived(request)));
  server.addHook('onSend', (request, reply, payload, done) => {
    limits.answered(request, reply.statusCode);
    done(null, payload);
  });
  server.addHook('onRoute', (route: RouteOptions) => {
    const [method = 'GET'] = [route.method].flat();
    if (isOpen(method, route.url)) return;
    const isCostly = costly.has(`${method === 'HEAD' ? 'GET' : method} ${route.url}`);
    const hook: RouteOptions['onRequest'] = (request, _reply, done) =>
      done(limits.admitted(request, isCostly));
    route.onRequest = [...[route.onRequest ?? []].flat(), hook];
  });
}
