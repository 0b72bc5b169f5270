import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { asAdmin, HEALTHY, inMemoryParts, NOW } from '../test/in-memory-parts.js';
import { routesOf } from './access.js';
import type { ApiParts } from './api-parts.js';
import { createApi } from './create-api.js';
import { createLogger } from './logging.js';
import { openApiOf } from './openapi.js';
import type { SettledToken } from './settled.js';

describe('the API', () => {
  let app: NestFastifyApplication;
  const waits: [SettledToken, number][] = [];
  beforeAll(async () => {
    const settle: ApiParts['settle'] = async (token, timeoutMs) => {
      waits.push([token, timeoutMs]);
      return token.kind === 'delivery' || token.position < 100n;
    };
    app = await createApi(inMemoryParts({ settle }));
  });
  afterAll(() => app.close());

  const get = (url: string, headers = {}) => app.inject({ method: 'GET', url, headers });

  describe('health', () => {
    it('is live', async () => {
      expect((await get('/health/live')).json()).toEqual({ status: 'ok' });
    });

    it('is ready when every component is', async () => {
      const response = await get('/health/ready');
      expect(response.statusCode).toBe(200);
      expect(response.json()).toEqual({
        status: 'ready',
        components: {
          database: { status: 'ok' },
          projections: { status: 'ok', lagPositions: 3 },
          intake: { status: 'ok' },
          migrations: { status: 'ok' },
        },
      });
    });

    it.each([
      ['the intake stands', async () => ({ ...HEALTHY, intake: { ok: false } })],
      ['the database is down', () => Promise.reject(new Error('at 10.0.0.7'))],
    ])('is not ready when %s', async (_, health) => {
      const sick = await createApi(inMemoryParts({ health }));
      const response = await sick.inject({ method: 'GET', url: '/health/ready' });
      await sick.close();
      expect(response.statusCode).toBe(503);
      expect(response.json()).toMatchObject({
        status: 'unready',
        components: { intake: { status: 'failing' } },
      });
      expect(response.body).not.toContain('10.0.0.7');
    });
  });

  it('says what runs here, and where the clock of a demo stands', async () => {
    const ofDemo = await createApi(
      inMemoryParts({
        realClock: { now: () => NOW + 1 },
        config: { ...inMemoryParts().config, publicUrl: 'https://ledger.test' },
      }),
    );
    const about = {
      ...{ version: '0.0.0', licence: 'Apache-2.0', node: process.version },
      ...{ eventStore: 'postgres', postgres: '18.4', publicUrl: null, clockFrozenAt: null },
      migrations: [{ name: '0001-ledger', appliedAt: '2026-03-14T12:00:00.000Z' }],
    };
    expect((await get('/api/admin/about', asAdmin)).json()).toEqual(about);
    const answer = await ofDemo.inject({ url: '/api/admin/about', headers: asAdmin });
    expect(answer.json()).toEqual({
      ...about,
      publicUrl: 'https://ledger.test',
      clockFrozenAt: '2026-03-14T12:00:00.000Z',
    });
    await ofDemo.close();
  });

  it('shows the projections', async () => {
    expect((await get('/api/admin/projections', asAdmin)).json()).toEqual({
      head: 12,
      pendingDeliveries: 2,
      projections: [{ name: 'member_months', version: 1, schema: 'r1', position: 9, lag: 3 }],
    });
  });

  it('shows metrics, and leaves out the gauges that cannot be read', async () => {
    const { body } = await get('/metrics', asAdmin);
    expect(body).toContain('flywheel_deliveries{outcome="parked"} 1');
    expect(body).toContain('flywheel_projection_lag_positions 3');
    expect(body).toContain('route="/health/live",status="200"');
    const gauges = () => Promise.reject(new Error('down'));
    const down = await createApi(inMemoryParts({ gauges }));
    const response = await down.inject({ method: 'GET', url: '/metrics', headers: asAdmin });
    await down.close();
    expect(response.statusCode).toBe(200);
    expect(response.body).not.toMatch(/^flywheel_(deliveries|projection_lag)/m);
  });

  describe('a read with ?settled=', () => {
    const read = (settled: string) => get(`/api/admin/projections?settled=${settled}`, asAdmin);

    it('waits for a position or a delivery', async () => {
      waits.length = 0;
      expect((await read('7')).statusCode).toBe(200);
      expect((await read('d42')).statusCode).toBe(200);
      expect(waits).toEqual([
        [{ kind: 'position', position: 7n }, 5000],
        [{ kind: 'delivery', id: 42n }, 5000],
      ]);
    });

    it('is refused when the read models do not come that far in time', async () => {
      const response = await read('100');
      expect(response.statusCode).toBe(503);
      expect(response.headers['retry-after']).toBe('1');
      expect(response.json()).toMatchObject({ code: 'not_settled' });
    });

    it.each(['', 'x', '-1', '1.5', 'd', 'D1', '0x10', '01', '1&settled=2', '9'.repeat(19)])(
      'refuses %j',
      async (settled) => {
        const response = await read(settled);
        expect([response.statusCode, response.json().code]).toEqual([400, 'settled_malformed']);
      },
    );

    it('does not wait for anybody who may not read', async () => {
      waits.length = 0;
      expect((await get('/api/admin/projections?settled=7')).statusCode).toBe(401);
      expect(waits).toEqual([]);
    });
  });

  describe('documentation', () => {
    it('describes every route but its own, and who may call it', async () => {
      const document = (await get('/openapi.json')).json();
      const described = Object.entries<Record<string, { security: object[] }>>(document.paths)
        .flatMap(([path, item]) => Object.keys(item).map((m) => `${m.toUpperCase()} ${path}`))
        .map((route) => route.replaceAll(/\{(\w+)\}/g, ':$1'));
      const served = routesOf(app).filter(
        (route) => !/^GET (\/(docs|openapi|assets)|\*)/.test(route),
      );
      expect(described.sort()).toEqual(served);
      expect(document.info).toMatchObject({ title: 'Flywheel', license: { name: 'Apache-2.0' } });
      expect(document.paths['/metrics'].get.security).toEqual([{ token: [] }, { session: [] }]);
      expect(document.paths['/metrics'].get['x-roles']).toEqual(['admin', 'ledger-auditor']);
      expect(document.paths['/api/webhooks/whop'].post.security).toEqual([]);
      const parameters = document.paths['/api/admin/projections'].get.parameters;
      expect(parameters.map((parameter: { name: string }) => parameter.name)).toEqual(['settled']);
    });

    it('is the same whenever it is made', async () => {
      const other = await createApi(inMemoryParts());
      const [one, two] = [app, other].map((a) => JSON.stringify(openApiOf(a, '1.2.3')));
      await other.close();
      expect(one).toBe(two);
    });

    it('is a page that loads everything from here', async () => {
      const page = await get('/docs');
      expect(page.statusCode).toBe(200);
      expect(page.headers['content-security-policy']).toContain("script-src 'self'");
      const links = [...page.body.matchAll(/(?:src|href)=["']([^"']+)["']/g)].map(([, l]) => l);
      expect(links).toContain('./docs/swagger-ui-bundle.js');
      for (const link of links) {
        expect(link).toMatch(/^\.\/docs\//);
        expect((await get(`/${link?.slice(2)}`)).statusCode).toBe(200);
      }
      expect(page.body).not.toMatch(/<script>(?!\s*<\/script>)/);
    });
  });

  it('logs neither headers, nor bodies, nor addresses', async () => {
    const lines: string[] = [];
    const logger = createLogger({ logLevel: 'trace' }, { write: (line) => lines.push(line) });
    const failing = () =>
      Promise.reject(Object.assign(new Error('failed'), { detail: 'Key (name)=(canary)' }));
    const logged = await createApi(inMemoryParts({ projections: failing }), { logger });
    const headers = { ...asAdmin, 'x-canary': 'canary' };
    await logged.inject({ method: 'GET', url: '/api/admin/projections?name=canary', headers });
    await logged.inject({
      method: 'POST',
      url: '/api/webhooks/whop',
      headers: { 'content-type': 'application/json', 'webhook-id': 'canary' },
      payload: '{"name":"canary"}',
    });
    await logged.close();
    const log = lines.join('');
    expect(log).toContain('"route":"/api/admin/projections","status":500');
    expect(log).toContain('"code":"signature_mismatch"');
    expect(log).not.toContain('canary');
    expect(log).not.toContain(asAdmin.authorization.slice(7));
  });
});
