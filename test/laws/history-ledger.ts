/** Histories of the reference model, told to a ledger on a test database. */
import { sql } from 'kysely';
import { changeSettings, decodeEvent } from '#libs/application';
import { type Database } from '#libs/database';
import type { ChangeSettings } from '#libs/ledger';
import { type Checkpoint, ensureReadModels, readCheckpoint, runProjector } from '#libs/projector';
import { TEST_DEFAULTS, type TestDatabase, type TestLedger } from '#libs/testing';
import { register } from '#projections';
import type { History } from '../reference/histories.js';
import { bodyOf } from '../reference/wire.js';

/** Histories lie before it. */
export const NOW = Date.UTC(2025, 11, 1) / 1000;

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** What building and running the read models needs. */
export const projecting = (
  test: TestDatabase,
  ledger: TestLedger,
  signal = new AbortController().signal,
) => ({
  db: test.db,
  store: ledger.store,
  register,
  decode: decodeEvent,
  signal,
  log: silent,
});

/** Sets what the history wants set, before its first delivery. */
export async function settingsOfHistory(ledger: TestLedger, { settings }: History): Promise<void> {
  for (const { creatorId, timeZone, currency, rates = [], tiers = [] } of settings) {
    const change = (rest: Partial<ChangeSettings>) =>
      changeSettings(
        { store: ledger.store, intake: ledger.notices },
        creatorId,
        { type: 'ChangeSettings', now: NOW, defaults: TEST_DEFAULTS, ...rest },
        { actor: 'test' },
      );
    const at = (from: number | null) => ({ effectiveAt: from ?? ('beginning' as const) });
    if (timeZone !== undefined) await change({ ...at(null), timeZone });
    if (currency !== undefined) await change({ ...at(null), currency });
    for (const { from, ...split } of rates) await change({ ...at(from), rates: split });
    for (const { from, tiers: named } of tiers) await change({ ...at(from), tiers: named });
  }
}

/** Delivers in order, deciding in batches of all sizes on the way; the seed decides where. */
export async function deliverHistory(
  ledger: TestLedger,
  { deliveries }: Pick<History, 'deliveries'>,
  seed: number,
): Promise<void> {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) >>> 0;
    return state % below;
  };
  let rest = [...deliveries];
  while (rest.length > 0) {
    const some = rest.slice(0, 1 + random(40));
    rest = rest.slice(some.length);
    for (const delivery of some) {
      await ledger.deliver({ body: bodyOf(delivery), deliveryId: delivery.deliveryId });
    }
    if (random(3) > 0) await ledger.decide(1 + random(60));
  }
  await ledger.decide();
}

/** Runs the projector until the read models contain the whole log. */
export async function projectAll(
  test: TestDatabase,
  ledger: TestLedger,
  batchSize = 1_000,
): Promise<Checkpoint> {
  const head = await ledger.store.head();
  const stop = new AbortController();
  const options = { ...projecting(test, ledger, stop.signal), batchSize };
  const { position } = await ensureReadModels(options);
  if (position < head) {
    await runProjector({
      ...options,
      onBatch: (batch) => {
        if (batch.position >= head) stop.abort();
      },
    });
  }
  return readCheckpoint(test.db, register);
}

/** Ids of the facts of whose deliveries one or more have this outcome, in order. */
export async function factsOutcome(
  db: Database,
  outcome: 'parked' | 'quarantined',
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct convert_from(body, 'UTF8')::jsonb -> 'data' ->> 'id' as id
    from deliveries where outcome = ${outcome} order by 1`.execute(db);
  return rows.map((row) => row.id).sort();
}
