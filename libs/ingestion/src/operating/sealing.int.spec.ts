import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { type Database, openDatabase } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { Names, openProfile, openSecret, type SealedName, storedSecret, Vault } from '#libs/vault';
import { type BodyRow, openBody } from '../bodies.js';
import { Keys } from '../keys.js';
import { sealLedger } from './sealing.js';

const SECRET = Buffer.alloc(32, 5);
const KEY = Buffer.alloc(32, 1);
const NEXT = Buffer.alloc(32, 2);
const ROWS = 1_200;
const silent = (): void => {};

describe('sealing a ledger', () => {
  let test: TestDatabase;
  let owner: Database;
  let said: string[];
  beforeEach(async () => {
    test = await testDatabase();
    owner = openDatabase(test.url, { max: 2, applicationName: 'test', as: 'owner' });
    said = [];
  });
  afterEach(async () => {
    await owner.destroy();
    await test.drop();
  });

  const seal = (vault: Vault) =>
    sealLedger({
      ...{ url: test.url, vault, random: Buffer.alloc(32, 6) },
      log: (message) => said.push(message),
    });

  const bodyOf = (n: number): string =>
    JSON.stringify({ type: 'x', data: { user: { id: `user_${n}`, name: `Zerlina ${n}` } } });

  /** As an earlier release left it, after its migration. */
  async function plainLedger(): Promise<void> {
    await sql`insert into secrets values ('words', ${SECRET})`.execute(owner);
    await sql`
      insert into deliveries (provider, delivery_id, body_sha256, generation, body, received_at, outcome)
      select 'whop', 'msg_' || n, sha256(convert_to(b.body, 'UTF8')), 'v1', convert_to(b.body, 'UTF8'),
        now(), 'applied'
      from unnest(${Array.from({ length: ROWS }, (_, n) => bodyOf(n))}::text[])
        with ordinality as b(body, n)`.execute(owner);
    await sql`
      insert into deliveries (provider, delivery_id, body_sha256, generation, body, received_at)
      values ('internal', 'a task', '\\x00', '1', '{}', now()), ('whop', 'gone', '\\x00', 'v1', null, now())`.execute(
      owner,
    );
    await sql`
      create table profiles_in_plain (creator_id text collate "C", member_id text collate "C", name text,
        username text, email text, told_at bigint, told_by text, erased_at timestamptz)`.execute(
      owner,
    );
    await sql`
      insert into profiles_in_plain
      select 'biz_a', 'user_' || n, 'Zerlina ' || n, null, 'z@example.org', n, 'pay_' || n,
        case when n = 7 then now() end
      from generate_series(1, ${ROWS}) n`.execute(owner);
  }

  const bodies = async () =>
    (
      await sql<BodyRow & { id: string; subjects: string[] }>`
        select id, provider, delivery_id, body_sha256, body_form, body, subjects from deliveries
        where body is not null and provider = 'whop' order by id`.execute(owner)
    ).rows;

  it('of an earlier release leaves nothing in plain, in no file', async () => {
    await plainLedger();
    expect(await filesHold('Zerlina')).toBe(true);
    const vault = new Vault([KEY]);
    expect(await seal(vault)).toEqual({ deliveries: ROWS, profiles: ROWS });
    const kept = await bodies();
    expect(kept.map((row) => openBody(vault, row).toString('utf8'))).toEqual(
      Array.from({ length: ROWS }, (_, n) => bodyOf(n)),
    );
    for (const row of kept) {
      expect(createHash('sha256').update(openBody(vault, row)).digest()).toEqual(row.body_sha256);
      expect(row.subjects).toHaveLength(1);
    }
    const { rows } = await sql<{ member_id: string; sealed: Buffer | null; shown: string | null }>`
      select member_id, sealed, shown from profiles where member_id in ('user_7', 'user_8')
      order by 1`.execute(owner);
    expect(rows[0]).toEqual({ member_id: 'user_7', sealed: null, shown: null });
    const [, eight] = rows;
    const whose = { creatorId: 'biz_a', memberId: 'user_8' };
    expect(openProfile(vault, whose, eight?.sealed ?? Buffer.alloc(0))).toEqual({
      name: 'Zerlina 8',
      email: 'z@example.org',
    });
    const shown = eight?.shown as unknown as SealedName;
    expect(new Names(vault).open('biz_a', 'user_8', shown)).toBe('Zerlina 8');
    expect(openSecret(vault, (await storedSecret(owner)) ?? Buffer.alloc(0))).toEqual(SECRET);
    expect(await filesHold('Zerlina')).toBe(false);
    expect(said[0]).toBe('personal data is being sealed');
  });

  it('goes on where it was killed, and does nothing when it is done', async () => {
    await plainLedger();
    await sql`
      create function fail() returns trigger language plpgsql as $$ begin
        if new.id > 700 then raise exception 'killed'; end if; return new; end $$`.execute(owner);
    await sql`
      create trigger fail before update on deliveries for each row execute function fail()`.execute(
      owner,
    );
    const vault = new Vault([KEY]);
    await expect(seal(vault)).rejects.toThrow('killed');
    const forms = (await bodies()).map(({ body_form: form }) => form);
    expect(new Set(forms)).toEqual(new Set(['sealed', 'plain']));
    await sql`drop trigger fail on deliveries`.execute(owner);
    expect((await seal(vault)).profiles).toBe(ROWS);
    expect((await bodies()).every((row) => row.body_form === 'sealed')).toBe(true);
    said = [];
    expect(await seal(vault)).toEqual({ deliveries: 0, profiles: 0 });
    expect(said).toEqual([]);
  });

  it('refuses a wrong key before anything is read or written', async () => {
    await seal(new Vault([KEY]));
    await expect(seal(new Vault([NEXT]))).rejects.toMatchObject({ code: 'data_key_wrong' });
  });

  it('rotates a key: all is sealed anew with the first, and the old one opens nothing any more', async () => {
    await plainLedger();
    await seal(new Vault([KEY]));
    const before = new Keys(SECRET).code('AAAA-BBBB');
    expect(await seal(new Vault([NEXT, KEY]))).toEqual({
      deliveries: ROWS,
      profiles: ROWS - 1, // one was erased
    });
    const alone = new Vault([NEXT]);
    expect(await seal(alone)).toEqual({ deliveries: 0, profiles: 0 });
    const [first] = await bodies();
    if (first === undefined) throw new Error('there is no body');
    expect(openBody(alone, first).toString('utf8')).toBe(bodyOf(0));
    expect(() => openBody(new Vault([KEY]), first)).toThrow(/another data key/);
    const secret = openSecret(alone, (await storedSecret(owner)) ?? Buffer.alloc(0));
    expect(new Keys(secret).code('AAAA-BBBB')).toBe(before);
  });

  it('notices a rotation that was broken off, whichever key is set alone then, and ends it', async () => {
    await plainLedger();
    await seal(new Vault([KEY]));
    await sql`create function fail() returns trigger language plpgsql
      as $$ begin raise exception 'killed'; end $$`.execute(owner);
    await sql`create trigger fail before update on secrets for each row
      when (new.name = 'words') execute function fail()`.execute(owner);
    await expect(seal(new Vault([NEXT, KEY]))).rejects.toThrow('killed');
    await sql`drop trigger fail on secrets`.execute(owner);
    for (const alone of [KEY, NEXT])
      await expect(seal(new Vault([alone]))).rejects.toMatchObject({ code: 'data_key_wrong' });
    // Back to the old one: what was sealed with the next is sealed with it again.
    expect(await seal(new Vault([KEY, NEXT]))).toMatchObject({ deliveries: ROWS });
    expect(await seal(new Vault([KEY]))).toEqual({ deliveries: 0, profiles: 0 });
  });

  /** Of the tables that hold personal data, whatever PostgreSQL still counts of their rows. */
  async function filesHold(word: string): Promise<boolean> {
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    client.on('error', silent);
    try {
      await client.query('checkpoint');
      const { rows } = await client.query<{ found: boolean }>(
        `select bool_or(position(convert_to($1, 'UTF8') in
            pg_read_binary_file(pg_relation_filepath(c.oid))) > 0) as found
         from pg_class c where c.relkind in ('r', 't') and c.relfilenode <> 0
           and (c.relnamespace = 'public'::regnamespace
             or c.oid in (select reltoastrelid from pg_class where relnamespace = 'public'::regnamespace))`,
        [word],
      );
      return rows[0]?.found === true;
    } finally {
      await client.end();
    }
  }
});
