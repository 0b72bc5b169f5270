/** Histories of the reference model, told to a ledger on a test database. */
import { sql } from 'kysely';
import { changeSettings, decodeEvent } from '#libs/application';
import { type Database } from '#libs/database';
import type { ChangeSettings } from '#libs/ledger';
import { type Checkpoint, ensureReadModels, readCheckpoint, runProjector } from '#libs/projector';
import { TEST_DEFAULTS, type TestDatabase, type TestLedger } from '#libs/testing';
import { register } from '#projections';
import { type History, ORDERED_AT } from '../reference/histories.js';
import type { PlacedOrder } from '../reference/orders.js';
import type { Settings } from '../reference/shapes.js';
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
  for (const one of settings) await setAll(ledger, one);
}

/** Each setting by an order of its own, given at ORDERED_AT. */
async function setAll(ledger: TestLedger, settings: Settings): Promise<void> {
  const { creatorId, timeZone, currency, currencies = [], zones = [] } = settings;
  const { rates = [], tiers = [] } = settings;
  const change = (rest: Partial<ChangeSettings>) =>
    changeSettings(
      { store: ledger.store, intake: ledger.notices },
      creatorId,
      { type: 'ChangeSettings', now: ORDERED_AT, defaults: TEST_DEFAULTS, ...rest },
      { actor: 'test' },
    );
  const at = (from: number | null) => ({ effectiveAt: from ?? ('beginning' as const) });
  if (timeZone !== undefined) await change({ ...at(null), timeZone });
  if (currency !== undefined) await change({ ...at(null), currency });
  for (const { from, ...split } of rates) await change({ ...at(from), rates: split });
  for (const { from, tiers: named } of tiers) await change({ ...at(from), tiers: named });
  for (const { from, currency: next } of currencies) await change({ ...at(from), currency: next });
  for (const { fromMonth, timeZone: next } of zones) {
    await change({ effectiveAt: { localDate: `${fromMonth}-01` }, timeZone: next });
  }
}

/** Gives the orders that are placed before the next delivery. */
async function giveOrders(
  ledger: TestLedger,
  orders: readonly PlacedOrder[],
  from: number,
  to: number,
): Promise<void> {
  for (const { after, order } of orders) {
    if (after >= from && after < to) {
      await setAll(ledger, { creatorId: order.creatorId, ...order.change });
    }
  }
}

/** Delivers in order, deciding in batches of all sizes on the way; the seed decides where. */
export async function deliverHistory(
  ledger: TestLedger,
  { deliveries, orders }: Pick<History, 'deliveries' | 'orders'>,
  seed: number,
): Promise<void> {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) >>> 0;
    return state % below;
  };
  let at = 0;
  while (at < deliveries.length) {
    const some = deliveries.slice(at, at + 1 + random(40));
    for (const delivery of some) {
      await giveOrders(ledger, orders, at, at + 1);
      at += 1;
      await ledger.deliver({ body: bodyOf(delivery), deliveryId: delivery.deliveryId });
    }
    if (random(3) > 0) await ledger.decide(1 + random(60));
  }
  await giveOrders(ledger, orders, at, at + 1);
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
