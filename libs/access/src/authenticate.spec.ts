import { describe, expect, it } from '@jest/globals';
import { type Authenticator, firstThatKnows } from './authenticate.js';
import { configuredSecrets } from './configured.js';
import { ANONYMOUS, isWhole, type Principal } from './principal.js';
import { narrowed, scopeOf } from './scope.js';

const CREATOR: Principal = { role: 'creator', creatorId: 'biz_a', by: 'token', actor: 'token:1' };
const MEMBER: Principal = { ...CREATOR, role: 'member', memberId: 'user_a' };
const AUDITOR: Principal = { role: 'auditor', by: 'token', actor: 'token:3' };

describe('who calls', () => {
  const knows =
    (bearer: string, principal: Principal): Authenticator =>
    async (shown) =>
      shown.bearer === bearer ? principal : undefined;

  it('is nobody who shows nothing', async () => {
    expect(await firstThatKnows([knows('x', CREATOR)])({})).toBe(ANONYMOUS);
  });

  it('is whom the first knows, and is refused where none does', async () => {
    const who = firstThatKnows([knows('a', CREATOR), knows('a', AUDITOR), knows('b', AUDITOR)]);
    expect(await who({ bearer: 'a' })).toBe(CREATOR);
    expect(await who({ bearer: 'b' })).toBe(AUDITOR);
    expect(await who({ bearer: 'c' })).toBeUndefined();
    expect(await who({ cookie: 'c' })).toBeUndefined();
  });

  it.each([
    { role: 'creator' as const },
    { role: 'creator' as const, creatorId: 'nobody' },
    { role: 'creator' as const, creatorId: 'biz_a', memberId: 'user_a' },
    { role: 'member' as const, creatorId: 'biz_a' },
    { role: 'member' as const, memberId: 'user_a' },
    { role: 'auditor' as const, memberId: 'user_a' },
    { role: 'admin' as const, creatorId: 'biz_a' },
    { role: 'cron' as const, creatorId: 'biz_a' },
  ])('lets no principal in whose ids do not fit its role: %j', async (ids) => {
    const principal: Principal = { ...ids, by: 'token', actor: 'token:1' };
    expect(isWhole(principal)).toBe(false);
    expect(await firstThatKnows([async () => principal])({ bearer: 'x' })).toBeUndefined();
  });

  it('is a member everywhere only by the word of another', () => {
    const anywhere = { role: 'member', memberId: 'user_a', actor: 'x' } as const;
    expect(isWhole({ ...anywhere, by: 'jwt' })).toBe(true);
    expect(isWhole({ ...anywhere, by: 'token' })).toBe(false);
  });
});

describe('the configured secrets', () => {
  const who = configuredSecrets({ adminToken: 'the admin’s', cronSecret: 'the cron’s' });

  it('are the admin and the cron', async () => {
    expect(await who({ bearer: 'the admin’s' })).toMatchObject({ role: 'admin', actor: 'admin' });
    expect(await who({ bearer: 'the cron’s' })).toMatchObject({ role: 'cron', actor: 'cron' });
    for (const bearer of ['', 'the admin', 'the admin’s ', 'The cron’s', undefined])
      expect(await who({ bearer })).toBeUndefined();
  });

  it.each([undefined, ''])('open nothing while they are %j', async (secret) => {
    const closed = configuredSecrets({ adminToken: secret, cronSecret: secret });
    for (const bearer of ['', 'undefined']) expect(await closed({ bearer })).toBeUndefined();
  });
});

describe('a scope', () => {
  it('is one’s own where nobody is named', () => {
    expect(narrowed(scopeOf(CREATOR), {})).toEqual({ creatorId: 'biz_a' });
    expect(narrowed(scopeOf(MEMBER), {})).toEqual({ creatorId: 'biz_a', memberId: 'user_a' });
    expect(narrowed(scopeOf(AUDITOR), {})).toEqual({});
    expect(narrowed(scopeOf(AUDITOR), { creatorId: 'biz_b' })).toEqual({ creatorId: 'biz_b' });
  });

  it('tells of others as of those whom nobody knows', () => {
    const own = scopeOf(MEMBER);
    expect(() => narrowed(own, { creatorId: 'biz_b' })).toThrow(
      expect.objectContaining({ code: 'creator_not_found' }),
    );
    expect(() => narrowed(own, { creatorId: 'biz_a', memberId: 'user_b' })).toThrow(
      expect.objectContaining({ code: 'member_not_found' }),
    );
  });

  it('is nobody’s for whoever is nobody', () => {
    expect(() => scopeOf(ANONYMOUS)).toThrow(RangeError);
  });
});
