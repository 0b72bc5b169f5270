import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { readCheckpoint } from './checkpoint.js';
import { dumpTables } from './dump.js';
import { ensureReadModels } from './ensure.js';
import { projectorStatus, runProjector } from './projector.js';
import { promote, replay } from './promote.js';
import { buildReplay, type ReplayProgress } from './replay.js';
import { dropOldSchemas, ReplayLost } from './schemas.js';
import { ProjectionWatch } from './settle.js';
import { appendHistory, decode, quiet, register } from './shop.fixture.js';

const EVENTS = 200;
const TIMEOUT_MS = 15_000;

describe('a replay', () => {
  let test: TestDatabase;
  let db: Database;
  let store: PostgresEventStore;
  let watch: ProjectionWatch;
  let stop: AbortController;
  const running: Promise<unknown>[] = [];

  beforeEach(async () => {
    test = await testDatabase({ poolSize: 16 });
    db = test.db;
    store = new PostgresEventStore({ db, url: test.url });
    watch = new ProjectionWatch({ url: test.url });
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running.splice(0));
    await watch.close();
    await test.drop();
  });
  const options = (changes = {}) => ({
    db,
    store,
    register,
    decode,
    signal: stop.signal,
    log: quiet,
    ...changes,
  });
  const live = async () => {
    await ensureReadModels(options());
    running.push(runProjector(options()));
  };
  const projected = (position: number) => watch.passed(BigInt(position), { timeoutMs: TIMEOUT_MS });
  const schemas = async () => {
    const { rows } = await sql<{ name: string }>`
      select nspname as name from pg_namespace where nspname like 'rm\_%' order by 1`.execute(db);
    return rows.map((row) => row.name);
  };

  it('makes the tables that the projector made, logged and with the same indexes', async () => {
    await live();
    await appendHistory(store, 0, EVENTS);
    await projected(EVENTS);
    const seen: ReplayProgress[] = [];
    const built = await buildReplay(
      options({ batchSize: 30, maxBatchRows: 50, onProgress: (p: ReplayProgress) => seen.push(p) }),
    );
    expect(built).toEqual({ schema: 'rm_2', position: 200n });
    const folded = seen.filter(({ phase }) => phase === 'events');
    expect(folded.at(-1)).toMatchObject({ position: 200n, head: 200n });
    expect(seen.filter(({ phase }) => phase === 'tables').map(({ table }) => table)).toEqual(
      // What a recomputed column looks at comes before it.
      ['entries', 'visits', 'shops', 'greetings', 'guests'],
    );
    expect(await dumpTables(db, 'rm_2', register)).toEqual(await dumpTables(db, 'rm_1', register));
    const structure = async (schema: string) => {
      const { rows } = await sql<{ d: string }>`
        select concat(c.relpersistence, c.relkind, ' ', c.relname, pg_get_indexdef(c.oid)) as d
        from pg_class c where c.relnamespace = ${schema}::regnamespace
          and c.relkind in ('r', 'i') and c.relname <> 'replay_checkpoint' order by 1`.execute(db);
      return rows.map(({ d }) => d.replaceAll(schema, 'rm'));
    };
    const made = await structure('rm_2');
    expect(made).toEqual(await structure('rm_1'));
    expect(made.every((line) => line.startsWith('p'))).toBe(true);
    expect(await watch.pointer()).toBe('rm_1');
  });

  it('switches under reads and appends: each read sees whole tables at its position', async () => {
    await live();
    await appendHistory(store, 0, EVENTS);
    await projected(EVENTS);
    const expected = new Map<number, string>();
    for (let n = 0, sum = 0; n <= 2 * EVENTS; n++) {
      expected.set(n, String(sum));
      // What the nth event adds to the number of entries (shop.fixture.ts).
      const greeted = n % 6 === 5;
      sum += greeted || n % 7 === 0 ? 0 : n % 4 === 0 ? 2 : 1;
    }
    let reads = 0;
    let reading = true;
    const seen = new Set<string>();
    const wrong: unknown[] = [];
    const reader = async () => {
      let least = 0;
      while (reading) {
        const schema = await watch.pointer();
        const { rows } = await sql<{ position: string; entries: string; visits: string }>`
          select p.position, (select count(*) from ${sql.table(`${schema}.entries`)}) as entries,
            (select coalesce(sum(visits), 0) from ${sql.table(`${schema}.shops`)}) as visits
          from projections p where p.name = 'entries' and p.schema = ${schema}`.execute(db);
        const row = rows[0];
        // The pointer moved: the statement says so by answering nothing, and is asked again.
        if (row === undefined) continue;
        if (expected.get(Number(row.position)) !== row.entries || Number(row.position) < least)
          wrong.push({ schema, least, ...row });
        least = Number(row.position);
        seen.add(schema);
        reads++;
      }
    };
    const readers = [reader(), reader(), reader()];
    const appending = (async () => {
      for (let n = EVENTS; n < 2 * EVENTS; n += 4) await appendHistory(store, n, n + 4);
    })();
    for (let i = 0; i < 3; i++) await replay(options({ batchSize: 64 }));
    await appending;
    await projected(2 * EVENTS);
    reading = false;
    await Promise.all(readers);
    expect(wrong).toEqual([]);
    expect(reads).toBeGreaterThan(20);
    expect(seen.size).toBeGreaterThan(1);
    // The last switch may have come after the last event: it is heard soon.
    while ((await watch.pointer()) !== 'rm_4') await new Promise((again) => setTimeout(again, 10));
    const { schema } = await buildReplay(options());
    expect(await dumpTables(db, schema, register)).toEqual(await dumpTables(db, 'rm_4', register));
  });

  it('that is promoted late catches up first, recomputed columns included', async () => {
    await live();
    await appendHistory(store, 0, 50);
    const built = await buildReplay(options());
    await appendHistory(store, 50, EVENTS);
    await projected(EVENTS);
    const expected = await dumpTables(db, 'rm_1', register);
    const moved = await promote(options({ batchSize: 16 }), built.schema);
    expect(moved).toMatchObject({ schema: 'rm_2', position: 200n });
    expect(await dumpTables(db, 'rm_2', register)).toEqual(expected);
    expect(await promote(options(), built.schema)).toEqual(moved);
    expect(await readCheckpoint(db, register)).toEqual(moved);
  });

  it('never takes the position back: what came during its last step is applied in the switch', async () => {
    await live();
    await appendHistory(store, 0, 50);
    const { schema } = await buildReplay(options());
    await appendHistory(store, 50, 80);
    await projected(80);
    const readAll = async (range: { after: bigint; limit: number }) =>
      range.limit === 1_000 ? [] : store.readAll(range);
    const arrivingLate = { head: () => store.head(), readAll };
    const moved = await promote(options({ store: arrivingLate, batchSize: 1_000 }), schema);
    expect(moved.position).toBe(80n);
    expect(await dumpTables(db, schema, register)).toEqual(await dumpTables(db, 'rm_1', register));
  });

  it('notices that a restart of the server emptied its tables', async () => {
    await ensureReadModels(options());
    await appendHistory(store, 0, EVENTS);
    let emptied = false;
    const failing = buildReplay(
      options({
        batchSize: 20,
        maxBatchRows: 10,
        decode: (event: Parameters<typeof decode>[0]) => {
          emptied ||= event.position > 100n;
          return decode(event);
        },
        store: {
          head: () => store.head(),
          readAll: async (range: { after: bigint; limit: number }) => {
            // What crash recovery does to unlogged tables.
            if (emptied) await sql`truncate rm_2.replay_checkpoint, rm_2.entries`.execute(db);
            return store.readAll(range);
          },
        },
      }),
    );
    await expect(failing).rejects.toThrow(ReplayLost);
    expect(await schemas()).toEqual(['rm_1']);
  });

  it('leaves nothing behind when it is aborted', async () => {
    await ensureReadModels(options());
    await appendHistory(store, 0, EVENTS);
    const aborting = new AbortController();
    const onProgress = () => aborting.abort(new Error('enough'));
    const aborted = replay(
      options({ signal: aborting.signal, batchSize: 20, maxBatchRows: 10, onProgress }),
    );
    await expect(aborted).rejects.toThrow('enough');
    expect(await schemas()).toEqual(['rm_1']);
  });

  it('follows a changed register while the old tables serve, once for all processes', async () => {
    await live();
    await appendHistory(store, 0, EVENTS);
    await projected(EVENTS);
    stop.abort();
    await Promise.all(running.splice(0));
    stop = new AbortController();
    const changed = register.slice(1).map((p, i) => (i === 0 ? { ...p, version: 2 } : p));
    const status = projectorStatus();
    running.push(runProjector(options({ register: changed, status })));
    const starting = [1, 2, 3].map(() => ensureReadModels(options({ register: changed })));
    const checkpoints = await Promise.all(starting);
    expect(new Set(checkpoints.map(({ schema }) => schema))).toEqual(new Set(['rm_2']));
    expect(await schemas()).toEqual(['rm_1', 'rm_2']);
    const { rows } = await db
      .selectFrom('projections')
      .select(['name', 'version'])
      .execute()
      .then((found) => ({ rows: found.map((row) => `${row.name} ${row.version}`).sort() }));
    expect(rows).toEqual(['greetings 1', 'guests 1', 'shops 1', 'visits 2']);
    await appendHistory(store, EVENTS, EVENTS + 10);
    expect(await projected(EVENTS + 10)).toBe(true);
    expect(status.schema).toBe('rm_2');
  });

  it('of a changed register is switched to under projectors of both releases: each event counts once', async () => {
    await live();
    const changed = register.map((p, i) => (i === 1 ? { ...p, version: 2 } : p));
    const [older, newer] = [projectorStatus(), projectorStatus()];
    running.push(runProjector(options({ status: older })));
    running.push(runProjector(options({ register: changed, status: newer })));
    await appendHistory(store, 0, EVENTS / 2);
    expect(await projected(EVENTS / 2)).toBe(true);
    expect(newer.events).toBe(0);
    const appending = (async () => {
      for (let n = EVENTS / 2; n < EVENTS; n += 10) await appendHistory(store, n, n + 10);
    })();
    const { schema } = await ensureReadModels(options({ register: changed }));
    await appending;
    const { events } = older;
    await appendHistory(store, EVENTS, EVENTS + 50);
    expect(await projected(EVENTS + 50)).toBe(true);
    expect([await watch.pointer(), newer.schema]).toEqual([schema, schema]);
    // Those of the release before stand still from the switch on, and write nowhere.
    expect(older.events).toBe(events);
    const built = await buildReplay(options({ register: changed }));
    expect(await dumpTables(db, schema, changed)).toEqual(
      await dumpTables(db, built.schema, changed),
    );
  });

  it('is kept until nobody can read it: serving and building schemas are never dropped', async () => {
    await ensureReadModels(options());
    await appendHistory(store, 0, 20);
    await replay(options());
    expect(await dropOldSchemas(db)).toEqual([]);
    let dropping: Promise<string[]> | undefined;
    const built = await buildReplay(
      options({
        onProgress: ({ phase }: ReplayProgress) => {
          if (phase === 'tables')
            dropping ??= dropOldSchemas(db, { graceSeconds: 0, builtSeconds: 0 });
        },
      }),
    );
    expect(await dropping).toEqual(['rm_1']);
    expect(await schemas()).toContain(built.schema);
    await sql`create schema rm_9`.execute(db);
    await sql`comment on schema rm_9 is 'building 1'`.execute(db);
    expect(await dropOldSchemas(db)).toEqual(['rm_9']);
    expect(await dropOldSchemas(db, { builtSeconds: 0 })).toEqual([built.schema]);
    expect(await schemas()).toEqual(['rm_2']);
  });
});
