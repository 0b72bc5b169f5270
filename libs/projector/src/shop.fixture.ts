/**
 * A small register with every kind of table, column and index, for the specs of this lib: visits of
 * guests to shops, what they spent, and who came first.
 */
import type { EventStore, NewEvent, RecordedEvent } from '#libs/event-store';
import {
  count,
  entriesOf,
  flag,
  instant,
  latestOf,
  money,
  optional,
  type Projection,
  sumsOf,
  text,
} from './projection.js';

export interface Visit {
  readonly shop: string;
  readonly guest: string;
  readonly at: number;
  readonly count: bigint;
  readonly spentMinor: bigint;
}
export type ShopEvent =
  | { readonly type: 'Visited'; readonly visits: readonly Visit[] }
  | {
      readonly type: 'Greeted';
      readonly shop: string;
      readonly guest: string;
      readonly greeting: string | null;
      readonly regular: boolean;
      readonly at: number;
    };

const visitsOf = (event: ShopEvent): readonly Visit[] =>
  event.type === 'Visited' ? event.visits : [];

export const entries = entriesOf<ShopEvent>()({
  name: 'entries',
  version: 1,
  columns: { shop: text, guest: text, at: instant, count, spentMinor: money },
  indexes: [{ columns: ['shop', 'guest', 'at desc'] }],
  rows: visitsOf,
});

export const visits = sumsOf<ShopEvent>()({
  name: 'visits',
  version: 1,
  key: { shop: text, guest: text, at: instant },
  sums: { count },
  rows: (event) =>
    visitsOf(event).map(({ shop, guest, at, count }) => ({ shop, guest, at, count })),
});

export const guests = sumsOf<ShopEvent>()({
  name: 'guests',
  version: 1,
  key: { shop: text, guest: text },
  sums: { visits: count, spentMinor: money },
  recomputed: {
    column: 'reachedAt',
    type: 'instant',
    sql: `select max(v.at) from {schema}.visits v
      where v.shop = t.shop and v.guest = t.guest and v.count <> 0`,
  },
  indexes: [{ columns: ['shop', 'visits desc', 'reachedAt', 'guest'], where: 'visits <> 0' }],
  rows: (event) =>
    visitsOf(event).map(({ shop, guest, count, spentMinor }) => ({
      shop,
      guest,
      visits: count,
      spentMinor,
    })),
});

export const shops = sumsOf<ShopEvent>()({
  name: 'shops',
  version: 1,
  key: { shop: text },
  sums: { visits: count, spentMinor: money },
  rows: (event) =>
    visitsOf(event).map(({ shop, count, spentMinor }) => ({ shop, visits: count, spentMinor })),
});

export const greetings = latestOf<ShopEvent>()({
  name: 'greetings',
  version: 1,
  key: { shop: text, guest: text },
  columns: { greeting: optional, regular: flag, at: instant },
  rows: (event) =>
    event.type === 'Greeted'
      ? [
          {
            shop: event.shop,
            guest: event.guest,
            greeting: event.greeting,
            regular: event.regular,
            at: event.at,
          },
        ]
      : [],
});

export const register: readonly Projection<ShopEvent>[] = [
  entries,
  visits,
  guests,
  shops,
  greetings,
];

type Stored = readonly [shop: string, guest: string, at: number, count: string, spent: string];

export function decode({ type, data }: RecordedEvent): ShopEvent {
  if (type !== 'Visited') return { ...(data as object), type: 'Greeted' } as ShopEvent;
  const stored = data.visits as readonly Stored[];
  return {
    type,
    visits: stored.map(([shop, guest, at, times, spent]) => ({
      shop,
      guest,
      at,
      count: BigInt(times),
      spentMinor: BigInt(spent),
    })),
  };
}

/** The nth of an endless history: repeated visitors, corrections that cancel out, odd characters. */
export function historyEvent(n: number): NewEvent {
  const shop = `shop ${n % 3}`;
  const guest = n % 11 === 0 ? `"o\\'{n,u}ll"` : `guest ${(n * 7) % 13}`;
  const header = {
    id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    effectiveAt: 1_700_000_000 + n,
    metadata: {},
  };
  if (n % 6 === 5) {
    const greeting = n % 4 === 1 ? null : `hello, "${n}" \\ NULL é`;
    const data = { shop, guest, greeting, regular: n % 2 === 0, at: n };
    return { ...header, type: 'Greeted', data };
  }
  const visit: Stored = [shop, guest, 1_000 + (n % 40), '1', String(n % 17)];
  const undone: Stored = [shop, guest, 1_000 + ((n + 21) % 40), '-1', String(-(n % 5))];
  const visits = n % 7 === 0 ? [] : n % 4 === 0 ? [visit, undone] : [visit];
  return { ...header, type: 'Visited', data: { visits } };
}

/** Appends events `from` to `to` (not included) of the history, in one stream. */
export async function appendHistory(store: EventStore, from: number, to: number): Promise<void> {
  const events = Array.from({ length: to - from }, (_, i) => historyEvent(from + i));
  const expectedRevision = from === 0 ? 'no_stream' : BigInt(from - 1);
  await store.append([{ stream: 'history-all', expectedRevision, events }]);
}

export const quiet = { info: () => {}, warn: () => {}, error: () => {} };
