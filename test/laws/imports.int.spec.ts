/**
 * Imports obey the law of the house: history in a file, whatever form its lines have and wherever
 * it is cut, gives the books of the reference model; and what a webhook tells as well is known.
 */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Imports } from '#libs/ingestion';
import {
  TEST_VAULT,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { compareBooks } from '../reference/compare.js';
import { type HistoryDelivery, historyOf, settingsOf } from '../reference/histories.js';
import { figuresOf } from '../reference/model.js';
import { bodyOf } from '../reference/wire.js';
import { figuresOfTables } from './figures-of-tables.js';
import {
  codeOf,
  deliverHistory,
  NOW,
  projectAll,
  settingsOfHistory,
  type Tell,
} from './history-ledger.js';
import { reversalsOfTables } from './reversals-of-tables.js';

const SEEDS = Number(process.env.FLYWHEEL_LAW_SEEDS ?? 10);
const FIRST_SEED = Number(process.env.FLYWHEEL_LAW_FIRST_SEED ?? 1);

/** The object alone, where no more than its event says something that it does not say itself. */
function lineOf(delivery: HistoryDelivery, n: number): string {
  const { generation, telling } = delivery;
  const body = bodyOf(delivery);
  const isLegacy = generation === 'v2' || generation === 'v5';
  const saysAll =
    (telling.creatorId === undefined || !isLegacy) &&
    (telling.createdAtMs !== undefined || telling.kind === 'payment') &&
    telling.status !== 'failed';
  return n % 4 === 0 || !saysAll ? body : JSON.stringify(JSON.parse(body).data);
}

describe('an import of any history', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
  });
  afterEach(() => test.drop());

  /** One import, a chunk a run. */
  async function byImport(seed: number) {
    const imports = new Imports(test.db, TEST_VAULT);
    const sha256 = createHash('sha256').update(String(seed)).digest();
    const { id } = await imports.open({ name: `${seed}.ndjson`, sha256 }, NOW * 1000);
    let from = 0n;
    const forms = { objects: 0, webhooks: 0 };
    const tell: Tell = async (deliveries) => {
      const lines = deliveries.map(lineOf);
      const objects = lines.filter((line) => !/^\{"(action|type|id":"msg_)/.test(line)).length;
      forms.objects += objects;
      forms.webhooks += lines.length - objects;
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      await imports.store(id, { from, bytes, last: false, receivedAt: NOW * 1000 });
      from += BigInt(bytes.length);
    };
    return { tell, forms, find: () => imports.find(id) };
  }

  async function differences(seed: number) {
    const history = historyOf(seed, { codeOf });
    const live = await projectAll(test, ledger);
    const told = history.deliveries.map((delivery) => delivery.telling);
    const nothing = { parked: [], misfits: [] };
    const expected = figuresOf(told, settingsOf(history), codeOf, NOW);
    const actual = {
      ...(await figuresOfTables(test.db, live.schema, NOW)),
      ...(await reversalsOfTables(test.db, live.schema)),
    };
    return compareBooks({ ...expected, ...nothing }, { ...actual, ...nothing }).slice(0, 5);
  }

  const seeds = Array.from({ length: SEEDS }, (_, n) => FIRST_SEED + n);

  it.each(seeds)(
    'of seed %i gives the books of the reference model; told again by webhook, all is known',
    async (seed) => {
      const history = historyOf(seed, { codeOf });
      await settingsOfHistory(ledger, history);
      const { tell, forms, find } = await byImport(seed);
      await deliverHistory(ledger, history, seed, tell);
      expect(await differences(seed)).toEqual([]);
      expect(Math.min(forms.objects, forms.webhooks)).toBeGreaterThan(0);
      expect(await find()).toMatchObject({ unreadable: 0n, settled: true });
      const head = await ledger.store.head();
      await deliverHistory(ledger, { deliveries: history.deliveries, orders: [] }, seed);
      expect(await ledger.store.head()).toBe(head);
    },
  );

  it('after its webhooks is all known, line by line', async () => {
    const history = historyOf(FIRST_SEED, { codeOf });
    await settingsOfHistory(ledger, history);
    await deliverHistory(ledger, history, FIRST_SEED);
    const head = await ledger.store.head();
    const { tell } = await byImport(FIRST_SEED);
    await deliverHistory(ledger, { ...history, orders: [] }, FIRST_SEED, tell);
    expect(await ledger.store.head()).toBe(head);
    expect(await differences(FIRST_SEED)).toEqual([]);
  });
});
