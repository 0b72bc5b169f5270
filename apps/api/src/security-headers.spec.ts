import { connect } from 'node:net';
import helmet from '@fastify/helmet';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { fastify } from 'fastify';
import { ADMIN_TOKEN, asAdmin, inMemoryParts } from '../test/in-memory-parts.js';
import { routesOf } from './access.js';
import { createApi } from './create-api.js';

const PROXY = '10.0.0.1';
const CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TRUSTED_BY_NOBODY = {
  'content-security-policy': CSP,
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': expect.stringContaining('camera=(), '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

let app: NestFastifyApplication;
let port: number;
beforeAll(async () => {
  app = await createApi(
    inMemoryParts({
      config: { adminToken: ADMIN_TOKEN, trustedProxies: [PROXY], logLevel: 'silent' },
    }),
    { uptime: () => 0 },
  );
  await app.listen(0, '127.0.0.1');
  port = Number(new URL(await app.getUrl()).port);
});
afterAll(() => app.close());

type Inject = Extract<Parameters<NestFastifyApplication['inject']>[0], object>;
const ask = (request: Inject) => app.inject(request);

/** What the server says to these bytes before it closes the connection. */
const said = (bytes: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });

describe('browsers are told to trust nothing', () => {
  it('by every route, whoever asks and whatever the answer is', async () => {
    const routes = routesOf(app).filter((route) => !/^GET \/docs/.test(route));
    expect(routes.length).toBeGreaterThan(50);
    const statuses = new Set<number>();
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ');
      for (const headers of [{}, asAdmin, { ...asAdmin, 'content-type': 'text/plain' }]) {
        const answer = await fetch(
          `http://127.0.0.1:${port}${path.replace(/^\*/, '/any').replaceAll(/:\w+/g, 'x')}`,
          {
            method,
            headers,
          },
        );
        // Some have no end.
        await answer.body?.cancel();
        statuses.add(answer.status);
        const told = Object.fromEntries(answer.headers);
        expect({ route, told }).toEqual({
          route,
          told: expect.objectContaining(TRUSTED_BY_NOBODY),
        });
        for (const name of ['strict-transport-security', 'x-powered-by', 'server'])
          expect(told).not.toHaveProperty(name);
      }
    }
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 415]));
  });

  it.each<[string, number, Inject]>([
    ['nothing there', 404, { method: 'GET', url: '/nothing' }],
    ['a page that is not there', 404, { method: 'GET', url: '/docs/nothing' }],
    ['another method', 404, { method: 'PATCH', url: '/api/admin/projections' }],
    ['an address that is no text', 400, { method: 'GET', url: '/api/%E0%A4%A' }],
    ['NUL in the address', 400, { method: 'GET', url: '/api/audit/streams/%00' }],
    [
      'a body that is too large',
      413,
      {
        method: 'POST',
        url: '/api/webhooks/whop',
        headers: { 'content-type': 'application/json' },
        payload: 'x'.repeat(300_000),
      },
    ],
  ])('also by a refusal: %s', async (_, status, request) => {
    const answer = await ask(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).toMatchObject(TRUSTED_BY_NOBODY);
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('also when they came too often', async () => {
    const guess = (n: number) =>
      ask({
        method: 'GET',
        url: '/api/creators',
        remoteAddress: '192.0.2.1',
        headers: { authorization: `Bearer ${n}` },
      });
    for (let n = 0; n < 200; n += 1) await guess(n);
    const answer = await guess(-1);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject(TRUSTED_BY_NOBODY);
  });

  it.each([
    [400, 'nonsense\r\n\r\n'],
    [431, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
  ])('also by a %d before there is a request', async (status, bytes) => {
    const answer = await said(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`content-security-policy: ${CSP}\r\n`);
    expect(answer).toContain('cache-control: no-store\r\n');
    expect(answer).toContain('x-content-type-options: nosniff\r\n');
  });

  it('and other origins are let in nowhere', async () => {
    for (const url of ['/api/creators', '/api/webhooks/whop', '/openapi.json', '/nothing']) {
      const answer = await ask({
        method: 'OPTIONS',
        url,
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'authorization',
        },
      });
      expect(answer.statusCode).toBe(404);
      const headers = Object.keys(answer.headers).filter((name) =>
        name.startsWith('access-control'),
      );
      expect(headers).toEqual([]);
    }
  });

  it('to come by HTTPS only where they did, by the word of a proxy that is believed', async () => {
    const asked = (proto: string, remoteAddress: string) =>
      ask({ url: '/health/live', remoteAddress, headers: { 'x-forwarded-proto': proto } });
    expect((await asked('https', PROXY)).headers['strict-transport-security']).toBe(
      'max-age=31536000',
    );
    expect((await asked('http', PROXY)).headers).not.toHaveProperty('strict-transport-security');
    expect((await asked('https', '192.0.2.1')).headers).not.toHaveProperty(
      'strict-transport-security',
    );
  });

  it('at least as much as helmet tells them', async () => {
    const helmeted = fastify();
    await helmeted.register(helmet, {
      frameguard: { action: 'deny' },
      contentSecurityPolicy: false,
      hsts: false,
    });
    helmeted.get('/', () => 'x');
    const { headers: theirs } = await helmeted.inject('/');
    await helmeted.close();
    const { headers: ours } = await ask({ url: '/health/live' });
    const { 'content-length': _l, 'content-type': _t, date: _d, connection: _c, ...told } = theirs;
    expect(Object.keys(told).length).toBeGreaterThan(8);
    expect(ours).toMatchObject(told);
  });
});
