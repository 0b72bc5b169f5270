/**
 * The law of a log that is in no transaction with the rest: an append may be cut off between two
 * streams, and what goes along with it may be cut off from it, at any moment and any number of times.
 * The books, and what the intake keeps beside the log, are those of a ledger that was never cut off.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Transaction } from '#libs/database';
import {
  type Appended,
  LogUnavailable,
  PostgresEventStore,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from '#libs/event-store';
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

const codeOf = (creatorId: string, userId: string): string => drawCode(creatorId, userId, 0);
const SEEDS = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
const LEASE = { name: 'intake', epoch: '1' };

/** Appends as a cluster does: each stream by itself, a repetition known by its ids, `within` afterwards. */
class TornStore extends PostgresEventStore {
  cuts = 0;

  constructor(
    private readonly test: TestDatabase,
    private readonly isCut: () => boolean,
  ) {
    super({ db: test.db, url: test.url });
  }

  override async append(
    appends: readonly StreamAppend[],
    within?: (tx: Transaction, appended: Appended) => Promise<void>,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Appended> {
    const { db } = this.test;
    if (before !== undefined) await db.transaction().execute(before);
    const events: RecordedEvent[] = [];
    for (const append of [...appends].sort((a, b) => rankOf(a) - rankOf(b))) {
      if (append.events.length > 0) this.cut();
      events.push(...(await this.appendOne(append)));
    }
    if (events.length > 0) this.cut();
    const appended = { events, lastPosition: await this.head() };
    if (within !== undefined) await db.transaction().execute((tx) => within(tx, appended));
    return appended;
  }

  private cut(): void {
    if (!this.isCut()) return;
    this.cuts += 1;
    throw new LogUnavailable('cut off by the test');
  }

  private async appendOne(append: StreamAppend): Promise<readonly RecordedEvent[]> {
    try {
      return (await super.append([append])).events;
    } catch (error) {
      if (!(error instanceof RevisionConflict) || append.events.length === 0) throw error;
      const { stream, events, expectedRevision } = append;
      const first = expectedRevision === 'no_stream' ? 0 : Number(expectedRevision) + 1;
      const there = (await this.readStreams([stream])).get(stream) ?? [];
      const said = there.slice(first, first + events.length);
      if (said.length < events.length || said.some(({ id }, n) => id !== events[n]?.id))
        throw error;
      return said;
    }
  }
}

const rankOf = ({ events, isFirst }: StreamAppend): number =>
  events.length === 0 ? 0 : isFirst === true ? 1 : 2;

describe('any history, cut off anywhere between the log and what goes along with it', () => {
  let tests: TestDatabase[];
  let whole: TestLedger;
  let torn: TestLedger;
  let store: TornStore;
  let random: Random;
  beforeEach(async () => {
    tests = [await testDatabase(), await testDatabase()];
    const [first, second] = tests as [TestDatabase, TestDatabase];
    whole = await testLedger(first);
    const ledger = await testLedger(second);
    store = new TornStore(second, () => random.chance(35));
    const intake = { ...ledger.intake, store, repeats: true };
    torn = {
      ...ledger,
      decide: (limit = 500) => stubbornly(() => intakeBatch(intake, LEASE, limit)),
    };
  });
  afterEach(async () => {
    for (const test of tests) await test.drop();
  });

  it.each(SEEDS)('of seed %i, is as it would be', async (seed) => {
    random = randomOf(seed);
    const history = historyOf(seed, { codeOf });
    for (const ledger of [whole, torn]) {
      await settingsOfHistory(ledger, history);
      await deliverHistory(ledger, history, seed);
    }
    expect(store.cuts).toBeGreaterThan(2);
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
