import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { tokenText } from './form.js';
import { LAST_USED_EVERY_MS, TOKEN_MEMORY_MS, TokenAuthenticator } from './token-authenticator.js';
import { createToken, revokeToken, type TokenOrder, tokensOf } from './tokens.js';

const NOW = Date.UTC(2026, 2, 14, 12);
const BY_ADMIN = { actor: 'admin', now: NOW };

describe('tokens', () => {
  let test: TestDatabase;
  let now: number;
  const clock = { now: () => now };
  const authenticator = () => new TokenAuthenticator({ db: test.db, clock });
  const made = (order: Partial<TokenOrder> = {}) =>
    createToken(test.db, { role: 'creator', creatorId: 'biz_a', ...order }, BY_ADMIN);

  beforeAll(async () => {
    hearStatements();
    test = await testDatabase();
  });
  afterAll(() => test.drop());
  beforeEach(() => {
    now = NOW;
  });

  it('open what they were made for', async () => {
    const { text, token } = await made({ role: 'member', memberId: 'user_a', label: 'a phone' });
    expect(await authenticator().authenticate({ bearer: text })).toEqual({
      role: 'member',
      creatorId: 'biz_a',
      memberId: 'user_a',
      by: 'token',
      tokenId: token.id,
      actor: `token:${token.id}`,
    });
    expect(token).toMatchObject({ label: 'a phone', createdBy: 'admin', revokedAt: null });
  });

  it('are nowhere in the database, in part or whole', async () => {
    const { text } = await made();
    const { rows } = await sql<{ row: string }>`select t::text as row from tokens t`.execute(
      test.db,
    );
    const dump = rows.map(({ row }) => row).join('\n');
    for (let n = 0; n + 12 <= 43; n += 1) expect(dump).not.toContain(text.slice(5 + n, 17 + n));
  });

  it.each<[string, Partial<TokenOrder>]>([
    ['scope_invalid', { creatorId: undefined }],
    ['scope_invalid', { creatorId: 'biz a' }],
    ['scope_invalid', { memberId: 'user_a' }],
    ['scope_invalid', { role: 'member' }],
    ['scope_invalid', { role: 'admin' }],
    ['scope_invalid', { role: 'cron' }],
    ['scope_invalid', { role: 'auditor', memberId: 'user_a' }],
    ['expiry_invalid', { expiresAt: NOW }],
    ['expiry_invalid', { expiresAt: Number.NaN }],
    ['label_invalid', { label: ' ' }],
    ['label_invalid', { label: 'x'.repeat(101) }],
  ])('are refused as %s: %j', async (code, order) => {
    await expect(made(order)).rejects.toMatchObject({ code });
  });

  it('open nothing once they have expired, remembered or not', async () => {
    const { text } = await made({ expiresAt: NOW + 1_000 });
    const door = authenticator();
    expect(await door.authenticate({ bearer: text })).toBeDefined();
    now = NOW + 1_000;
    expect(await door.authenticate({ bearer: text })).toBeUndefined();
    expect(await authenticator().authenticate({ bearer: text })).toBeUndefined();
  });

  it('open nothing in any process two seconds after they were revoked', async () => {
    const { text, token } = await made();
    const [here, there] = [authenticator(), authenticator()];
    for (const door of [here, there])
      expect(await door.authenticate({ bearer: text })).toBeDefined();
    const revoked = await revokeToken(test.db, token.id, { actor: 'token:9', now: NOW + 5 });
    here.forgetAll();
    expect(revoked).toMatchObject({ changed: true, token: { revokedBy: 'token:9' } });
    expect(await here.authenticate({ bearer: text })).toBeUndefined();
    now = NOW + TOKEN_MEMORY_MS;
    expect(await there.authenticate({ bearer: text })).toBeUndefined();
  });

  it('stay as they were revoked', async () => {
    const { token } = await made();
    await revokeToken(test.db, token.id, { actor: 'admin', now: NOW + 5 });
    const again = await revokeToken(test.db, token.id, { actor: 'token:2', now: NOW + 9 });
    expect(again).toMatchObject({
      changed: false,
      token: { revokedBy: 'admin', revokedAt: NOW + 5 },
    });
    for (const id of ['0', '999999', 'x', '9'.repeat(30)])
      await expect(revokeToken(test.db, id, BY_ADMIN)).rejects.toMatchObject({
        code: 'token_not_found',
      });
  });

  it('are used, which is written once a minute and behind the answer', async () => {
    const { text, token } = await made();
    const lastUsed = async (): Promise<number | null | undefined> =>
      (await tokensOf(test.db, { limit: 500 })).items.find(({ id }) => id === token.id)?.lastUsedAt;
    const door = authenticator();
    await door.authenticate({ bearer: text });
    await until(async () => (await lastUsed()) === NOW);
    now = NOW + LAST_USED_EVERY_MS - 1;
    await door.authenticate({ bearer: text });
    await door.authenticate({ bearer: text });
    expect(await lastUsed()).toBe(NOW);
    now = NOW + LAST_USED_EVERY_MS;
    await door.authenticate({ bearer: text });
    await until(async () => (await lastUsed()) === now);
  });

  it('that nobody made ask the database together, those mistyped not at all', async () => {
    const { text } = await made();
    const door = authenticator();
    const asked = await statementsDuring(async () => {
      const unknown = Array.from({ length: 600 }, (_, n) =>
        tokenText('creator', Buffer.alloc(32, `guess ${n}`)),
      );
      const all = await Promise.all([
        ...unknown.map((bearer) => door.authenticate({ bearer })),
        door.authenticate({ bearer: text }),
      ]);
      expect(all.filter((one) => one !== undefined)).toHaveLength(1);
      for (const bearer of unknown.slice(0, 50)) await door.authenticate({ bearer });
    });
    // The first by itself, then 200 at a time; and the use of the one that is known.
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(6);
    const mistyped = await statementsDuring(async () => {
      for (let n = 0; n < 20; n += 1)
        await door.authenticate({ bearer: `${text.slice(0, -2)}${n + 10}` });
    });
    expect(mistyped).toBe(0);
  });

  it('are told of a database that does not answer, and known again when it does', async () => {
    const { text } = await made();
    const door = authenticator();
    heard = () => {
      throw new Error('gone');
    };
    try {
      await expect(door.authenticate({ bearer: text })).rejects.toThrow('gone');
    } finally {
      heard = () => {};
    }
    expect(await authenticator().authenticate({ bearer: text })).toBeDefined();
    expect(await door.authenticate({ bearer: text })).toBeDefined();
  });

  it('cannot be turned into others by the application', async () => {
    for (const change of [
      sql`update tokens set role = 'admin'`,
      sql`update tokens set creator_id = 'biz_b'`,
      sql`update tokens set sha256 = '\\x00'`,
      sql`update tokens set expires_at = null`,
      sql`delete from tokens`,
    ])
      await expect(change.execute(test.db)).rejects.toMatchObject({ code: '42501' });
  });

  it('are listed page by page, the newest first', async () => {
    for (let n = 0; n < 3; n += 1) await made();
    const ids: string[] = [];
    for (let before: bigint | undefined, more = true; more; more = before !== undefined) {
      const page = await tokensOf(test.db, { limit: 2, before });
      ids.push(...page.items.map(({ id }) => id));
      before = page.next;
    }
    const { items } = await tokensOf(test.db, { limit: 500 });
    expect(ids).toEqual(items.map(({ id }) => id));
    expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)));
  });
});

/** Every statement of the pool; set before it connects, for it keeps what it finds. */
let heard: () => void = () => {};
function hearStatements(): void {
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    heard();
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  } as typeof query;
}

async function statementsDuring(work: () => Promise<void>): Promise<number> {
  let count = 0;
  heard = () => {
    count += 1;
  };
  try {
    await work();
  } finally {
    heard = () => {};
  }
  return count;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 200; n += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it never came to be');
}
