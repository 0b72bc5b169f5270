/** A backup goes out and comes back: byte by byte, or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { clientConfig, createScratchDatabase, migrate, openDatabase } from '#libs/database';
import { type NewEvent, PostgresEventStore } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { migrations } from '#migrations';
import {
  assertRestored,
  backUpTo,
  backUpToFile,
  databaseState,
  openBackup,
  restoreBackup,
  TRUTH,
  unknownIn,
  unpacked,
  verifyBackup,
} from './index.js';
import { asOwnLog, fillRarely } from './journal.fixture.js';
import { tablesOf } from './truth.js';

const NASTY = 'tab\t line\n return\r back\\slash \\N \\. "quote" é 漢 😀 \u2028';

let source: TestDatabase;
let folder = '';
let file = '';
const databases: { drop(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'flywheel-backup-'));
  file = path.join(folder, 'ledger.backup');
  source = await testDatabase();
  databases.push(source);
  await fill(source.url);
  await backUpToFile({ url: source.url }, file);
});

afterAll(async () => {
  for (const database of databases.reverse()) await database.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('a backup', () => {
  it('knows every table and every column that the migrations make', async () => {
    await withClient(source.url, async (client) => {
      expect(unknownIn(await tablesOf(client))).toEqual([]);
      await client.query('create table public.forgotten (id bigint)');
      await client.query('alter table routes add column forgotten text');
      expect(unknownIn(await tablesOf(client))).toEqual(
        expect.arrayContaining(['table forgotten', 'routes.forgotten']),
      );
      try {
        await expect(backUpTo({ url: source.url }, sink())).rejects.toMatchObject({
          code: 'ledger_unknown_tables',
          message: expect.stringContaining('routes.forgotten'),
        });
      } finally {
        await client.query('drop table public.forgotten');
        await client.query('alter table routes drop column forgotten');
      }
    });
  });

  it('comes back byte by byte, table by table, and proves it', async () => {
    const target = await emptyDatabase();
    const restored = await restoreBackup({
      url: target,
      migrations,
      source: await openBackup(file),
    });
    for (const { name, columns, order, where } of TRUTH) {
      const [there, here] = await Promise.all([
        rowsOf(source.url, where === undefined ? name : `${name} where ${where}`, columns, order),
        rowsOf(target, name, columns, order),
      ]);
      expect(there?.length).toBeGreaterThan(0);
      expect([name, here]).toEqual([name, there]);
    }
    expect(restored.chain.hash).toBe(restored.trailer.chain.hash);
    const verified = await verifyBackup({ source: await openBackup(file), against: target });
    expect(verified.relation).toEqual({ is: 'equal' });
  });

  it('leaves a ledger that goes on: numbers continue, the log is still append-only', async () => {
    const target = await emptyDatabase();
    const own = `${folder}.own`;
    const backUp = () => backUpToFile({ url: source.url }, own);
    await withClient(source.url, (client) => asOwnLog(client, backUp));
    await restoreBackup({ url: target, migrations, source: await openBackup(own) });
    await withClient(target, async (client) => {
      for (const { name, identity } of TRUTH.filter((table) => table.identity !== undefined)) {
        const { rows } = await client.query(
          `select greatest(max(${identity}), $1::int)::int + 1 as expected,
            nextval(pg_get_serial_sequence('${name}', '${identity}'))::int as next from ${name}`,
          [name === 'replays' ? 3 : 0], // the third was ordered and is not in the backup
        );
        expect([name, rows[0]?.next]).toEqual([name, rows[0]?.expected]);
      }
      await expect(client.query('delete from events')).rejects.toMatchObject({ code: '23000' });
      await expect(client.query('update delivery_orders set actor = null')).rejects.toMatchObject({
        code: '23000',
      });
    });
    await append(target, [{ ...event(99), data: { went: 'on' } }]);
    expect((await databaseState(target)).head).toBe(31n);
    const { relation } = await verifyBackup({ source: await openBackup(own), against: target });
    expect(relation).toEqual({ is: 'prefix', missing: 1n });
    await rm(own);
  });

  it('is nobody else’s to read, replaces nothing, and is never half there', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(backUpToFile({ url: source.url }, file)).rejects.toMatchObject({
      code: 'file_exists',
    });
    const broken = path.join(folder, 'broken.backup');
    const failing = { url: source.url, onProgress: () => failed() };
    await expect(backUpToFile(failing, broken)).rejects.toThrow('interrupted');
    expect(await readdir(folder)).toEqual([path.basename(file)]);
  });

  it('made twice at once under one name is made once, whole', async () => {
    const both = path.join(folder, 'both.backup');
    const made = await Promise.allSettled(
      [1, 2].map(() => backUpToFile({ url: source.url }, both)),
    );
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = made.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(refused.reason).toMatchObject({ code: 'file_exists' });
    const { relation } = await verifyBackup({
      source: await openBackup(both),
      against: source.url,
    });
    expect(relation).toMatchObject({ is: 'equal' });
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    await rm(both);
  });

  it('signs nobody in: sessions and links stay where they are', async () => {
    const target = await emptyDatabase();
    await restoreBackup({ url: target, migrations, source: await openBackup(file) });
    for (const name of ['sessions', 'sign_in_links']) {
      expect([name, await rowsOf(source.url, name, ['role'], ['role'])]).toEqual([name, ['admin']]);
      expect([name, await rowsOf(target, name, ['role'], ['role'])]).toEqual([name, []]);
    }
    expect((await contentOf(file)).includes('sign_in_links')).toBe(false);
  });

  it('of the same ledger is the same but for its time', async () => {
    const again = path.join(folder, 'again.backup');
    await backUpToFile({ url: source.url }, again);
    const [one, other] = await Promise.all([file, again].map(contentOf));
    const body = (text = '') => text.split('\n').slice(1, -2).join('\n');
    expect(body(other) === body(one)).toBe(true); // not shown: it is long
  });
});

describe('a backup that is not what it should be', () => {
  it('is refused when anything in it was altered, wherever, and nothing is restored', async () => {
    const target = await emptyDatabase();
    const bytes = await readFile(file);
    const content = gunzipSync(bytes);
    for (let n = 1; n <= 10; n++) {
      // Of the file, past the header of gzip, whose time means nothing; and of what is inside of it.
      const at = 10 + Math.floor(((bytes.length - 11) * n) / 10);
      await expectRefused(target, flipped(bytes, at), CODES);
      const within = Math.floor(((content.length - 2) * n) / 10);
      await expectRefused(target, gzipSync(flipped(content, within)), CODES);
    }
    expect(await rowsOf(target, 'secrets', ['name'], ['name'])).toEqual([]);
  });

  it('is refused when it was cut off, wherever', async () => {
    const target = await emptyDatabase();
    const bytes = await readFile(file);
    const content = gunzipSync(bytes);
    for (let n = 0; n < 6; n++) {
      const cut = bytes.subarray(0, Math.floor((bytes.length * n) / 6));
      await expectRefused(target, cut, ['backup_truncated']);
      const within = content.subarray(0, Math.floor((content.length * n) / 6));
      await expectRefused(target, gzipSync(within), ['backup_truncated', 'backup_foreign']);
    }
  });

  it('is refused when rows were left out or added and all sums were made to fit but one', async () => {
    const target = await emptyDatabase();
    const lines = (await contentOf(file)).split('\n');
    const twice = [...lines.slice(0, -1), lines.at(-2), ''].join('\n');
    await expectRefused(target, gzipSync(twice), ['backup_corrupt']);
    const manifest = lines[0]?.replace('"name":"routes"', '"name":"watchers"') ?? '';
    const renamed = [manifest, ...lines.slice(1)].join('\n');
    await expectRefused(target, gzipSync(renamed), ['backup_corrupt']);
  });

  it('is refused when it is something else', async () => {
    const target = await emptyDatabase();
    await expectRefused(target, Buffer.from('hello'), ['backup_foreign']);
    await expectRefused(target, gzipSync('PGDMP and more'), ['backup_foreign']);
    await expectRefused(target, gzipSync('{"format":"flywheel-backup/9"}\n'), ['backup_newer']);
    await expectRefused(target, Buffer.alloc(0), ['backup_truncated']);
    const later = (await contentOf(file)).replace('"0001-ledger"', '"0001-ledger","9999-later"');
    await expectRefused(target, gzipSync(later), ['backup_newer']);
  });
});

describe('a restore', () => {
  it('is refused where anything is, and says what to do', async () => {
    await source.db.selectFrom('secrets').select('name').execute(); // and it stays connected
    await expect(
      restoreBackup({ url: source.url, migrations, source: await openBackup(file) }),
    ).rejects.toMatchObject({ code: 'ledger_in_use', message: expect.stringContaining('test') });
    const target = await emptyDatabase();
    await migrate(target, migrations);
    await append(target, [event(0)]);
    await expect(
      restoreBackup({ url: target, migrations, source: await openBackup(file) }),
    ).rejects.toMatchObject({ code: 'ledger_not_empty', next: expect.stringContaining('another') });
  });

  it('that was interrupted says so, lets nothing start, and is begun anew', async () => {
    const target = await emptyDatabase();
    const cut = interrupted(gunzipSync(await readFile(file)));
    await expect(restoreBackup({ url: target, migrations, source: cut })).rejects.toThrow(
      'interrupted',
    );
    await expect(assertRestored(target)).rejects.toMatchObject({
      code: 'restore_unfinished',
      message: expect.stringContaining('of a backup of 30 events'),
    });
    expect((await databaseState(target)).restoring).toContain('30 events');
    await expect(backUpTo({ url: target }, sink())).rejects.toMatchObject({
      code: 'restore_unfinished',
    });
    expect((await databaseState(target)).head).toBe(0n);
    await restoreBackup({ url: target, migrations, source: await openBackup(file) });
    await assertRestored(target);
    expect((await databaseState(target)).head).toBe(30n);
  });

  it('goes through the schema of the backup, and then to the present one', async () => {
    const later = {
      ...migrations,
      '9998-later': {
        up: async (db: Parameters<(typeof migrations)[string]['up']>[0]) => {
          await db.schema.alterTable('events').addColumn('later', 'text').execute();
          await db.schema.alterTable('imports').addColumn('later', 'text').execute();
          // Sees the rows that were restored.
          await db
            .updateTable('imports' as never)
            .set({ later: 'seen' } as never)
            .execute();
        },
      },
    };
    const target = await emptyDatabase();
    // A release that knows columns which no backup of an older one has.
    await knowing(['events', 'imports'], 'later', async () => {
      const { migrated, chain } = await restoreBackup({
        url: target,
        migrations: later,
        source: await openBackup(file),
      });
      expect(migrated).toEqual(['9998-later']);
      expect(chain.events).toBe(30n);
      const { relation } = await verifyBackup({ source: await openBackup(file), against: target });
      expect(relation).toEqual({ is: 'equal' });
      // And its own backups have them.
      const again = path.join(folder, 'later.backup');
      await backUpToFile({ url: target }, again);
      const copy = await emptyDatabase();
      await restoreBackup({ url: copy, migrations: later, source: await openBackup(again) });
      expect(await rowsOf(copy, 'imports', ['later'], ['later'])).toEqual(['seen']);
    });
    expect(await rowsOf(target, 'imports', ['later'], ['later'])).toEqual(['seen']);
    const ahead = await emptyDatabase();
    await migrate(ahead, later);
    await expect(
      restoreBackup({ url: ahead, migrations: later, source: await openBackup(file) }),
    ).rejects.toMatchObject({ code: 'ledger_newer_than_backup' });
  });

  it('replaces what an empty ledger had made at its start', async () => {
    const target = await emptyDatabase();
    await migrate(target, migrations);
    await withClient(target, async (client) => {
      await client.query(`insert into secrets values ('claims', '\\x00')`);
      await client.query(`create schema rm_7; create table rm_7.lines (id bigint)`);
      await client.query(`insert into projections values ('lines', 1, 'rm_7', 0, 0)`);
    });
    await restoreBackup({ url: target, migrations, source: await openBackup(file) });
    expect(await rowsOf(target, 'secrets', ['value'], ['value'])).toEqual(
      await rowsOf(source.url, 'secrets', ['value'], ['value']),
    );
    expect(await rowsOf(target, 'projections', ['name'], ['name'])).toEqual([]);
    expect((await databaseState(target)).bytes.readModels).toBe(0n);
  });

  it('notices when the database does not keep what was written', async () => {
    const target = await emptyDatabase();
    await migrate(target, migrations);
    await withClient(target, (client) =>
      client.query(`
        create function meddle() returns trigger language plpgsql as $$
          begin new.shown := upper(new.shown); return new; end $$;
        create trigger meddle before insert on profiles for each row execute function meddle()`),
    );
    await expect(
      restoreBackup({ url: target, migrations, source: await openBackup(file) }),
    ).rejects.toMatchObject({
      code: 'restore_differs',
      message: expect.stringContaining('profiles'),
    });
    expect((await databaseState(target)).head).toBe(0n);
  });
});

const CODES = ['backup_corrupt', 'backup_truncated', 'backup_foreign', 'backup_newer'];

async function expectRefused(url: string, bytes: Buffer, codes: readonly string[]): Promise<void> {
  const code = await restoreBackup({
    url,
    migrations,
    source: unpacked(Readable.from([bytes])),
  }).then(
    () => 'restored',
    (error: { code?: string; message?: string }) => error.code ?? error.message,
  );
  expect(codes).toContain(code);
  await withClient(url, async (client) => {
    const tables = await tablesOf(client);
    if (!tables.has('events')) return;
    const { rows } = await client.query('select count(*)::int as n from events');
    expect(rows).toEqual([{ n: 0 }]);
  });
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x04;
  return copy;
}

/** While it works, the truth is that of a later release: these tables have one more column. */
async function knowing(
  tables: readonly string[],
  column: string,
  work: () => Promise<void>,
): Promise<void> {
  const known = TRUTH.filter(({ name }) => tables.includes(name)).map(
    ({ columns }) => columns as string[],
  );
  expect(known).toHaveLength(tables.length);
  for (const columns of known) columns.push(column);
  try {
    await work();
  } finally {
    for (const columns of known) columns.pop();
  }
}

/** All but the last bytes, and then a failure that is not the file's. */
async function* interrupted(content: Buffer): AsyncGenerator<Buffer> {
  yield content.subarray(0, content.length - 100);
  failed();
}

function failed(): never {
  throw new Error('interrupted');
}

const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

const contentOf = async (name: string): Promise<string> =>
  gunzipSync(await readFile(name)).toString('utf8');

async function emptyDatabase(): Promise<string> {
  const database = await createScratchDatabase(source.url);
  databases.push(database);
  return database.url;
}

async function withClient<T>(url: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...clientConfig(url, { as: 'owner' }), application_name: 'spec' });
  await client.connect();
  return act(client).finally(() => client.end());
}

const rowsOf = (
  url: string,
  table: string,
  columns: readonly string[],
  order: readonly string[],
): Promise<string[]> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ row: string }>(
      `select ${columns.length === 1 ? `${columns[0]}::text` : `(${columns.join(', ')})::text`} as row
        from ${table} order by ${order.join(', ')}`,
    );
    return rows.map(({ row }) => row);
  });

const event = (n: number): NewEvent => ({
  id: randomUUID(),
  type: 'SomethingHappened',
  effectiveAt: 1_700_000_000 + n,
  data: { n, text: n % 3 === 0 ? NASTY : 'plain', nested: { list: [1, true, null, '\\'] } },
  metadata: n % 2 === 0 ? { delivery: String(n) } : {},
});

async function append(url: string, events: readonly NewEvent[]): Promise<void> {
  const db = openDatabase(url, { max: 1, applicationName: 'spec' });
  try {
    const store = new PostgresEventStore({ db, url });
    for (const [n, one] of events.entries())
      await store.append([
        { stream: `thing-${randomUUID()}.${n}`, expectedRevision: 'no_stream', events: [one] },
      ]);
  } finally {
    await db.destroy();
  }
}

/** Something in every table of truth. */
async function fill(url: string): Promise<void> {
  await append(
    url,
    Array.from({ length: 30 }, (_, n) => event(n)),
  );
  await withClient(url, async (client) => {
    await client.query(
      `insert into deliveries (provider, delivery_id, body_sha256, generation, body, headers, received_at, detail)
        select 'whop', 'msg_' || n, '\\x00ff', 'v1', convert_to(repeat($1, n * 20), 'UTF8'),
          jsonb_build_object('x', $1::text), '2025-10-26 14:00:00.123456+00'::timestamptz + n * interval '1 s', $1
        from generate_series(1, 20) n`,
      [NASTY],
    );
    await client.query(
      `insert into deliveries (provider, delivery_id, body_sha256, generation, received_at, outcome)
        values ('internal', '', '\\x', '', 'epoch', 'parked')`,
    );
    await client.query(
      `insert into routes values ('c:x', 'member-a.b', null), ('payment:p', $1, -5)`,
      [NASTY],
    );
    await client.query(
      `insert into halves values ('membership:m', null, 'user_1'), ('p', '', '\\N')`,
    );
    await fillRarely(client);
    await client.query(
      `insert into tokens (role, creator_id, label, sha256, created_by)
       values ('creator', 'biz_a', $1, $2, 'admin')`,
      [NASTY, Buffer.alloc(32, 0xfe)],
    );
    await client.query(
      `insert into profiles values
         ('biz_a', 'user_1', convert_to($1, 'UTF8'), $1, '{-7,9223372036854775807}', 5, 'pay_1', null),
        ('biz_a', 'user_2', null, null, null, 5, 'pay_2', '2025-01-01 00:00:00.5+02')`,
      [NASTY],
    );
    await client.query(`insert into erased_subjects values (-7, '2025-01-01 00:00:00.5+02')`);
    await client.query(`insert into secrets values ('claims', '\\x0001020304ff')`);
    await client.query(
      `insert into delivery_orders (delivery, ordered, actor, reason, outcome_before)
        values (3, 'exclude', 'ada', $1, 'parked')`,
      [NASTY],
    );
    await client.query(
      `insert into imports (name, problems, started_at) values ($1, '[{"line": 7}]', now())`,
      [NASTY],
    );
    await client.query('insert into import_ranges values (1, 1, 20, 20)');
    await client.query(
      `insert into tokens (role, sha256, created_by, label) values ('admin', sha256('t'), 'admin', $1)`,
      [NASTY],
    );
    await client.query(
      `insert into sessions (sha256, role, actor, token_id, opened_at, seen_at, expires_at)
        values (sha256('s'), 'admin', 'token:1', 1, now(), now(), 'infinity')`,
    );
    await client.query(
      `insert into sign_in_links (id, sha256, role, made_at, made_by, expires_at)
        values ('l', sha256('l'), 'admin', now(), 'admin', 'infinity')`,
    );
    await client.query(
      `insert into replays (state, actor, reason, register, summary, schema) values
        ('promoted', 'ada', $1, 'r', '{"rows": 3}', null), ('discarded', 'ada', null, 'r', null, null),
        ('running', 'ada', null, 'r', null, 'rm_7')`,
      [NASTY],
    );
  });
}
