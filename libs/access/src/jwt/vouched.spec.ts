import { describe, expect, it } from '@jest/globals';
import { GOOD_CLAIMS, ISSUER, keysIn, NOW, NOW_MS, signingKey, tokenOf } from './issuer.fixture.js';
import type { RefusalReason } from './jwt-parts.js';
import { oidcTokens } from './oidc.js';
import { WHOP_ISSUER, whopTokens } from './whop.js';

const key = signingKey('k', 'ES256');
const clock = { now: () => NOW_MS };
const HEADER = { alg: 'ES256', kid: 'k' };

describe('whom an issuer vouches for', () => {
  const why: RefusalReason[] = [];
  const known = oidcTokens({
    issuer: ISSUER,
    audience: GOOD_CLAIMS.aud,
    keys: keysIn([key]),
    clock,
    actorKey: async () => Buffer.alloc(32, 7),
    onRefused: (reason) => why.push(reason),
  });
  const asked = (claims: object) =>
    known({ bearer: tokenOf(HEADER, { ...GOOD_CLAIMS, ...claims }, key) });

  it('is a creator, a member, an auditor or an admin', async () => {
    const expiresAt = GOOD_CLAIMS.exp * 1000;
    expect(await asked({})).toEqual({
      role: 'creator',
      creatorId: 'biz_demo',
      by: 'jwt',
      actor: expect.stringMatching(/^oidc:[A-Za-z0-9_-]{22}$/),
      expiresAt,
    });
    expect(await asked({ flywheel_role: 'member', flywheel_member: 'user_1' })).toMatchObject({
      role: 'member',
      creatorId: 'biz_demo',
      memberId: 'user_1',
    });
    const none = { flywheel_creator: undefined };
    expect(await asked({ flywheel_role: 'auditor', ...none })).toMatchObject({ role: 'auditor' });
    expect(await asked({ flywheel_role: 'admin', ...none })).toMatchObject({ role: 'admin' });
  });

  it.each([
    ['no role', { flywheel_role: undefined }],
    ['the role of the cron', { flywheel_role: 'cron', flywheel_creator: undefined }],
    ['the role of nobody', { flywheel_role: 'anonymous', flywheel_creator: undefined }],
    ['an unknown role', { flywheel_role: 'owner' }],
    ['roles as a list', { flywheel_role: ['creator'] }],
    ['a creator without one', { flywheel_creator: undefined }],
    ['a creator that is none', { flywheel_creator: '../biz_demo' }],
    ['creators as a list', { flywheel_creator: ['biz_demo'] }],
    ['an admin of one creator', { flywheel_role: 'admin' }],
    ['a creator who is a member', { flywheel_member: 'user_1' }],
    ['a member without an id', { flywheel_role: 'member' }],
    // Only Whop vouches for a person in every community.
    [
      'a member of no creator',
      { flywheel_role: 'member', flywheel_member: 'user_1', flywheel_creator: undefined },
    ],
  ])('is nobody with %s', async (_, claims) => {
    expect(await asked(claims)).toBeUndefined();
    expect(why.at(-1)).toBe('claims');
  });

  it('is recorded as the same actor always, and as nothing that says who it is', async () => {
    const sub = 'rui.costa@example.com';
    const [one, same, other] = await Promise.all([
      asked({ sub }),
      asked({ sub, exp: NOW + 60 }),
      asked({ sub: 'another' }),
    ]);
    expect(one?.actor).toBe(same?.actor);
    expect(one?.actor).not.toBe(other?.actor);
    expect(one?.actor).not.toContain('rui');
  });

  it('is not looked for in other tokens', async () => {
    for (const bearer of [undefined, 'fw_a_123', 'a secret', 'a.b'])
      expect(await known({ bearer, whopUserToken: 'x' })).toBeUndefined();
    expect(why.at(-1)).toBe('claims');
  });
});

describe('whom Whop vouches for', () => {
  const keys = keysIn([key]);
  const known = whopTokens({ appId: 'app_1', keys, clock });
  const CLAIMS = { iss: WHOP_ISSUER, aud: 'app_1', sub: 'user_9c1e', exp: NOW + 3600 };
  const token = (claims: object, header: object = HEADER) =>
    tokenOf(header, { ...CLAIMS, ...claims }, key);

  it('is a member wherever a path names them', async () => {
    expect(await known({ whopUserToken: token({}) })).toEqual({
      role: 'member',
      memberId: 'user_9c1e',
      by: 'jwt',
      actor: 'whop:user_9c1e',
      expiresAt: (NOW + 3600) * 1000,
    });
  });

  it.each([
    ['of another app', token({ aud: 'app_2' })],
    ['of several apps', token({ aud: ['app_1'] })],
    ['of another issuer', token({ iss: ISSUER })],
    ['that has ended', token({ exp: NOW - 60 })],
    ['that ends never', token({ exp: undefined })],
    ['that ends in two days', token({ exp: NOW + 172_800 })],
    ['of an agent', token({ sub: 'agent_1' })],
    ['of a member id', token({ sub: 'mber_1' })],
    ['of a path', token({ sub: 'user_1/../user_2' })],
    ['of another kind', token({}, { ...HEADER, typ: 'at+jwt' })],
    ['with an algorithm of its own', token({}, { ...HEADER, alg: 'EdDSA' })],
  ])('is nobody by a token %s', async (_, whopUserToken) => {
    expect(await known({ whopUserToken })).toBeUndefined();
  });

  it('is not asked for where something was shown on purpose', async () => {
    expect(await known({ whopUserToken: token({}), bearer: 'wrong' })).toBeUndefined();
    expect(await known({ bearer: token({}) })).toBeUndefined();
  });
});
