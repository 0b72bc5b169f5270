/**
 * A replay, its difference and its switch, cut off at each of their statements: the live tables serve
 * as before, or the new ones do; and whoever comes next cleans up and is not disturbed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import {
  buildDifference,
  buildReplay,
  dropOldSchemas,
  dumpTables,
  ensureReadModels,
  promote,
  readCheckpoint,
  runProjector,
} from '#libs/projector';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { register as all } from '#projections';
import { type FailingDatabase, type Fault, failingDatabase } from './failing-database.js';
import { projecting } from './history-ledger.js';
import { JANUARY_ENDS, openCommunity, pay } from './months-community.js';

const FAULTS: readonly Fault[] = ['not sent', 'answer lost', 'killed'];
/**
 * A statement that is not sent and a connection that dies with it leave the same behind: by default
 * each statement meets one of the two. Every answer is lost once.
 */
const MEETS = (fault: Fault, nth: number): boolean =>
  process.env.FLYWHEEL_ALL_FAULTS === '1' ||
  fault === 'answer lost' ||
  (nth % 2 === 0) === (fault === 'killed');
/** Every kind of table, and a recomputed column. */
const NAMES = ['creator_settings', 'lines', 'referrals', 'rankings'];
const MEMBERS = 8;
const CREATOR = 'biz_faults';

describe('a replay that is cut off', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let failing: FailingDatabase;
  const register = all.filter(({ name }) => NAMES.includes(name));
  const options = (signal?: AbortSignal) => ({ ...projecting(test, ledger, signal), register });

  beforeAll(async () => {
    test = await testDatabase({ poolSize: 8 });
    ledger = await testLedger(test);
    failing = failingDatabase(test.url);
    await openCommunity(ledger, CREATOR);
    for (let n = 0; n < MEMBERS; n++) await payment(n);
    await ensureReadModels(options());
    await projectOn();
  }, 240_000);
  afterAll(async () => {
    await failing.db.destroy();
    await test.drop();
  });

  const payment = (n: number) =>
    pay(ledger, {
      creatorId: CREATOR,
      member: `m${n % MEMBERS}`,
      payment: `${n}`,
      paidAt: JANUARY_ENDS - 3_600 + n,
      amountMinor: 4_999n,
      ...(n % MEMBERS === 0 ? {} : { referrer: 'm0' }),
    });

  /** Brings the live tables to the head. */
  async function projectOn(): Promise<void> {
    const head = await ledger.store.head();
    const stop = new AbortController();
    const { position } = await readCheckpoint(test.db, register);
    if (position === head) return;
    await runProjector({
      ...options(stop.signal),
      onBatch: (batch) => {
        if (batch.position >= head) stop.abort();
      },
    });
  }

  const schemas = async (): Promise<string[]> => {
    const { rows } = await sql<{ name: string }>`
      select nspname as name from pg_namespace where nspname like 'rm\\_%'`.execute(test.db);
    return rows.map(({ name }) => name);
  };

  /** What a worker does now and then; a connection that was cut is noticed soon. */
  async function swept(): Promise<string[]> {
    for (let tries = 0; tries < 100; tries++) {
      await dropOldSchemas(test.db, { graceSeconds: 0, builtSeconds: 0 });
      const left = await schemas();
      if (left.length === 1) return left;
      await delay(20);
    }
    return schemas();
  }

  /** Over connections that fail; events come after the replay is built, so that there is a tail. */
  async function run(before: () => Promise<unknown>): Promise<void> {
    const store = new PostgresEventStore({ db: failing.db, url: test.url });
    const cut = { ...options(), db: failing.db, store, waitMs: 1_000 };
    const { schema } = await buildReplay(cut);
    await before();
    const { hash, rows } = await buildDifference(cut, schema);
    expect(rows).toBe(0n);
    await promote({ ...cut, differenceHash: hash }, schema);
  }

  it.each(FAULTS)(
    'at any statement (%s) has switched or has not, and the next one is not disturbed',
    async (fault) => {
      let [cutOff, switchedAnyway, nth, passedOver] = [0, 0, 0, 0];
      for (let reached = true; reached; ) {
        nth += 1;
        if (!MEETS(fault, nth)) {
          passedOver += 1;
          continue;
        }
        const before = await readCheckpoint(test.db, register);
        const rows = await dumpTables(test.db, before.schema, register);
        let tail = rows;
        failing.plan(nth, fault);
        const outcome = await run(async () => {
          await payment(1_000 * (FAULTS.indexOf(fault) + 1) + nth);
          await projectOn();
          tail = await dumpTables(test.db, before.schema, register);
        }).then(
          () => 'done',
          () => 'cut off',
        );
        reached = failing.count() >= nth;
        failing.plan(Number.POSITIVE_INFINITY, fault);
        const after = await readCheckpoint(test.db, register);
        expect(await dumpTables(test.db, after.schema, register)).toEqual(tail);
        if (outcome === 'done') expect(after.schema).not.toBe(before.schema);
        else cutOff += 1;
        if (outcome === 'cut off' && after.schema !== before.schema) switchedAnyway += 1;
        // What was cut off lets the live tables go on at once, and leaves nothing that a sweep leaves.
        await projectOn();
        expect(await swept()).toEqual([after.schema]);
      }
      expect(nth).toBeGreaterThan(100);
      expect(cutOff).toBeGreaterThan(nth - passedOver - 40);
      // The switch was committed, and nobody heard of it.
      expect(switchedAnyway).toBe(fault === 'answer lost' ? 1 : 0);
    },
    600_000,
  );

  it('whose process dies in a long statement is ended by the server, and holds nobody up', async () => {
    const { schema: live } = await readCheckpoint(test.db, register);
    const { schema } = await buildReplay(options());
    // The application may not see what its own sessions do.
    const owner = openDatabase(test.url, { max: 1, as: 'owner' });
    const sessions = async (): Promise<number> => {
      const { rows } = await sql<{ n: number }>`
        select count(*)::integer as n from pg_stat_activity
        where application_name = 'flywheel failing' and state <> 'idle'
          and datname = current_database()`.execute(owner);
      return rows[0]?.n ?? 0;
    };
    await test.db.transaction().execute(async (tx) => {
      // Whoever reads it waits for as long as this lasts.
      await sql`lock table ${sql.id(live, 'referrals')} in access exclusive mode`.execute(tx);
      const dying = buildDifference({ ...options(), db: failing.db }, schema);
      dying.catch(() => undefined);
      while ((await sessions()) === 0) await delay(20);
      await delay(200);
      expect(await sessions()).toBe(1);
      failing.cut();
      await expect(dying).rejects.toThrow();
      for (let tries = 0; tries < 500 && (await sessions()) > 0; tries++) await delay(20);
      expect(await sessions()).toBe(0);
    });
    await owner.destroy();
    expect((await buildDifference(options(), schema)).rows).toBe(0n);
  });
});
