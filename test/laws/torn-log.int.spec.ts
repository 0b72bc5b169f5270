/**
 * The law of a log that is in no transaction with the rest: an append may be cut off between two
 * streams, and what goes along with it may be cut off from it, at any moment and any number of times.
 * The books, and what the intake keeps beside the log, are those of a ledger that was never cut off.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { finishOrders } from '#libs/application';
import { runChecks } from '#libs/checks';
import { LogUnavailable, RevisionConflict } from '#libs/event-store';
import { intakeBatch } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { compareBooks } from '../reference/compare.js';
import { historyOf, settingsOf } from '../reference/histories.js';
import { figuresOf } from '../reference/model.js';
import { type Random, randomOf } from '../reference/random.js';
import { figuresOfTables } from './figures-of-tables.js';
import {
  deliverHistory,
  factsOutcome,
  NOW,
  projectAll,
  settingsOfHistory,
} from './history-ledger.js';
import { reversalsOfTables } from './reversals-of-tables.js';
import { KilledStore, TornStore } from './torn-store.js';

const codeOf = (creatorId: string, userId: string): string => drawCode(creatorId, userId, 0);
const SEEDS = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
const LEASE = { name: 'intake', epoch: '1' };

describe('any history, cut off anywhere between the log and what goes along with it', () => {
  let tests: TestDatabase[];
  let whole: TestLedger;
  let torn: TestLedger;
  let store: TornStore;
  let killed: KilledStore;
  let ordersCut = 0;
  let random: Random;
  beforeEach(async () => {
    tests = [await testDatabase(), await testDatabase()];
    const [first, second] = tests as [TestDatabase, TestDatabase];
    whole = await testLedger(first);
    const ledger = await testLedger(second);
    store = new TornStore(second, () => random.chance(35));
    killed = new KilledStore(second, () => random.chance(50));
    const { notices } = ledger;
    const erase = () => Promise.reject(new Error('nobody is erased here'));
    const orders = {
      db: second.db,
      store: new TornStore(second, () => false),
      intake: notices,
      erase,
    };
    const finish = () => finishOrders(orders);
    const intake = { ...ledger.intake, store, repeats: true, finishOrders: finish };
    torn = {
      ...ledger,
      store: killed,
      decide: (limit = 500) => stubbornly(() => intakeBatch(intake, LEASE, limit)),
    };
  });
  afterEach(async () => {
    for (const test of tests) await test.drop();
  });

  afterAll(() => expect(ordersCut).toBeGreaterThan(SEEDS.length));

  it.each(SEEDS)('of seed %i, is as it would be', async (seed) => {
    random = randomOf(seed);
    const history = historyOf(seed, { codeOf });
    for (const ledger of [whole, torn]) {
      await settingsOfHistory(ledger, history);
      await deliverHistory(ledger, history, seed);
    }
    expect(store.cuts).toBeGreaterThan(2);
    ordersCut += killed.cuts;
    const [first, second] = tests as [TestDatabase, TestDatabase];
    for (const [table, columns] of Object.entries(BESIDE))
      expect([table, await rowsOf(second, table, columns)]).toEqual([
        table,
        await rowsOf(first, table, columns),
      ]);
    for (const outcome of ['parked', 'quarantined'] as const)
      expect(await factsOutcome(second.db, outcome)).toEqual(await factsOutcome(first.db, outcome));

    const live = await projectAll(second, torn);
    const told = history.deliveries.map((delivery) => delivery.telling);
    const expected = figuresOf(told, settingsOf(history), codeOf, NOW);
    const actual = {
      ...(await figuresOfTables(second.db, live.schema, NOW)),
      ...(await reversalsOfTables(second.db, live.schema)),
    };
    const nothing = { parked: [], misfits: [] };
    const differences = compareBooks({ ...expected, ...nothing }, { ...actual, ...nothing });
    expect(differences.slice(0, 5)).toEqual([]);
    const { results } = await runChecks({ db: second.db, url: second.url });
    const accounted = results.filter(({ name }) => name === 'deliveries-accounted-for');
    expect(accounted).toMatchObject([{ first: [], violations: 0 }]);
  });
});

/** What the intake keeps beside the log. */
const BESIDE = {
  routes: 'key, stream, not_before',
  bearers: 'key, stream, at, source_id',
  watchers: 'key, stream',
  // Not since when: a telling that adds nothing refreshes the profile where it may have been cut off.
  profiles: 'creator_id, member_id',
};

async function rowsOf({ db }: TestDatabase, table: string, columns: string): Promise<unknown[]> {
  const { rows } = await sql`
    select ${sql.raw(columns)} from ${sql.table(table)} order by ${sql.raw(columns)}`.execute(db);
  return rows;
}

/** As the loop does: whatever is in passing is tried again. */
async function stubbornly(batch: () => Promise<number>): Promise<void> {
  for (;;) {
    try {
      if ((await batch()) === 0) return;
    } catch (error) {
      const isPassing = error instanceof LogUnavailable || error instanceof RevisionConflict;
      if (!isPassing) throw error;
    }
  }
}
