/**
 * The law of the house, from outside: what Whop sends, in any order, repeated, by many senders at
 * once, gives over HTTP every figure that the reference model calculates.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawCode, instantOf, systemClock } from '#libs/ledger';
import { calendarOf } from '../reference/calendar.js';
import { compareBooks } from '../reference/compare.js';
import {
  type History,
  type HistoryDelivery,
  historyOf,
  settingsOf,
} from '../reference/histories.js';
import { figuresOf } from '../reference/model.js';
import { randomOf } from '../reference/random.js';
import type { Figures, Settings } from '../reference/shapes.js';
import { GENERATIONS } from '../reference/tellings.js';
import { Client, inParallel } from './client.js';
import { booksOfCreator, type CreatorBooks, NOT_OFFERED, OFFERED } from './history-books.js';
import { envOf, newHome, newSecrets, type Running, removeHome, startUp } from './running.js';

const FIRST_SEED = Number(process.env.FLYWHEEL_E2E_FIRST_SEED ?? 1);
const DELIVERIES = 3_000;
const SIZE = { creators: 4, members: 24 };
const SENDERS = 16;
const LIMIT_MS = 300_000;

const secrets = newSecrets();
/** Orders are given for instants after it; nothing that is told lies there. */
const ORDERED_AT = instantOf(systemClock.now()) + 3_600;
const histories = manyHistories();
const deliveries = randomOf(FIRST_SEED).shuffled(histories.flatMap((one) => one.deliveries));
let home = '';
let flywheel: Running;
let client: Client;

describe(`histories of seeds ${FIRST_SEED} and on, sent over HTTP`, () => {
  let books: Partial<Figures>;
  let contradictions: readonly string[] = [];

  beforeAll(async () => {
    home = await newHome();
    flywheel = await startUp({ home, env: envOf(secrets) });
    client = new Client(flywheel.url, secrets.token);
    for (const { settings } of histories) for (const one of settings) await setSettings(one);
    const half = Math.floor(deliveries.length / 2);
    await send(deliveries.slice(0, half));
    for (const { order } of histories.flatMap((one) => one.orders)) {
      await setSettings({ creatorId: order.creatorId, ...order.change });
    }
    await send(deliveries.slice(half));
    await client.settled();
    const each: CreatorBooks[] = [];
    await inParallel(questions(expectedBooks()), SENDERS, async ([creatorId, months]) => {
      each.push(await booksOfCreator(client, creatorId, months, calendarOfCreator(creatorId)));
    });
    contradictions = each.flatMap((one) => one.contradictions);
    books = Object.fromEntries(
      OFFERED.map((table) => [table, each.flatMap((one): readonly object[] => one[table] ?? [])]),
    );
  }, LIMIT_MS);

  afterAll(async () => {
    client?.close();
    await flywheel?.stop();
    await removeHome(home);
  }, LIMIT_MS);

  it('are many, in all generations, shuffled and repeated', () => {
    const ids = deliveries.map(({ deliveryId }) => deliveryId);
    expect(ids.length).toBeGreaterThanOrEqual(DELIVERIES);
    expect(new Set(ids).size).toBeLessThan(ids.length);
    expect(new Set(deliveries.map(({ generation }) => generation))).toEqual(new Set(GENERATIONS));
  });

  it('give every figure of the reference model', () => {
    const differences = compare(expectedBooks());
    expect({ found: differences.length, first: differences.slice(0, 5) }).toEqual({
      found: 0,
      first: [],
    });
  });

  it('take back what the reference model takes back', () => {
    const { creatorMonthRefunds, memberMonthReversed } = expectedBooks();
    expect(creatorMonthRefunds.length).toBeGreaterThan(20);
    expect(memberMonthReversed.length).toBeGreaterThan(5);
  });

  it('are told by no two answers differently', () => {
    expect(contradictions.slice(0, 10)).toEqual([]);
  });

  it('park what the reference model parks, and nothing else', async () => {
    const parked = new Set(expectedBooks().parked.map(({ id }) => id));
    const waiting = deliveries.filter(({ telling }) => parked.has(telling.id));
    const metrics = await client.metrics();
    const gauge = (outcome: string) =>
      Number(new RegExp(`flywheel_deliveries\\{outcome="${outcome}"\\} (\\d+)`).exec(metrics)?.[1]);
    expect(gauge('parked')).toBe(new Set(waiting.map(({ deliveryId }) => deliveryId)).size);
    // In quarantine is what takes in another currency, unless that of the sale came later.
    const misfits = new Set(expectedBooks().misfits.map(({ id }) => id));
    const misfitting = deliveries.filter(({ telling }) => misfits.has(telling.id));
    const mostMisfits = new Set(misfitting.map(({ deliveryId }) => deliveryId)).size;
    expect(gauge('quarantined')).toBeLessThanOrEqual(mostMisfits);
    expect(gauge('pending')).toBe(0);
  });

  it('are missed by the comparison when a single payment is', () => {
    const paid = expectedBooks().payments[0];
    const without = expectedBooks((id) => id !== paid?.paymentId);
    const tables = new Set(compare(without).map(({ table }) => table));
    expect(tables).toContain('payments');
    expect(tables).toContain('creatorMonthRevenue');
  });

  const compare = (expected: Figures) =>
    compareBooks(expected, books, { tables: OFFERED, except: NOT_OFFERED });
});

/** Of all histories together; `tells` leaves facts out. */
function expectedBooks(tells: (id: string) => boolean = () => true): Figures {
  const now = instantOf(systemClock.now());
  const each = histories.map((history) =>
    figuresOf(
      history.deliveries.map(({ telling }) => telling).filter(({ id }) => tells(id)),
      settingsOf(history),
      codeOf,
      now,
    ),
  );
  const tables = Object.keys(each[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    tables.map((table) => [table, each.flatMap((one): readonly object[] => one[table])]),
  ) as unknown as Figures;
}

/** Each creator and the months to ask about, in order. */
function questions(expected: Figures): [string, string[]][] {
  return expected.creators.map(({ creatorId }) => {
    const own = [...expected.payments, ...expected.creatorMonths, ...expected.memberMonths];
    const months = own.flatMap((row) => (row.creatorId === creatorId ? [row.month] : []));
    // A month of mere sign-ups has no figure but its ranking.
    const ranked = expected.rankings.filter((row) => row.creatorId === creatorId);
    const ends = ranked.flatMap(({ asOf }) => (asOf === 'now' ? [] : [asOf]));
    return [creatorId, [...new Set([...months, ...ends])].sort()];
  });
}

/** Histories whose creators bear names of their own, until there are deliveries enough. */
function manyHistories(): History[] {
  const many: History[] = [];
  for (let seed = FIRST_SEED, sent = 0; sent < DELIVERIES; seed++) {
    const named = (creatorId: string): string => creatorId.replace('biz_', `biz_h${seed}`);
    const history = historyOf(seed, {
      ...SIZE,
      codeOf: (creatorId, userId) => codeOf(named(creatorId), userId),
      now: ORDERED_AT,
    });
    const { settings, orders, deliveries: told } = history;
    many.push({
      seed,
      settings: settings.map((one) => ({ ...one, creatorId: named(one.creatorId) })),
      orders: orders.map(({ after, order }) => ({
        after,
        order: { ...order, creatorId: named(order.creatorId) },
      })),
      deliveries: told.map((delivery) => {
        const { creatorId } = delivery.telling;
        if (creatorId === undefined) return delivery;
        return { ...delivery, telling: { ...delivery.telling, creatorId: named(creatorId) } };
      }),
    });
    sent += told.length;
  }
  return many;
}

function codeOf(creatorId: string, userId: string): string {
  return drawCode(creatorId, userId, 0);
}

/** Repeated deliveries are among them: the senders do not wait for each other. */
async function send(some: readonly HistoryDelivery[]): Promise<void> {
  await inParallel(some, SENDERS, async (delivery) => {
    const { status, text } = await client.deliver(delivery, secrets.secret);
    if (status !== 200) throw new Error(`${delivery.deliveryId}: ${status} ${text}`);
  });
}

/** As it was set, not as it is answered: answers name only the zone in force. */
function calendarOfCreator(creatorId: string) {
  const all = histories.flatMap((history) => settingsOf(history));
  const own = all.find((one) => one.creatorId === creatorId);
  return calendarOf(own?.timeZone ?? 'UTC', own?.zones);
}

async function setSettings({ creatorId, timeZone, currency, rates, tiers, ...rest }: Settings) {
  const from = (at: number | null) =>
    at === null ? 'beginning' : new Date(at * 1000).toISOString();
  const set = (effectiveAt: string, values: object) =>
    client.put(`/api/creators/${creatorId}/settings`, { effectiveAt, ...values });
  if (timeZone !== undefined) await set('beginning', { timeZone });
  if (currency !== undefined) await set('beginning', { currency });
  for (const { from: at, ...split } of rates ?? []) await set(from(at), { rates: split });
  for (const { from: at, tiers: named } of tiers ?? []) await set(from(at), { tiers: named });
  for (const { from: at, currency: next } of rest.currencies ?? [])
    await set(from(at), { currency: next });
  for (const { fromMonth, timeZone: next } of rest.zones ?? [])
    await set(`${fromMonth}-01`, { timeZone: next });
}
