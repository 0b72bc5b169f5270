/** Histories of the reference model, told to a ledger on a test database. */
import { sql } from 'kysely';
import { changeSettings, decodeEvent } from '#libs/application';
import { type Database } from '#libs/database';
import { type BodyRow, openBody } from '#libs/ingestion';
import { type ChangeSettings, drawCode } from '#libs/ledger';
import { type Checkpoint, ensureReadModels, readCheckpoint, runProjector } from '#libs/projector';
import { TEST_DEFAULTS, TEST_VAULT, type TestDatabase, type TestLedger } from '#libs/testing';
import { register } from '#projections';
import { compareBooks } from '../reference/compare.js';
import {
  type History,
  type HistoryDelivery,
  ORDERED_AT,
  settingsOf,
} from '../reference/histories.js';
import { figuresOf } from '../reference/model.js';
import type { PlacedOrder } from '../reference/orders.js';
import type { Figures, Settings } from '../reference/shapes.js';
import { bodyOf } from '../reference/wire.js';
import { figuresOfTables } from './figures-of-tables.js';
import { reversalsOfTables } from './reversals-of-tables.js';

/** Histories lie before it. */
export const NOW = Date.UTC(2025, 11, 1) / 1000;

/** The code of a member, where no two members draw the same one. */
export const codeOf = (creatorId: string, userId: string): string => drawCode(creatorId, userId, 0);

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

/** How some deliveries reach the ledger, in their order. */
export type Tell = (deliveries: readonly HistoryDelivery[]) => Promise<void>;

/** Delivers in order, deciding in batches of all sizes on the way; the seed decides where. */
export async function deliverHistory(
  ledger: TestLedger,
  { deliveries, orders }: Pick<History, 'deliveries' | 'orders'>,
  seed: number,
  tell: Tell = byWebhook(ledger),
): Promise<void> {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) >>> 0;
    return state % below;
  };
  let at = 0;
  while (at < deliveries.length) {
    const end = Math.min(deliveries.length, at + 1 + random(40));
    while (at < end) {
      await giveOrders(ledger, orders, at, at + 1);
      const next = orders.find(({ after }) => after > at && after < end)?.after ?? end;
      await tell(deliveries.slice(at, next));
      at = next;
    }
    if (random(3) > 0) await ledger.decide(1 + random(60));
  }
  await giveOrders(ledger, orders, at, at + 1);
  await ledger.decide();
}

function byWebhook(ledger: TestLedger): Tell {
  return async (deliveries) => {
    for (const delivery of deliveries) {
      await ledger.deliver({ body: bodyOf(delivery), deliveryId: delivery.deliveryId });
    }
  };
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

/** What an independent model calculates from all that a history tells. */
export const modelOf = (history: History): Figures =>
  figuresOf(
    history.deliveries.map(({ telling }) => telling),
    settingsOf(history),
    codeOf,
    NOW,
  );

/** Wherever the read models of a schema say otherwise than the model, but for what is not booked. */
export async function differencesFrom(
  model: Figures,
  { db }: TestDatabase,
  schema: string,
): Promise<readonly unknown[]> {
  const actual = {
    ...(await figuresOfTables(db, schema, NOW)),
    ...(await reversalsOfTables(db, schema)),
  };
  const nothing = { parked: [], misfits: [] };
  return compareBooks({ ...model, ...nothing }, { ...actual, ...nothing });
}

/** Ids of the facts of whose deliveries one or more have this outcome, in order. */
export async function factsOutcome(
  db: Database,
  outcome: 'parked' | 'quarantined',
): Promise<string[]> {
  const { rows } = await sql<BodyRow>`
    select provider, delivery_id, body_sha256, body_form, body
    from deliveries where outcome = ${outcome}`.execute(db);
  return [...new Set(rows.map((row) => factIn(openBody(TEST_VAULT, row))))].sort();
}

interface Kept {
  readonly data?: { readonly id: string };
  readonly body?: { readonly data: { readonly id: string } };
  readonly telling?: Readonly<Record<'paymentId' | 'reversalId' | 'membershipId', string>>;
}

/** Also of what is left of a delivery whose person was erased. */
function factIn(body: Buffer): string {
  const { data, body: masked, telling } = JSON.parse(body.toString('utf8')) as Kept;
  const told = telling?.reversalId ?? telling?.paymentId ?? telling?.membershipId;
  return told ?? (data ?? masked?.data)?.id ?? '';
}
