/**
 * The law of the house: the same deliveries, in any order, repeated in any way, cut into any
 * batches, give the books that an independent model calculates.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dumpTables, replay } from '#libs/projector';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { register } from '#projections';
import { historyOf } from '../reference/histories.js';
import {
  codeOf,
  deliverHistory,
  differencesFrom,
  factsOutcome,
  modelOf,
  projectAll,
  projecting,
  settingsOfHistory,
} from './history-ledger.js';

const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).sort();
const SEEDS = Number(process.env.FLYWHEEL_LAW_SEEDS ?? 25);
const FIRST_SEED = Number(process.env.FLYWHEEL_LAW_FIRST_SEED ?? 1);

describe('any history', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
  });
  afterEach(() => test.drop());

  it.each(Array.from({ length: SEEDS }, (_, n) => FIRST_SEED + n))(
    'of seed %i gives the books of the reference model, live and replayed',
    async (seed) => {
      const history = historyOf(seed, { codeOf });
      await settingsOfHistory(ledger, history);
      await deliverHistory(ledger, history, seed);
      const live = await projectAll(test, ledger, 1 + (seed % 50));
      const expected = modelOf(history);
      const differences = await differencesFrom(expected, test, live.schema);
      expect(differences.slice(0, 5)).toEqual([]);
      expect(await factsOutcome(test.db, 'parked')).toEqual(ids(expected.parked));
      // Who takes in another currency is in quarantine, unless the currency of the sale came later.
      const misfits = ids(expected.misfits);
      const quarantined = await factsOutcome(test.db, 'quarantined');
      expect(quarantined.filter((id) => !misfits.includes(id))).toEqual([]);
      const before = await dumpTables(test.db, live.schema, register);
      const replayed = await replay(projecting(test, ledger));
      expect(replayed.schema).not.toBe(live.schema);
      expect(await dumpTables(test.db, replayed.schema, register)).toEqual(before);
    },
  );
});
