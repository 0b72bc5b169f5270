/** Sessions and one-time links on a real database, with a clock that the test sets. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '#libs/testing';
import type { Principal } from '../principal.js';
import { createToken, revokeToken } from '../tokens/tokens.js';
import { bindingTo } from './secret-of-browser.js';
import { IDLE_MS, SESSION_MS, Sessions } from './sessions.js';
import { LINK_MS, SignInLinks } from './sign-in-links.js';
import { sweepOnce } from './sweep-sessions.js';

const START = Date.UTC(2026, 2, 14, 12);
const ADMIN: Principal = { role: 'admin', by: 'configured', actor: 'admin' };
const ADMIN_TOKEN = 'the token of the admin, long enough';
const MINUTE = 60_000;

describe('on a real database', () => {
  let test: TestDatabase;
  let now = START;
  const clock = { now: () => now };
  const withToken = (adminToken: string | undefined) => {
    const binding = bindingTo(adminToken);
    const sessions = new Sessions({ db: test.db, clock, binding });
    const links = new SignInLinks({ db: test.db, clock, binding, sessions });
    return { sessions, links };
  };
  let sessions: Sessions;
  let links: SignInLinks;

  beforeAll(async () => {
    test = await testDatabase();
    ({ sessions, links } = withToken(ADMIN_TOKEN));
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    now = START;
    await test.db.deleteFrom('sessions').execute();
    await test.db.deleteFrom('sign_in_links').execute();
  });

  const admin = () => sessions.open({ role: 'admin', actor: 'admin', bound: true });
  const isOpen = async (secret: string): Promise<boolean> =>
    (await sessions.principalOf(secret)) !== undefined;
  const token = async (expiresAt?: number) => {
    const order = { role: 'creator' as const, creatorId: 'biz_a', expiresAt };
    return (await createToken(test.db, order, { actor: 'admin', now })).token;
  };
  const revoke = (id: string) => revokeToken(test.db, id, { actor: 'admin', now });
  const openedWith = (tokenId: string) =>
    sessions.open({
      role: 'creator',
      creatorId: 'biz_a',
      actor: `token:${tokenId}`,
      tokenId,
      bound: false,
    });

  const hexOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
  /** Of all that a table holds, what is random: 16 characters or more that are no time and no id. */
  const keptOf = async (table: 'sessions' | 'sign_in_links'): Promise<Set<string>> => {
    const rows = await test.db.selectFrom(table).selectAll().execute();
    const { sha256, proof } = { sha256: new Set<string>(), proof: new Set<string>() };
    for (const row of rows) {
      sha256.add(row.sha256.toString('hex'));
      proof.add(row.proof?.toString('hex') ?? '');
      const others = Object.entries(row).filter(([name]) => !['sha256', 'proof'].includes(name));
      for (const [name, value] of others)
        expect([name, String(value).length < 16 || value instanceof Date]).toEqual([name, true]);
    }
    expect([...proof].filter((one) => sha256.has(one))).toEqual([]);
    return sha256;
  };

  describe('a session', () => {
    it('is who it was opened for, until 12 hours have gone', async () => {
      const { secret, principal, expiresAt } = await admin();
      expect(principal).toEqual({ role: 'admin', by: 'session', actor: 'admin', expiresAt });
      expect(expiresAt).toBe(START + SESSION_MS);
      expect(await sessions.principalOf(secret)).toEqual(principal);
    });

    it('has a secret of its own each time, of which the database keeps the hash alone', async () => {
      const [{ secret }, other] = [await admin(), await admin()];
      expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(other.secret).not.toBe(secret);
      expect(await keptOf('sessions')).toEqual(new Set([secret, other.secret].map(hexOf)));
    });

    it('ends after 12 hours however busy it is', async () => {
      const { secret } = await admin();
      for (; now < START + SESSION_MS; now += 30 * MINUTE)
        expect([now - START, await isOpen(secret)]).toEqual([now - START, true]);
      expect(await isOpen(secret)).toBe(false);
    });

    it('ends after 2 hours without a request', async () => {
      const { secret } = await admin();
      now += IDLE_MS - 1;
      expect(await isOpen(secret)).toBe(true);
      now += IDLE_MS - 1;
      expect(await isOpen(secret)).toBe(true);
      now += IDLE_MS;
      expect(await isOpen(secret)).toBe(false);
    });

    it('is not kept awake by a stream that goes on', async () => {
      const { secret } = await admin();
      const listening = { cookie: secret, again: true };
      now += IDLE_MS - 1;
      expect(await sessions.authenticate(listening)).toMatchObject({ role: 'admin' });
      now += 1;
      expect(await sessions.authenticate(listening)).toBeUndefined();
    });

    it('writes down at most once a minute that it was used', async () => {
      const { secret } = await admin();
      const seen = async () => {
        await sessions.principalOf(secret);
        const [row] = await test.db.selectFrom('sessions').select('seen_at').execute();
        return (row?.seen_at.getTime() ?? 0) - START;
      };
      now += MINUTE - 1;
      expect(await seen()).toBe(0);
      now += 1;
      expect(await seen()).toBe(MINUTE);
    });

    it('is over once it was ended, also for what is still running', async () => {
      const { secret } = await admin();
      await sessions.end(secret);
      expect(await isOpen(secret)).toBe(false);
      await sessions.end(secret);
      await sessions.end('never one');
    });

    it('ends with the token that it was opened with', async () => {
      const [one, other] = [await token(), await token()];
      const [first, second] = [await openedWith(one.id), await openedWith(other.id)];
      await revoke(one.id);
      expect([await isOpen(first.secret), await isOpen(second.secret)]).toEqual([false, true]);
    });

    it('ends when that token expires', async () => {
      const { secret } = await openedWith((await token(START + 10 * MINUTE)).id);
      now += 10 * MINUTE - 1;
      expect(await isOpen(secret)).toBe(true);
      now += 1;
      expect(await isOpen(secret)).toBe(false);
    });

    it('ends when the admin’s configured token is another, or none', async () => {
      const { secret } = await admin();
      for (const other of ['another token of the admin, long', '', undefined])
        expect(await withToken(other).sessions.principalOf(secret)).toBeUndefined();
      expect(await isOpen(secret)).toBe(true);
    });

    it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(42), `${'A'.repeat(42)}\0`, "' or 1=1 --"])(
      'is not opened by %j',
      async (secret) => {
        await admin();
        expect(await sessions.principalOf(secret)).toBeUndefined();
      },
    );

    it('is not asked for where something was shown on purpose', async () => {
      const { secret } = await admin();
      expect(await sessions.authenticate({ cookie: secret, bearer: 'wrong' })).toBeUndefined();
      expect(await sessions.authenticate({ whopUserToken: secret })).toBeUndefined();
      expect(await sessions.authenticate({ cookie: secret })).toMatchObject({ role: 'admin' });
    });
  });

  describe('a one-time link', () => {
    const forCreator = { role: 'creator', creatorId: 'biz_a' } as const;

    it('opens a session for whom it was made, and says through what', async () => {
      const { id, code, expiresAt } = await links.make(forCreator, ADMIN);
      expect(expiresAt).toBe(START + LINK_MS);
      expect((await links.use(code))?.principal).toMatchObject({
        role: 'creator',
        creatorId: 'biz_a',
        by: 'session',
        actor: `admin/link:${id}`,
      });
    });

    it('works once', async () => {
      const { code } = await links.make(forCreator, ADMIN);
      expect(await links.use(code)).toBeDefined();
      expect(await links.use(code)).toBeUndefined();
    });

    it('works for one of many who come at the same moment', async () => {
      const { code } = await links.make(forCreator, ADMIN);
      const opened = await Promise.all(Array.from({ length: 20 }, () => links.use(code)));
      expect(opened.filter((one) => one !== undefined)).toHaveLength(1);
      expect(await test.db.selectFrom('sessions').select('actor').execute()).toHaveLength(1);
    });

    it('works for 15 minutes', async () => {
      const [one, other] = [
        await links.make(forCreator, ADMIN),
        await links.make(forCreator, ADMIN),
      ];
      now += LINK_MS - 1;
      expect(await links.use(one.code)).toBeDefined();
      now += 1;
      expect(await links.use(other.code)).toBeUndefined();
    });

    it('is kept as the hash of its code alone', async () => {
      const { code } = await links.make(forCreator, ADMIN);
      expect(await keptOf('sign_in_links')).toEqual(new Set([hexOf(code)]));
    });

    it('ends with the token of whoever made it, and so does what it opened', async () => {
      const { id } = await token();
      const maker: Principal = { role: 'admin', by: 'token', tokenId: id, actor: `token:${id}` };
      const [used, unused] = [
        await links.make(forCreator, maker),
        await links.make(forCreator, maker),
      ];
      const opened = await links.use(used.code);
      expect(await isOpen(opened?.secret ?? '')).toBe(true);
      await revoke(id);
      expect(await isOpen(opened?.secret ?? '')).toBe(false);
      expect(await links.use(unused.code)).toBeUndefined();
    });

    it('ends with the admin’s configured token, and so does what it opened', async () => {
      const [used, unused] = [
        await links.make(forCreator, ADMIN),
        await links.make(forCreator, ADMIN),
      ];
      const opened = await links.use(used.code);
      const { secret, principal } = opened ?? (await admin());
      const changed = withToken('another token of the admin, long');
      expect(await changed.sessions.principalOf(secret)).toBeUndefined();
      expect(await changed.links.use(unused.code)).toBeUndefined();
      expect(principal.tokenId).toBeUndefined();
    });

    it('of a link of an admin ends with the configured token too', async () => {
      const first = await links.use((await links.make({ role: 'admin' }, ADMIN)).code);
      const maker = first?.principal ?? ADMIN;
      const { code } = await links.make(forCreator, maker);
      const second = await links.use(code);
      const changed = withToken('another token of the admin, long');
      expect(second?.principal.actor).toMatch(/^admin\/link:[\w-]{12}\/link:[\w-]{12}$/);
      expect(await changed.sessions.principalOf(second?.secret ?? '')).toBeUndefined();
    });

    it.each([
      ['a creator without an id', { role: 'creator' }],
      ['a creator with a member', { role: 'creator', creatorId: 'biz_a', memberId: 'user_1' }],
      ['a member without a creator', { role: 'member', memberId: 'user_1' }],
      ['a member without an id', { role: 'member', creatorId: 'biz_a' }],
      ['an admin of one creator', { role: 'admin', creatorId: 'biz_a' }],
      ['a creator that is none', { role: 'creator', creatorId: 'biz_a/../b' }],
    ] as const)('is not made for %s', async (_, link) => {
      await expect(links.make(link, ADMIN)).rejects.toMatchObject({ code: 'scope_invalid' });
    });
  });

  it('sweeps away what opens nothing any more, and nothing else', async () => {
    const { id } = await token();
    const ofToken = await openedWith(id);
    const idle = await admin();
    const { code } = await links.make({ role: 'admin' }, ADMIN);
    now += IDLE_MS;
    const open = await admin();
    const fresh = await links.make({ role: 'admin' }, ADMIN);
    await revoke(id);
    expect(await sweepOnce({ db: test.db, clock })).toBe(3);
    expect(await sweepOnce({ db: test.db, clock })).toBe(0);
    expect(await isOpen(open.secret)).toBe(true);
    expect(await links.use(fresh.code)).toBeDefined();
    const gone = [ofToken.secret, idle.secret];
    expect(await Promise.all(gone.map(isOpen))).toEqual([false, false]);
    expect(await links.use(code)).toBeUndefined();
  });
});
