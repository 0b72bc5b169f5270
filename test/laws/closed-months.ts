/** Months of a history, closed on the way and stated anew, so that their snapshots have something to be wrong about. */
import { closeMonthOf, type MonthParts, noFindings, restateMonthOf } from '#libs/application';
import { frozenClock } from '#libs/ledger';
import type { TestDatabase, TestLedger } from '#libs/testing';
import { earliestMonth } from '#projections';
import { NOW, projectAll } from './history-ledger.js';

const BY = { actor: 'test' };
const reason = 'because of "them", said \\ somebody';
const A_YEAR = 366 * 86_400;

export interface Closing {
  /** The first month of each creator. */
  readonly close: () => Promise<void>;
  /** All those whose figures have changed meanwhile. */
  readonly restate: () => Promise<number>;
}

export function closingOf(test: TestDatabase, ledger: TestLedger): Closing {
  const parts: MonthParts = {
    store: ledger.store,
    clock: frozenClock((NOW + A_YEAR) * 1000),
    database: test.db,
    // Nobody projects meanwhile: whoever waits for the read models brings them there.
    watch: { passed: async () => (await projectAll(test, ledger)).position >= 0n },
    findings: noFindings,
    deliveries: {
      unresolvedIn: async () => ({
        naming: [],
        namingCount: 0,
        nameless: { parked: 0, quarantined: 0 },
      }),
    },
    maxPageBytes: 400,
  };
  const closed: { readonly creatorId: string; readonly month: string; readonly digest: string }[] =
    [];
  return {
    close: async () => {
      const { schema } = await projectAll(test, ledger);
      const source = { db: test.db, schema };
      const known = await test.db
        .selectFrom('events')
        .select('stream')
        .where('type', '=', 'CreatorRegistered')
        .orderBy('position')
        .execute();
      for (const { stream } of known) {
        const creatorId = stream.slice('creator-'.length);
        const month = await earliestMonth(source, creatorId);
        if (month === null) continue;
        const order = { creatorId, month, reason };
        const { seal } = await closeMonthOf(parts, order, BY);
        closed.push({ creatorId, month, digest: seal.digest });
      }
    },
    restate: async () => {
      let changed = 0;
      for (const { creatorId, month, digest: expectedDigest } of closed) {
        const order = { creatorId, month, reason, expectedDigest };
        const { seal } = await restateMonthOf(parts, order, BY);
        if (seal.digest !== expectedDigest) changed += 1;
      }
      return changed;
    },
  };
}
