/**
 * Replays that are promoted while webhooks come in and people read: no read fails, or sees two sets of
 * tables mixed, or an empty one, or the past again; nothing is lost; and a replay of what was not
 * damaged differs in nothing. FLYWHEEL_REPLAY_PROMOTIONS says how many.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { ReadSide, topReferrers } from '#libs/application';
import { runChecks } from '#libs/checks';
import type { Database, Transaction } from '#libs/database';
import { drawCode, frozenClock } from '#libs/ledger';
import {
  buildDifference,
  buildReplay,
  dropOldSchemas,
  dumpTables,
  ensureReadModels,
  ProjectionWatch,
  promote,
  runProjector,
} from '#libs/projector';
import {
  TEST_VAULT,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { register } from '#projections';
import { type History, historyOf } from '../reference/histories.js';
import { bodyOf } from '../reference/wire.js';
import { deliverHistory, NOW, projecting, settingsOfHistory } from './history-ledger.js';

const PROMOTIONS = Number(process.env.FLYWHEEL_REPLAY_PROMOTIONS ?? 5);
const SEED = Number(process.env.FLYWHEEL_LAW_FIRST_SEED ?? 2);
const READERS = 3;
const DELIVERIES_AT_ONCE = 8;
const LIMIT_MS = 120_000 + PROMOTIONS * 30_000;

describe('a ledger at work', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  let watch: ProjectionWatch;
  let reads: ReadSide;
  const stop = new AbortController();
  const loops: Promise<unknown>[] = [];
  let history: History;

  beforeAll(async () => {
    test = await testDatabase({ poolSize: 24 });
    ledger = await testLedger(test);
    watch = new ProjectionWatch({ url: test.url });
    reads = new ReadSide({ db: test.db, watch, clock: frozenClock(NOW * 1000), vault: TEST_VAULT });
    const projector = projecting(test, ledger, stop.signal);
    await ensureReadModels(projector);
    loops.push(runProjector(projector));
    history = historyIn(SEED);
    await settingsOfHistory(ledger, history);
    const { deliveries, orders } = history;
    await deliverHistory(ledger, { deliveries: deliveries.slice(0, 200), orders }, SEED);
    const head = await ledger.store.head();
    expect(await watch.passed(head, { timeoutMs: 60_000 })).toBe(true);
  }, 240_000);
  afterAll(async () => {
    stop.abort();
    await Promise.all(loops);
    await watch.close();
    await test.drop();
  });

  async function dropOld(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await dropOldSchemas(test.db, { graceSeconds: 2 });
      await delay(500, undefined, { signal }).catch(() => {});
    }
  }

  it(
    `is served by ${PROMOTIONS} replays one after the other, and nobody notices`,
    async () => {
      const working = new AbortController();
      const wrong: unknown[] = [];
      const counts = { delivered: 0, reads: 0, long: 0 };
      const seen = { schemas: new Set<string>(), lines: new Map<string, string>() };
      const atWork = [
        deliver(working.signal, counts),
        dropOld(working.signal),
        ...Array.from({ length: READERS }, () => read(working.signal, counts, seen, wrong)),
        readLong(working.signal, counts, wrong),
      ];
      const differences: bigint[] = [];
      for (let n = 0; n < PROMOTIONS; n++) {
        const options = { ...projecting(test, ledger), until: 'live' as const };
        const { schema } = await buildReplay(options);
        const { rows, hash } = await buildDifference(options, schema);
        differences.push(rows);
        await promote({ ...options, differenceHash: hash }, schema);
      }
      working.abort();
      await Promise.all(atWork);
      expect(wrong).toEqual([]);
      expect(differences).toEqual(differences.map(() => 0n));
      expect(counts.reads).toBeGreaterThan(READERS * PROMOTIONS);
      expect(counts.long).toBeGreaterThan(0);
      expect(counts.delivered).toBeGreaterThan(PROMOTIONS);
      expect(seen.schemas.size).toBeGreaterThan(PROMOTIONS / 2);
      await ledger.decide();
      const head = await ledger.store.head();
      expect(await watch.passed(head, { timeoutMs: 30_000 })).toBe(true);
      const serving = await watch.pointer();
      const last = await buildReplay(projecting(test, ledger));
      expect(last.position).toBe(head);
      expect(await dumpTables(test.db, last.schema, register)).toEqual(
        await dumpTables(test.db, serving, register),
      );
      const { results } = await runChecks({ db: test.db, url: test.url });
      expect(results.filter(({ severity, holds }) => severity === 'error' && !holds)).toEqual([]);
    },
    LIMIT_MS,
  );

  /** Webhooks that are stored and decided, for ever: one history after the other. */
  async function deliver(signal: AbortSignal, counts: { delivered: number }): Promise<void> {
    let { deliveries } = history;
    for (let at = 200, seed = SEED; !signal.aborted; at += DELIVERIES_AT_ONCE) {
      if (at >= deliveries.length) {
        seed += 1;
        ({ deliveries } = historyIn(seed));
        at = 0;
      }
      const some = deliveries.slice(at, at + DELIVERIES_AT_ONCE);
      await ledger.deliver(
        ...some.map((one) => ({ body: bodyOf(one), deliveryId: one.deliveryId })),
      );
      await ledger.decide(DELIVERIES_AT_ONCE);
      counts.delivered += some.length;
      await delay(5);
    }
  }

  /** Asks as the API does. Tables of one position agree with each other, whoever made them. */
  async function read(
    signal: AbortSignal,
    counts: { reads: number },
    seen: { readonly schemas: Set<string>; readonly lines: Map<string, string> },
    wrong: unknown[],
  ): Promise<void> {
    let least = 0n;
    const [creatorId = ''] = history.settings.map((one) => one.creatorId);
    while (!signal.aborted) {
      try {
        const found = await reads.withSource(({ db, schema }) => figuresOf(db, schema));
        const { position, lines } = found;
        const known = seen.lines.get(position) ?? lines;
        seen.lines.set(position, lines);
        if (contradicts(found) || known !== lines || BigInt(position) < least)
          wrong.push({ ...found, known, least });
        least = BigInt(position);
        seen.schemas.add(found.schema);
        const { items } = await topReferrers(reads, { creatorId, limit: 5 });
        if (items.length === 0) wrong.push('nobody is ranked');
      } catch (error) {
        wrong.push(error);
      }
      counts.reads += 1;
    }
  }

  /** Transactions that outlive a switch: to the end they see what they saw in the beginning. */
  async function readLong(
    signal: AbortSignal,
    counts: { long: number },
    wrong: unknown[],
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        await test.db
          .transaction()
          .setIsolationLevel('repeatable read')
          .execute(async (tx) => {
            const { rows } = await sql<{ schema: string }>`
              select schema from projections limit 1`.execute(tx);
            const schema = rows[0]?.schema ?? '';
            const first = await figuresOf(tx, schema);
            const begun = await watch.pointer();
            // Until a switch has come, or the work ends.
            while ((await watch.pointer()) === begun && !signal.aborted) await delay(20);
            const again = await figuresOf(tx, schema);
            if (JSON.stringify(first) !== JSON.stringify(again)) wrong.push({ first, again });
            if (first !== undefined && contradicts(first)) wrong.push(first);
            counts.long += 1;
          });
      } catch (error) {
        wrong.push(error);
      }
    }
  }
});

const historyIn = (seed: number): History =>
  historyOf(seed, {
    codeOf: (creatorId, userId) => drawCode(creatorId, userId, 0),
    creators: 3,
    members: 20,
  });

interface Figures {
  readonly schema: string;
  readonly position: string;
  readonly lines: string;
  readonly converted: string;
  readonly ranked: string;
  readonly monthly: string;
  readonly last: string;
}

/** One statement over several tables; undefined: the pointer has moved. */
async function figuresOf(db: Database | Transaction, schema: string): Promise<Figures | undefined> {
  const table = (name: string) => sql.id(schema, name);
  const { rows } = await sql<Figures>`
    select p.schema, p.position, (select count(*) from ${table('lines')}) as lines,
      (select coalesce(sum(count), 0) from ${table('lines')}
        where kind = 'conversion' and referrer_id <> '') as converted,
      (select coalesce(sum(total_referrals), 0) from ${table('rankings')}) as ranked,
      (select coalesce(sum(referrals), 0) from ${table('member_months')}) as monthly,
      (select coalesce(max(position), 0) from ${table('lines')}) as last
    from projections p where p.name = 'lines' and p.schema = ${schema}`.execute(db);
  return rows[0];
}

const contradicts = ({ position, lines, converted, ranked, monthly, last }: Figures): boolean =>
  lines === '0' || converted !== ranked || converted !== monthly || BigInt(last) > BigInt(position);
