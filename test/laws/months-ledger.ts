/** A ledger whose months can be closed: read models that follow the log, and what closing needs. */
import {
  closeMonthOf,
  type MonthClosedAnswer,
  type MonthDeliveries,
  type MonthParts,
  noFindings,
  ReadSide,
  type RestateOrder,
  restateMonthOf,
} from '#libs/application';
import { monthDeliveries } from '#libs/ingestion';
import { ensureReadModels, ProjectionWatch, runProjector } from '#libs/projector';
import {
  TEST_VAULT,
  type TestDatabase,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { projecting } from './history-ledger.js';

export interface MonthsLedger {
  readonly test: TestDatabase;
  readonly ledger: TestLedger;
  readonly parts: MonthParts;
  readonly reads: ReadSide;
  /** Unix seconds. */
  setNow(at: number): void;
  close(creatorId: string, month: string, rest?: object): Promise<MonthClosedAnswer>;
  restate(order: RestateOrder): ReturnType<typeof restateMonthOf>;
  /** Resolves when the read models contain the log. */
  settled(): Promise<void>;
  drop(): Promise<void>;
}

/** As if every delivery that does not count had been excluded. */
const nothingUnresolved: MonthDeliveries = {
  unresolvedIn: async () => ({
    naming: [],
    namingCount: 0,
    nameless: { parked: 0, quarantined: 0 },
  }),
};

export async function monthsLedger(
  now: number,
  { withDeliveries = true, poolSize = 12 } = {},
): Promise<MonthsLedger> {
  const test = await testDatabase({ poolSize });
  const ledger = await testLedger(test);
  const stop = new AbortController();
  const loop = projecting(test, ledger, stop.signal);
  await ensureReadModels(loop);
  const projector = runProjector(loop);
  const watch = new ProjectionWatch({ url: test.url });
  let time = now * 1000;
  const clock = { now: () => time };
  const parts: MonthParts = {
    store: ledger.store,
    clock,
    database: test.db,
    watch,
    findings: noFindings,
    deliveries: withDeliveries ? monthDeliveries(test.db) : nothingUnresolved,
    // Several pages a snapshot, however few members there are.
    maxPageBytes: 400,
  };
  const ordered = { actor: 'test' };
  return {
    test,
    ledger,
    parts,
    reads: new ReadSide({ db: test.db, watch, clock, vault: TEST_VAULT }),
    setNow: (at) => {
      time = at * 1000;
    },
    close: (creatorId, month, rest = {}) => {
      const { dryRun, ...order } = rest as { dryRun?: boolean };
      return closeMonthOf(
        parts,
        { creatorId, month, ...order },
        { ...ordered, ...(dryRun === undefined ? {} : { dryRun }) },
      );
    },
    restate: (order) => restateMonthOf(parts, order, ordered),
    settled: async () => {
      const head = await ledger.store.head();
      if (!(await watch.passed(head, { timeoutMs: 20_000 })))
        throw new Error(`the read models never reached ${head}`);
    },
    drop: async () => {
      stop.abort();
      await Promise.all([projector, watch.close()]);
      await test.drop();
    },
  };
}
