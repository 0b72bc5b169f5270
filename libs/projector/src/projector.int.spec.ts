import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KyselyPlugin } from 'kysely';
import { sql } from 'kysely';
import { type Database, openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { apply } from './apply.js';
import { Batches } from './batches.js';
import { type Checkpoint, CheckpointMoved, moveCheckpoint, readCheckpoint } from './checkpoint.js';
import { dumpTables } from './dump.js';
import { ensureReadModels } from './ensure.js';
import { projectorStatus, runProjector } from './projector.js';
import { ProjectionWatch, waitUntilProjected } from './settle.js';
import { appendHistory, decode, quiet, register, type ShopEvent } from './shop.fixture.js';
import { createSchema } from './tables.js';

const EVENTS = 120;
const TIMEOUT_MS = 15_000;

describe('the projector', () => {
  let test: TestDatabase;
  let db: Database;
  let store: PostgresEventStore;
  let watch: ProjectionWatch;
  let stop: AbortController;
  const running: Promise<void>[] = [];

  beforeEach(async () => {
    test = await testDatabase({ poolSize: 8 });
    db = test.db;
    store = new PostgresEventStore({ db, url: test.url });
    watch = new ProjectionWatch({ url: test.url });
    stop = new AbortController();
    await ensureReadModels({ db, store, register, decode, signal: stop.signal, log: quiet });
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running.splice(0));
    await watch.close();
    await test.drop();
  });

  function start(options: Partial<Parameters<typeof runProjector<ShopEvent>>[0]> = {}) {
    const status = projectorStatus();
    const { signal } = stop;
    const given = { db, store, register, decode, signal, log: quiet, status, ...options };
    running.push(runProjector(given));
    return status;
  }
  const projected = (position: number) =>
    waitUntilProjected(watch, BigInt(position), { timeoutMs: TIMEOUT_MS });

  /** The tables of the whole history, written in one batch, in a schema of their own. */
  async function atOnce(events = EVENTS) {
    const batches = new Batches({ register, decode });
    const { folded } = batches.fold(await store.readAll({ after: 0n, limit: events }), 0);
    await db.transaction().execute(async (tx) => {
      await createSchema(tx, 'expected', batches.shapes, { logged: true });
      await apply(tx, 'expected', folded);
    });
    return dumpTables(db, 'expected', register);
  }
  const dump = async () => dumpTables(db, await watch.pointer(), register);

  it('projects what is appended while it runs, and tells who waits', async () => {
    const batches: bigint[] = [];
    const status = start({ onBatch: ({ position }) => batches.push(position) });
    for (let n = 0; n < EVENTS; n += 40) {
      await appendHistory(store, n, n + 40);
      expect(await projected(n + 40)).toBe(true);
    }
    expect(await dump()).toEqual(await atOnce());
    expect(status).toMatchObject({ state: 'running', position: 120n, events: EVENTS });
    expect(batches.at(-1)).toBe(120n);
    const last = (await store.readAll({ after: 119n, limit: 1 }))[0];
    expect((await readCheckpoint(db, register)).recordedAt).toBe(last?.recordedAt);
  });

  it('makes the same tables from any split into batches', async () => {
    await appendHistory(store, 0, EVENTS);
    const events = await store.readAll({ after: 0n, limit: EVENTS });
    const expected = await atOnce();
    let n = 0;
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 200 }), async (split, maxRows) => {
        const schema = `split_${n++}`;
        const batches = new Batches({ register, decode }, maxRows);
        await createSchema(db, schema, batches.shapes, { logged: true });
        for (let next = 0, i = 0; next < events.length; i++) {
          const upTo = events.slice(0, next + (split[i % split.length] ?? 1));
          const { folded, end } = batches.fold(upTo, next);
          await db.transaction().execute((tx) => apply(tx, schema, folded));
          next = end;
        }
        expect(await dumpTables(db, schema, register)).toEqual(expected);
      }),
      { numRuns: 12, seed: 7 },
    );
  });

  it('keeps rows and checkpoint together wherever it dies', async () => {
    await appendHistory(store, 0, EVENTS);
    const expected = await atOnce();
    const batches = new Batches({ register, decode });
    const { folded } = batches.fold(await store.readAll({ after: 0n, limit: EVENTS }), 0);
    const from = await readCheckpoint(db, register);
    const write = (on: Database) =>
      on.transaction().execute(async (tx) => {
        await moveCheckpoint(tx, register, from, { position: 120n, recordedAt: 1 });
        await apply(tx, from.schema, folded);
      });
    const nothing = await dumpTables(db, from.schema, register);
    let deaths = 0;
    for (; ; deaths++) {
      const survived = await write(db.withPlugin(dyingAfter(deaths + 1))).then(
        () => true,
        (error: Error) => {
          expect(error.message).toBe('died');
          return false;
        },
      );
      if (survived) break;
      expect(await readCheckpoint(db, register)).toEqual(from);
      expect(await dumpTables(db, from.schema, register)).toEqual(nothing);
    }
    // The checkpoint, five tables, one recomputed column.
    expect(deaths).toBe(7);
    expect(await dumpTables(db, from.schema, register)).toEqual(expected);
    await expect(write(db)).rejects.toThrow(CheckpointMoved);
    expect(await dumpTables(db, from.schema, register)).toEqual(expected);
  });

  it('may run several times at once: each event counts once', async () => {
    const racing = [start({ batchSize: 7 }), start({ batchSize: 5 }), start({ batchSize: 11 })];
    for (let n = 0; n < EVENTS; n += 10) await appendHistory(store, n, n + 10);
    expect(await projected(EVENTS)).toBe(true);
    expect(await dump()).toEqual(await atOnce());
    expect(racing.reduce((sum, status) => sum + status.events, 0)).toBe(EVENTS);
  });

  it('refuses to move a checkpoint that is not exactly where and what it expects', async () => {
    const from = await readCheckpoint(db, register);
    const move = (changed: Partial<Checkpoint>, of = register) =>
      db
        .transaction()
        .execute((tx) =>
          moveCheckpoint(tx, of, { ...from, ...changed }, { position: 9n, recordedAt: 1 }),
        );
    await expect(move({ position: 1n })).rejects.toThrow(CheckpointMoved);
    await expect(move({ schema: 'rm_9' })).rejects.toThrow(CheckpointMoved);
    await expect(move({}, register.slice(1))).rejects.toThrow(CheckpointMoved);
    const raised = register.map((p, i) => (i === 0 ? { ...p, version: 2 } : p));
    await expect(move({}, raised)).rejects.toThrow(CheckpointMoved);
    expect(await readCheckpoint(db, register)).toEqual(from);
    await move({});
    expect(await readCheckpoint(db, register)).toMatchObject({ position: 9n });
  });

  it('stands still before an event that a projection refuses, visibly, and goes on when it can', async () => {
    let cured = false;
    const failing = register.map((projection) =>
      projection.name !== 'shops'
        ? projection
        : {
            ...projection,
            rows: (event: ShopEvent) => {
              if (!cured && event.type === 'Greeted' && event.at === 41) throw new Error('rude');
              return projection.rows(event);
            },
          },
    );
    await appendHistory(store, 0, EVENTS);
    const status = start({ register: failing });
    expect(await projected(41)).toBe(true);
    await until(() => (status.error?.attempts ?? 0) > 1);
    expect(status).toMatchObject({
      state: 'failing',
      position: 41n,
      error: { position: 42n, projection: 'shops', message: 'shops failed at position 42: rude' },
    });
    cured = true;
    expect(await projected(EVENTS)).toBe(true);
    await until(() => status.state === 'running');
    expect(status.error).toBeUndefined();
    expect(await dump()).toEqual(await atOnce());
  });

  it('survives losing every connection, again and again', async () => {
    const owner = openDatabase(test.url, { as: 'owner', max: 1 });
    const status = start({ batchSize: 5 });
    for (let n = 0; n < EVENTS; n += 20) {
      await retried(() => appendHistory(store, n, n + 20));
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`.execute(owner);
    }
    await owner.destroy();
    expect(await projected(EVENTS)).toBe(true);
    await until(() => status.state === 'running');
    expect(await dump()).toEqual(await atOnce());
  });

  it('recomputes a column for touched keys after all tables are written', async () => {
    start();
    const append = (n: number, visits: unknown[][]) =>
      store.append([
        {
          stream: 'history-recomputed',
          expectedRevision: n === 0 ? 'no_stream' : BigInt(n - 1),
          events: [
            {
              id: `10000000-0000-4000-8000-00000000000${n}`,
              type: 'Visited',
              effectiveAt: 1,
              data: { visits: visits as string[][] },
              metadata: {},
            },
          ],
        },
      ]);
    const reached = async () => {
      const schema = await watch.pointer();
      const { rows } = await sql<{ guest: string; visits: string; reached_at: string | null }>`
        select guest, visits, reached_at from ${sql.table(`${schema}.guests`)} order by guest`.execute(
        db,
      );
      return rows.map((row) => [row.guest, row.visits, row.reached_at]);
    };
    await append(0, [['A', 'ana', 10, '1', '0'] as unknown[], ['A', 'rui', 11, '1', '0']]);
    await append(1, [['A', 'ana', 30, '1', '0'] as unknown[]]);
    await projected(2);
    expect(await reached()).toEqual([
      ['ana', '2', '30'],
      ['rui', '1', '11'],
    ]);
    // Moved in time: the count stays, so nothing is added, and yet the column changes.
    await append(2, [
      ['A', 'ana', 30, '-1', '0'],
      ['A', 'ana', 20, '1', '0'],
    ]);
    await projected(3);
    expect((await reached())[0]).toEqual(['ana', '2', '20']);
  });
});

/** Throws after the nth statement on it was executed. */
function dyingAfter(statements: number): KyselyPlugin {
  let left = statements;
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      left--;
      if (left === 0) throw new Error('died');
      return result;
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < TIMEOUT_MS / 10 && !condition(); i++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

async function retried(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}
