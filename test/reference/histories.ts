/**
 * Random histories: a few creators, their members who refer each other, and what Whop told about
 * them, several times over, with gaps, in several wire generations and in no order.
 *
 * Deterministic by seed. Tellings of one fact never contradict each other, and each of them alone
 * makes sense (nothing would be quarantined). `cases.ts` counts how often the interesting cases
 * occur, and a spec keeps them from dying out.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { applied, mattersFrom, type Order, type PlacedOrder } from './orders.js';
import { type Random, randomOf } from './random.js';
import type { CodeOf, Settings, Telling } from './shapes.js';
import { type Generation, tellingsOf } from './tellings.js';
import { creatorsOf, factsOf } from './world.js';
import { reversalsIn } from './world-reversals.js';

/** One HTTP call: the same `deliveryId` always brings the same generation and telling. */
export interface HistoryDelivery {
  readonly deliveryId: string;
  readonly generation: Generation;
  readonly telling: Telling;
}

export interface History {
  readonly seed: number;
  /** To be set before the first delivery. */
  readonly settings: readonly Settings[];
  /** To be given between deliveries, in this order. */
  readonly orders: readonly PlacedOrder[];
  /** In the order in which they arrive. */
  readonly deliveries: readonly HistoryDelivery[];
}

export interface HistoryOptions {
  /** The codes that the ledger will draw; claims are made of them. */
  readonly codeOf: CodeOf;
  /** At most this many creators; default 3. */
  readonly creators?: number;
  /** At most this many members each; default 7. */
  readonly members?: number;
  readonly zones?: readonly string[];
  /** Unix seconds at which orders are given; default ORDERED_AT. */
  readonly now?: number;
}

/** Some histories go on after it. */
export const ORDERED_AT = Date.UTC(2025, 9, 1) / 1000;

/** Zones whose months begin at awkward moments, all of them in use today. */
export const ZONES: readonly string[] = [
  'America/New_York',
  'Asia/Tokyo',
  'Pacific/Apia',
  'America/Havana',
  'Asia/Kathmandu',
  'UTC',
];

export function historyOf(seed: number, options: HistoryOptions): History {
  const random = randomOf(seed);
  const creators = creatorsOf(random, {
    creators: options.creators ?? 3,
    members: options.members ?? 7,
    zones: options.zones ?? ZONES,
    codeOf: options.codeOf,
    now: options.now ?? ORDERED_AT,
  });
  const once = creators.flatMap((creator) =>
    factsOf(creator, creators, random)
      .flatMap((fact) => [fact, ...reversalsIn(creator, fact, random)])
      .flatMap((fact) => tellingsOf(fact, random))
      .map((told) => ({ ...told, creatorId: creator.creatorId })),
  );
  const named = once.map((told, index) => ({ ...told, deliveryId: `msg_${seed}_${index}` }));
  const repeated = named.filter(() => random.chance(12));
  const all = [...named, ...repeated, ...repeated.filter(() => random.chance(30))];
  const arriving = random.chance(75)
    ? random.shuffled(all)
    : inOrderOfTime(all, random.chance(50) ? 1 : -1);
  const orders = creators.flatMap((creator) => creator.orders);
  return {
    seed,
    settings: creators.map((creator) => creator.settings),
    ...withOrders(arriving, orders, random),
  };
}

/** All that is ever set: what the model calculates with. */
export const settingsOf = ({ settings, orders }: Pick<History, 'settings' | 'orders'>) =>
  applied(
    settings,
    orders.map(({ order }) => order),
  );

type Arriving = HistoryDelivery & { readonly creatorId: string };

/** Places the orders anywhere; what is dated when they are in force comes after all of them. */
function withOrders(
  arriving: readonly Arriving[],
  orders: readonly Order[],
  random: Random,
): Pick<History, 'orders' | 'deliveries'> {
  const places = orders.map(() => random.below(arriving.length + 1)).sort((a, b) => a - b);
  const isLater = (delivery: Arriving) =>
    orders.some(
      (order) => order.creatorId === delivery.creatorId && datedAt(delivery) >= mattersFrom(order),
    );
  const [now, later] = [arriving.filter((one) => !isLater(one)), arriving.filter(isLater)];
  const plain = ({ creatorId: _, ...delivery }: Arriving): HistoryDelivery => delivery;
  return {
    orders: orders.map((order, n) => ({ after: Math.min(places[n] ?? 0, now.length), order })),
    deliveries: [...now, ...later].map(plain),
  };
}

/** The latest time that it tells, in whole seconds. */
function datedAt({ telling }: HistoryDelivery): number {
  const { paidAtMs = 0, joinedAtMs = 0, createdAtMs = 0, toldAtMs = 0 } = telling;
  return Math.floor(Math.max(paidAtMs, joinedAtMs, createdAtMs, toldAtMs) / 1000);
}

/** For fast-check: shrinks to fewer creators and members. For fewer deliveries see `smallest`. */
export function histories(options: HistoryOptions): fc.Arbitrary<History> {
  const { creators = 3, members = 7 } = options;
  return fc
    .record({
      seed: fc.noShrink(fc.integer({ min: 0, max: 0x7fffffff })),
      creators: fc.integer({ min: 1, max: creators }),
      members: fc.integer({ min: 1, max: members }),
    })
    .map(({ seed, ...size }) => historyOf(seed, { ...options, ...size }));
}

/** The same deliveries in another order, some of them once more. */
export function retold(history: History, seed: number): History {
  const random = randomOf(seed);
  const again = history.deliveries.filter(() => random.chance(20));
  return { ...history, deliveries: random.shuffled([...history.deliveries, ...again]) };
}

/**
 * The smallest part of a failing history that still fails, by leaving out ever smaller runs of
 * deliveries: for a failure that has to be read by a person.
 */
export async function smallest(
  history: History,
  fails: (history: History) => Promise<boolean> | boolean,
): Promise<History> {
  let best = history;
  let run = Math.ceil(best.deliveries.length / 2);
  while (run >= 1) {
    let from = 0;
    while (from < best.deliveries.length) {
      const deliveries = best.deliveries.filter((_, at) => at < from || at >= from + run);
      const removed = (after: number) => Math.max(0, Math.min(run, after - from));
      const orders = best.orders.map(({ after, order }) => ({
        after: after - removed(after),
        order,
      }));
      const fewer = { ...best, deliveries, orders };
      if (await fails(fewer)) best = fewer;
      else from += run;
    }
    run = run === 1 ? 0 : Math.ceil(run / 2);
  }
  return best;
}

/** XXXX-YYYY for specs that need a code and no ledger. */
export const plainCodeOf: CodeOf = (creatorId, userId) => {
  const digest = createHash('sha256').update(`${creatorId} ${userId}`).digest('hex');
  return `${digest.slice(0, 4)}-${digest.slice(4, 8)}`.toUpperCase();
};

function inOrderOfTime(deliveries: readonly Arriving[], direction: 1 | -1): Arriving[] {
  const at = ({ telling }: HistoryDelivery) =>
    telling.paidAtMs ?? telling.joinedAtMs ?? telling.createdAtMs ?? telling.toldAtMs ?? 0;
  return [...deliveries].sort((a, b) => direction * (at(a) - at(b)));
}
