/** Signing in over the real interface: cookies, links, pages of somebody else, and how it all ends. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { ADMIN_TOKEN, asAdmin, CRON_SECRET, inMemoryParts } from '../test/in-memory-parts.js';
import { type RealApi, realApi } from '../test/real-parts.js';
import { createApi } from './create-api.js';

const PAGE = 'https://ledger.example.com';
const OURS = { origin: PAGE };
const LINKS = '/api/admin/sign-in-links';

type Headers = Record<string, string | string[]>;

describe('signing in', () => {
  let api: RealApi;
  beforeAll(async () => {
    api = await realApi(Date.UTC(2026, 2, 14, 12), undefined, { publicUrl: PAGE });
    await api.put('/creators/biz_a/settings', { currency: 'usd' });
    await api.put('/creators/biz_b/settings', { currency: 'usd' });
    expect((await api.get('/creators/biz_b')).status).toBe(200); // both are projected
  });
  afterAll(() => api.close());

  const ask = (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    headers: Headers,
    payload?: object,
  ) => api.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  const signIn = (payload: object, headers: Headers = OURS) =>
    ask('POST', '/api/session', headers, payload);
  const cookieOf = ({ headers }: LightMyRequestResponse): string =>
    String(headers['set-cookie']).split(';')[0] ?? '';
  const signedIn = async (payload: object = { token: ADMIN_TOKEN }): Promise<Headers> => {
    const answer = await signIn(payload);
    expect(answer.statusCode).toBe(201);
    return { cookie: cookieOf(answer) };
  };
  const linkFor = async (whom: object): Promise<string> => {
    const answer = await ask('POST', LINKS, asAdmin, whom);
    expect(answer.statusCode).toBe(201);
    return new URL(String(answer.json().url)).hash.slice(1);
  };
  const tokenFor = async (whom: object): Promise<{ id: string; token: string }> =>
    (await ask('POST', '/api/admin/tokens', asAdmin, whom)).json();
  const statusOf = async (headers: Headers, url = '/api/me') =>
    (await ask('GET', url, headers)).statusCode;
  /** All that a refusal tells: everything but the number of the request. */
  const told = ({ statusCode, headers, body }: LightMyRequestResponse) => {
    const { 'content-length': _, date: __, ...others } = headers;
    return { statusCode, others, body: body.replace(/"requestId":"[^"]*"/, '') };
  };

  it('with the admin’s token sets a cookie that no script and no other site gets', async () => {
    const answer = await signIn({ token: ADMIN_TOKEN });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['set-cookie']).toMatch(
      /^flywheel_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/,
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      role: 'admin',
      creatorId: null,
      memberId: null,
      actor: 'admin',
      by: 'session',
      expiresAt: expect.stringMatching(/^2026-03-15T00:00:00/),
    });
    expect(answer.body).not.toContain(cookieOf(answer).slice(20));
    expect(await statusOf({ cookie: cookieOf(answer) }, '/api/creators')).toBe(200);
  });

  it('with a token lets see what the token lets see', async () => {
    const { token } = await tokenFor({ role: 'creator', creatorId: 'biz_a' });
    const session = await signedIn({ token });
    expect((await ask('GET', '/api/me', session)).json()).toMatchObject({
      role: 'creator',
      creatorId: 'biz_a',
      by: 'session',
      actor: expect.stringMatching(/^token:\d+$/),
    });
    expect(await statusOf(session, '/api/creators/biz_a')).toBe(200);
    expect(await statusOf(session, '/api/creators/biz_b')).toBe(404);
    expect(await statusOf(session, '/api/admin/tokens')).toBe(403);
  });

  it('answers alike whatever it is that opens nothing', async () => {
    const used = await linkFor({ role: 'admin' });
    await signedIn({ link: used });
    const { id, token } = await tokenFor({ role: 'admin' });
    await ask('DELETE', `/api/admin/tokens/${id}`, asAdmin);
    const shown = [
      { link: used },
      { link: 'A'.repeat(43) },
      { link: 'no link' },
      { token: 'no token' },
      { token },
      { token: CRON_SECRET },
      { token: `${ADMIN_TOKEN}x` },
      { token: 'eyJhbGciOiJub25lIn0.e30.x' },
    ];
    const answers = await Promise.all(shown.map((payload) => signIn(payload)));
    const [first] = answers.map(told);
    expect(first).toMatchObject({ statusCode: 401 });
    expect(first?.body).toContain('sign_in_refused');
    expect(first?.others).not.toHaveProperty('set-cookie');
    expect(answers.map(told)).toEqual(answers.map(() => first));
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['both', { token: ADMIN_TOKEN, link: 'x' }],
    ['an empty token', { token: '' }],
    ['a number', { token: 1 }],
    ['null', { token: null }],
    ['a list', { token: ['x'] }],
    ['a book', { token: 'x'.repeat(2000) }],
    ['a role of one’s own', { token: ADMIN_TOKEN, role: 'admin' }],
  ])('refuses to guess what is meant by %s', async (_, payload) => {
    const answer = await signIn(payload);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'input_invalid']);
  });

  it('by a link works once, as the one it was made for', async () => {
    const link = await linkFor({ role: 'member', creatorId: 'biz_a', memberId: 'user_1' });
    const session = await signedIn({ link });
    expect((await ask('GET', '/api/me', session)).json()).toMatchObject({
      role: 'member',
      creatorId: 'biz_a',
      memberId: 'user_1',
    });
    expect((await signIn({ link })).statusCode).toBe(401);
  });

  it('gives out links to our own page, with the code where no server sees it', async () => {
    const answer = await ask('POST', LINKS, asAdmin, { role: 'auditor' });
    expect(answer.json().url).toMatch(/^https:\/\/ledger\.example\.com\/sign-in#[\w-]{43}$/);
    expect(answer.json()).toMatchObject({ role: 'auditor', creatorId: null, memberId: null });
    const wrong = await ask('POST', LINKS, asAdmin, { role: 'creator' });
    expect([wrong.statusCode, wrong.json().code]).toEqual([400, 'scope_invalid']);
    const cron = await ask('POST', LINKS, asAdmin, { role: 'cron' });
    expect(cron.json().code).toBe('input_invalid');
  });

  it('never goes on with a session that the browser was given before', async () => {
    const chosen = { cookie: `flywheel_session=${'A'.repeat(43)}` };
    const answer = await signIn({ token: ADMIN_TOKEN }, { ...OURS, ...chosen });
    expect(answer.statusCode).toBe(201);
    expect(cookieOf(answer)).not.toBe(chosen.cookie);
    expect(await statusOf(chosen)).toBe(401);
    const before = { cookie: cookieOf(answer) };
    const again = await signIn({ token: ADMIN_TOKEN }, { ...OURS, ...before });
    expect(await statusOf(before)).toBe(401);
    expect(await statusOf({ cookie: cookieOf(again) })).toBe(200);
  });

  it('ends at the sign-out, which clears the cookie and can be said twice', async () => {
    const session = await signedIn();
    const out = await ask('DELETE', '/api/session', { ...session, ...OURS });
    expect(out.statusCode).toBe(204);
    expect(out.headers['set-cookie']).toBe(
      'flywheel_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure',
    );
    expect(await statusOf(session)).toBe(401);
    expect((await ask('DELETE', '/api/session', { ...session, ...OURS })).statusCode).toBe(204);
    expect((await ask('DELETE', '/api/session', {})).statusCode).toBe(204);
  });

  it('ends at once with the token that opened it', async () => {
    const { id, token } = await tokenFor({ role: 'creator', creatorId: 'biz_a' });
    const session = await signedIn({ token });
    expect(await statusOf(session)).toBe(200);
    await ask('DELETE', `/api/admin/tokens/${id}`, asAdmin);
    expect(await statusOf(session)).toBe(401);
  });

  it('is told who one is, however one came in', async () => {
    const { token } = await tokenFor({ role: 'auditor', expiresAt: '2026-04-01T00:00:00Z' });
    const me = async (headers: Headers) => (await ask('GET', '/api/me', headers)).json();
    expect(await me(asAdmin)).toMatchObject({ role: 'admin', by: 'configured', expiresAt: null });
    expect(await me({ authorization: `Bearer ${CRON_SECRET}` })).toMatchObject({ role: 'cron' });
    expect(await me({ authorization: `Bearer ${token}` })).toMatchObject({
      role: 'auditor',
      by: 'token',
      expiresAt: '2026-04-01T00:00:00.000Z',
    });
    const shown: Headers[] = [{}, { cookie: 'flywheel_session=x' }, { authorization: 'Bearer x' }];
    for (const headers of shown) {
      const nobody = await ask('GET', '/api/me', headers);
      expect([nobody.statusCode, nobody.json().code]).toEqual([401, 'unauthorized']);
    }
  });

  it('is asked for in one way, also where neither the admin’s nor the cron’s secret is set', async () => {
    const config = { adminToken: undefined, logLevel: 'silent' as const };
    const closed = await createApi(inMemoryParts({ config }));
    const nobody = await closed.inject({ method: 'GET', url: '/api/me' });
    await closed.close();
    expect([nobody.statusCode, nobody.json().code]).toEqual([401, 'unauthorized']);
  });

  it('is not decided between two cookies, one of which another host may have set', async () => {
    const { cookie } = await signedIn();
    for (const two of [
      `${cookie}; flywheel_session=x`,
      `flywheel_session=x;${cookie}`,
      `${cookie}; ${cookie}`,
    ])
      expect(await statusOf({ cookie: two })).toBe(401);
    expect(await statusOf({ cookie: `theme=dark; ${cookie}; my_flywheel_session=x` })).toBe(200);
  });

  it('counts for nothing beside a token that is not valid', async () => {
    const session = await signedIn();
    expect(await statusOf({ ...session, authorization: 'Bearer wrong' })).toBe(401);
  });

  describe('changes something', () => {
    const FOREIGN: Readonly<Record<string, Headers>> = {
      'another site': { origin: 'https://evil.example' },
      'a site whose name begins like ours': { origin: `${PAGE}.evil.example` },
      'our name without encryption': { origin: 'http://ledger.example.com' },
      'our name at another port': { origin: `${PAGE}:8443` },
      'a name below ours': { origin: 'https://a.ledger.example.com' },
      'our address with a path': { origin: `${PAGE}/` },
      'our name in capitals': { origin: 'https://LEDGER.example.com' },
      'this machine, where an address is configured': { origin: 'http://127.0.0.1:4310' },
      'a sandbox or a file': { origin: 'null' },
      'an empty origin': { origin: '' },
      'two origins in one': { origin: `${PAGE} https://evil.example` },
      'nobody says which page': {},
      'a page of the same site': { 'sec-fetch-site': 'same-site' },
      'a page of another site, without an origin': { 'sec-fetch-site': 'cross-site' },
      'a link that somebody opened': { 'sec-fetch-site': 'none' },
      'a referer alone': { referer: `${PAGE}/settings` },
      'a host that says so': { host: 'ledger.example.com', 'x-forwarded-host': PAGE },
      'another site that says it were the same': {
        origin: 'https://evil.example',
        'sec-fetch-site': 'same-origin',
      },
    };
    const WAYS = [
      ['POST', LINKS, { role: 'admin' }],
      ['PUT', '/api/creators/biz_a/settings', { graceHours: 24 }],
      ['DELETE', '/api/admin/tokens/1', undefined],
      ['DELETE', '/api/session', undefined],
    ] as const;

    it.each(Object.entries(FOREIGN))('for no page but ours: %s', async (_, headers) => {
      const session = await signedIn();
      for (const [method, url, payload] of WAYS) {
        const answer = await ask(method, url, { ...session, ...headers }, payload);
        expect([method, url, answer.statusCode, answer.json().code]).toEqual([
          method,
          url,
          403,
          'origin_refused',
        ]);
      }
      expect(await statusOf(session)).toBe(200);
    });

    it.each<[string, Headers]>([
      ['by its origin', OURS],
      ['by its browser', { 'sec-fetch-site': 'same-origin' }],
    ])('for our own page, known %s', async (_, headers) => {
      const session = await signedIn();
      const answer = await ask('POST', LINKS, { ...session, ...headers }, { role: 'admin' });
      expect(answer.statusCode).toBe(201);
    });

    it('for programs with a token, wherever they say they are', async () => {
      const headers = { ...asAdmin, origin: 'https://evil.example' };
      expect((await ask('POST', LINKS, headers, { role: 'admin' })).statusCode).toBe(201);
    });

    it('in no browser’s name by signing it in from elsewhere', async () => {
      const { token } = await tokenFor({ role: 'admin' });
      for (const [what, headers] of Object.entries(FOREIGN)) {
        if (!('origin' in headers) && !('sec-fetch-site' in headers)) continue;
        const answer = await signIn({ token }, headers);
        expect([what, answer.statusCode, answer.headers['set-cookie']]).toEqual([
          what,
          403,
          undefined,
        ]);
      }
      expect((await signIn({ token }, {})).statusCode).toBe(201);
    });
  });
});
