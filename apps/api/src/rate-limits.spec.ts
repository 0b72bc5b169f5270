import { afterEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import {
  ADMIN_TOKEN,
  asAdmin,
  CRON_SECRET,
  inMemoryParts,
  signatureOf,
} from '../test/in-memory-parts.js';
import { routesOf } from './access.js';
import type { ApiConfig } from './api-parts.js';
import { createApi } from './create-api.js';
import { ALLOWANCES, type Allowances, COSTLY, RateLimits } from './rate-limits.js';

const config: ApiConfig = {
  adminToken: ADMIN_TOKEN,
  cronSecret: CRON_SECRET,
  rateLimit: 'on',
  logLevel: 'silent',
};
/** Enough to see what they do. */
const FEW: Allowances = {
  strangers: { burst: 40, perSecond: 100 },
  guesses: { burst: 20, perSecond: 10 },
  forgeries: { burst: 30, perSecond: 100 },
  ordinary: { burst: 1_000, perSecond: 100 },
  costly: { burst: 200, perSecond: 10 },
};
const HOME = '203.0.113.9';
const AWAY = '198.51.100.7';

let app: NestFastifyApplication | undefined;
afterEach(() => app?.close());

/** An API with limits, whose time stands still. */
async function limited(changes: Partial<ApiConfig> = {}): Promise<NestFastifyApplication> {
  app = await createApi(inMemoryParts({ config: { ...config, ...changes } }), {
    uptime: () => 0,
    allowances: FEW,
  });
  return app;
}

interface Ask {
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly url?: string;
}
const READ = '/api/admin/projections';
const ask = async ({ from = HOME, headers = {}, url = READ }: Ask = {}): Promise<number> =>
  (
    await (app as NestFastifyApplication).inject({
      method: 'GET',
      url,
      headers,
      remoteAddress: from,
    })
  ).statusCode;
const guess = (n: number, more: Ask = {}): Promise<number> =>
  ask({ ...more, headers: { authorization: `Bearer guess${n}`, ...more.headers } });

const deliver = (body: string, { from = HOME, signature = signatureOf(body) } = {}) =>
  (app as NestFastifyApplication).inject({
    method: 'POST',
    url: '/api/webhooks/whop',
    remoteAddress: from,
    payload: body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-signature': signature,
    },
  });
const times = async (n: number, act: (i: number) => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < n; i += 1) await act(i);
};

describe('somebody without a token', () => {
  it('may ask so often from an address, and is then told when to come again', async () => {
    await limited();
    await times(FEW.strangers.burst, () => ask({ url: '/openapi.json' }));
    const refused = await (app as NestFastifyApplication).inject({
      method: 'GET',
      url: '/openapi.json',
      remoteAddress: HOME,
    });
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.headers['content-type']).toBe('application/problem+json');
    expect(refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(await ask({ url: '/nothing/at/all' })).toBe(429);
    expect(await ask({ url: '/openapi.json', from: AWAY })).toBe(200);
    // Who has a token is not shut out by those who share the address, and probes always get through.
    expect(await ask({ headers: asAdmin })).toBe(200);
    expect(await ask({ url: '/health/live' })).toBe(200);
  });

  it('is counted for whoever watches', async () => {
    await limited();
    await times(FEW.strangers.burst + 3, () => ask({ url: '/openapi.json' }));
    const url = '/metrics';
    const { body } = await (app as NestFastifyApplication).inject({ url, headers: asAdmin });
    expect(body).toContain('flywheel_rate_limited_total{counted="strangers"} 3');
  });

  it('guesses so many tokens, whatever address it says that it comes from', async () => {
    await limited();
    await times(FEW.guesses.burst, (n) =>
      guess(n, { headers: { 'x-forwarded-for': `192.0.2.${n % 250}` } }),
    );
    expect(await guess(-1, { headers: { 'x-forwarded-for': '192.0.2.251' } })).toBe(429);
    expect(await guess(-1, { from: AWAY })).toBe(401);
    // The right ones are known: nobody's guesses stand in their way.
    expect(await ask({ headers: asAdmin })).toBe(200);
    expect(await ask({ headers: { authorization: `bearer  ${ADMIN_TOKEN}` } })).toBe(200);
  });

  it('tries so many sign-ins', async () => {
    const server = await limited();
    const signIn = async (n: number) =>
      (
        await server.inject({
          method: 'POST',
          url: '/api/session',
          remoteAddress: HOME,
          payload: { token: `guess${n}` },
        })
      ).statusCode;
    for (let n = 0; n < FEW.guesses.burst; n += 1) expect(await signIn(n)).toBe(401);
    expect(await signIn(-1)).toBe(429);
    expect(await ask({ headers: asAdmin })).toBe(200);
  });

  it('is told apart behind a proxy that is believed, by the address that the proxy saw', async () => {
    await limited({ trustedProxies: ['10.0.0.0/8'] });
    const through = (forwarded: string, from = '10.0.0.1') =>
      guess(1, { from, headers: { 'x-forwarded-for': forwarded } });
    // What stands before the proxy's own word is what the client said.
    await times(FEW.guesses.burst, (n) => through(`192.0.2.${n % 250}, ${HOME}`));
    expect(await through(`192.0.2.251, ${HOME}`)).toBe(429);
    expect(await through(`${HOME}, 10.0.0.2`)).toBe(429);
    expect(await through(`${HOME}, ${AWAY}`)).toBe(401);
    // Nobody else is believed.
    expect(await through(HOME, AWAY)).toBe(401);
  });

  it('has one allowance for a whole network of IPv6', async () => {
    await limited();
    await times(FEW.guesses.burst, (n) => guess(n, { from: `2001:db8::${n.toString(16)}` }));
    expect(await guess(-1, { from: '2001:db8::ffff' })).toBe(429);
    expect(await guess(-1, { from: '2001:db8:0:1::1' })).toBe(401);
  });
});

describe('a delivery', () => {
  it('that is forged too often is told so and hung up on; what is genuine gets through', async () => {
    const server = await limited();
    await times(FEW.forgeries.burst, () => deliver('{}', { signature: 'x' }));
    const refused = await deliver('{}', { signature: 'x' });
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'rate_limited']);
    expect(refused.headers).toMatchObject({ 'retry-after': '1', connection: 'close' });
    // From the very same address: it may be the proxy's, through which Whop comes too.
    expect((await deliver('{"genuine":1}')).statusCode).toBe(200);
    // Only a large body is not read at all, for it cannot be judged without being held.
    const large = JSON.stringify({ padding: 'x'.repeat(40_000) });
    expect((await deliver(large)).statusCode).toBe(429);
    expect((await deliver(large, { from: AWAY })).statusCode).toBe(200);
    expect((await server.inject({ url: '/metrics', headers: asAdmin })).body).toContain(
      'flywheel_rate_limited_total{counted="forgeries"} 2',
    );
  });

  it('that is genuine is never counted', async () => {
    await limited();
    for (let n = 0; n < 2 * FEW.forgeries.burst; n += 1)
      expect((await deliver(`{"n":${n}}`)).statusCode).toBe(200);
  });
});

describe('a token', () => {
  const request = (url: string, token: string, headers = {}): FastifyRequest =>
    ({
      principal: {
        actor: token.replace(/\..*/, ''),
        role: token === ADMIN_TOKEN ? 'admin' : 'creator',
      },
      ip: HOME,
      method: 'GET',
      headers: { authorization: `Bearer ${token}`, ...headers },
      raw: { url, headers: { ...headers } },
      routeOptions: { url },
    }) as unknown as FastifyRequest;
  const limits = () => new RateLimits({ secrets: [ADMIN_TOKEN], now: () => 0 });
  /** How many of so many requests are let through. */
  const through = (one: RateLimits, n: number, token: string, isCostly: boolean, headers = {}) => {
    let count = 0;
    for (let i = 0; i < n; i += 1) {
      const asked = request('/api/creators', token, headers);
      const problem = one.arrived(asked) ?? one.admitted(asked, isCostly);
      if (problem === undefined) count += 1;
    }
    return count;
  };

  it('has its own allowance for what is ordinary and for what is costly', () => {
    const one = limits();
    expect(through(one, 3_000, 'mine', false)).toBe(ALLOWANCES.ordinary.burst);
    expect(through(one, 3_000, 'mine', true)).toBe(ALLOWANCES.costly.burst);
    expect(through(one, 10, 'yours', false)).toBe(10);
  });

  it('that asks for a file asks for something costly', () => {
    expect(through(limits(), 1_000, 'mine', false, { accept: 'text/csv' })).toBe(
      ALLOWANCES.costly.burst,
    );
  });

  it('is counted as whom it stands for: signed tokens change every few minutes', () => {
    const one = limits();
    const some = through(one, 700, 'mine.first', false);
    expect(some + through(one, 700, 'mine.second', false)).toBe(ALLOWANCES.ordinary.burst);
  });

  it("of the operator's has ten times as much", () => {
    expect(through(limits(), 3_000, ADMIN_TOKEN, true)).toBe(10 * ALLOWANCES.costly.burst);
  });

  it('that was refused is not known any more', () => {
    const one = limits();
    through(one, 1, 'mine', false);
    const asked = request('/api/creators', 'mine');
    one.arrived(asked);
    one.answered(asked, 401);
    for (let n = 1; n < ALLOWANCES.guesses.burst; n += 1) {
      const other = request('/api/creators', `guess${n}`);
      one.arrived(other);
      one.answered(other, 401);
    }
    expect(one.arrived(request('/api/creators', 'mine'))).toMatchObject({ status: 429 });
  });
});

describe('the limits', () => {
  it('can be switched off', async () => {
    await limited({ rateLimit: 'off' });
    await times(FEW.guesses.burst + 5, guess);
    expect(await guess(-1)).toBe(401);
  });

  it('are on where nobody says otherwise', async () => {
    app = await createApi(
      inMemoryParts({ config: { adminToken: ADMIN_TOKEN, logLevel: 'silent' } }),
      { uptime: () => 0 },
    );
    await times(ALLOWANCES.guesses.burst, guess);
    expect(await guess(-1)).toBe(429);
  });

  it('name no costly route that does not exist', async () => {
    const routes = new Set(routesOf(await limited()));
    expect(COSTLY.filter((route) => !routes.has(route))).toEqual([]);
  });
});
