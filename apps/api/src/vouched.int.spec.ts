/** Whom an issuer or Whop vouches for, over the real interface, with keys from a real server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { WHOP_ISSUER } from '#libs/access';
import { renderMembership } from '#libs/ingestion';
import { ADMIN_TOKEN, NOW } from '../test/in-memory-parts.js';
import { type RealApi, realApi } from '../test/real-parts.js';

const SECONDS = NOW / 1000;
const OIDC_ISSUER = 'https://login.example.com';
type Headers = Record<string, string>;

describe('somebody vouched for', () => {
  let api: RealApi;
  let server: Server;
  let isAway = false;
  let key: CryptoKey;
  let jwks: string;

  beforeAll(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    key = pair.privateKey;
    jwks = JSON.stringify({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', use: 'sig' }],
    });
    server = createServer((_, response) => void response.writeHead(isAway ? 500 : 200).end(jwks));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    api = await realApi(NOW, undefined, {
      oidcIssuer: OIDC_ISSUER,
      oidcAudience: 'flywheel',
      oidcJwksUrl: `${address}/oidc`,
      whopAppId: 'app_1',
      whopJwksUrl: `${address}/whop`,
    });
    const member = (creatorId: string, user: string) =>
      renderMembership('v1', {
        creatorId,
        userId: `user_${user}`,
        membershipId: `mem_${creatorId}_${user}`,
        username: user,
        status: 'activated',
        joinedAt: SECONDS - 86_400,
        createdAt: SECONDS - 86_400,
      });
    await api.ledger.deliver(
      ...[member('biz_a', 'rui'), member('biz_b', 'rui'), member('biz_a', 'ana')],
    );
    await api.ledger.decide();
    await api.get('/creators');
  });
  afterAll(async () => {
    await api.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const signed = (claims: object): Promise<string> =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'JWT' }).sign(key);
  const byWhop = async (claims: object = {}): Promise<Headers> => ({
    'x-whop-user-token': await signed({
      iss: WHOP_ISSUER,
      aud: 'app_1',
      sub: 'user_rui',
      exp: SECONDS + 3600,
      ...claims,
    }),
  });
  const byIssuer = async (claims: object = {}): Promise<Headers> => ({
    authorization: `Bearer ${await signed({
      iss: OIDC_ISSUER,
      aud: 'flywheel',
      sub: 'rui@example.com',
      iat: SECONDS,
      exp: SECONDS + 600,
      flywheel_role: 'creator',
      flywheel_creator: 'biz_a',
      ...claims,
    })}`,
  });
  const ask = async (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    headers: Headers,
    payload?: object,
  ) => {
    const url = `/api${path}`;
    const answer = await api.app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, json: answer.json() };
  };
  const statusOf = async (path: string, headers: Headers) =>
    (await ask('GET', path, headers)).status;

  describe('by Whop', () => {
    it('is shown themselves in every community that knows them', async () => {
      const rui = await byWhop();
      for (const path of [
        '',
        '/stats',
        '/referrals',
        '/earnings',
        '/growth',
        '/statement?month=2026-03',
      ])
        for (const creator of ['biz_a', 'biz_b'])
          expect([
            path,
            await statusOf(`/creators/${creator}/members/user_rui${path}`, rui),
          ]).toEqual([path, 200]);
      expect((await ask('GET', '/me', rui)).json).toMatchObject({
        role: 'member',
        creatorId: null,
        memberId: 'user_rui',
        by: 'jwt',
        actor: 'whop:user_rui',
      });
    });

    it('is shown nobody else, known or not, and no community that does not know them', async () => {
      const rui = await byWhop();
      const answers = await Promise.all(
        ['biz_a/members/user_ana', 'biz_a/members/user_no', 'biz_zz/members/user_ana'].map((path) =>
          ask('GET', `/creators/${path}/stats`, rui),
        ),
      );
      for (const { status, json } of answers)
        expect([status, json.code]).toEqual([404, 'member_not_found']);
      expect(await statusOf('/creators/biz_zz/members/user_rui/stats', rui)).toBe(404);
    });

    it.each([
      '/creators',
      '/creators/biz_a',
      '/creators/biz_a/members',
      '/creators/biz_a/top-referrers',
      '/live',
      '/audit/events',
      '/audit/history?entity=member:biz_a.user_rui',
      '/admin/tokens',
      '/cron/reset-monthly-stats',
    ])('is not let in to %s', async (path) => {
      const { status, json } = await ask('GET', path, await byWhop());
      expect([status, json.code]).toEqual([403, 'forbidden']);
    });

    it('changes nothing: whatever page is in the frame made the browser ask', async () => {
      const path = '/creators/biz_a/members/user_rui/referral-code';
      const { status, json } = await ask('PUT', path, await byWhop(), { code: 'RUI-2026' });
      expect([status, json.code]).toEqual([403, 'forbidden']);
    });

    it('is nobody by a token of another app, or once it has ended', async () => {
      for (const claims of [{ aud: 'app_2' }, { exp: SECONDS - 60 }, { aud: ['app_1'] }])
        expect(await statusOf('/me', await byWhop(claims))).toBe(401);
      const two = [await byWhop(), await byWhop()].map((one) => one['x-whop-user-token'] ?? '');
      const twice = { 'x-whop-user-token': two } as unknown as Headers;
      expect(await statusOf('/me', twice)).toBe(401);
    });

    it('counts for nothing beside a token that is not valid', async () => {
      const both = { ...(await byWhop()), authorization: 'Bearer wrong' };
      expect(await statusOf('/me', both)).toBe(401);
    });
  });

  describe('by an issuer', () => {
    it('sees what their role and creator may see', async () => {
      const creator = await byIssuer();
      expect(await statusOf('/creators/biz_a', creator)).toBe(200);
      expect(await statusOf('/creators/biz_b', creator)).toBe(404);
      expect(await statusOf('/admin/tokens', creator)).toBe(403);
      const admin = await byIssuer({ flywheel_role: 'admin', flywheel_creator: undefined });
      expect(await statusOf('/admin/tokens', admin)).toBe(200);
    });

    it('is recorded under a name that says nothing of them', async () => {
      const { json } = await ask('GET', '/me', await byIssuer());
      expect(json.actor).toMatch(/^oidc:[\w-]{22}$/);
      expect(json).toMatchObject({ by: 'jwt', expiresAt: '2026-03-14T12:10:00.000Z' });
    });

    it('is nobody when what was signed is not for us', async () => {
      for (const claims of [
        { iss: 'https://evil.example' },
        { aud: 'other' },
        { exp: SECONDS + 3600 },
      ])
        expect(await statusOf('/creators/biz_a', await byIssuer(claims))).toBe(401);
    });

    it('does not get a session of twelve hours for a token of minutes', async () => {
      const { authorization = '' } = await byIssuer();
      const token = authorization.slice('Bearer '.length);
      const { status, json } = await ask('POST', '/session', {}, { token });
      expect([status, json.code]).toEqual([401, 'sign_in_refused']);
    });
  });

  it('is not let in, and not told that they are nobody, while the keys are away', async () => {
    isAway = true;
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oidc`;
    const other = await realApi(NOW, undefined, {
      oidcIssuer: OIDC_ISSUER,
      oidcAudience: 'flywheel',
      oidcJwksUrl: url,
    });
    try {
      const headers = await byIssuer();
      const away = await other.app.inject({ method: 'GET', url: '/api/creators', headers });
      expect([away.statusCode, away.json().code]).toEqual([503, 'jwks_unavailable']);
      const authorization = `Bearer ${ADMIN_TOKEN}`;
      const admin = await other.app.inject({ url: '/api/creators', headers: { authorization } });
      expect(admin.statusCode).toBe(200);
    } finally {
      await other.close();
    }
  });
});
