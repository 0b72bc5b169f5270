/**
 * What the pages about events read. The log only grows, and its positions have no gaps: a part of it
 * that was read once stays as it is, and what comes later lies above it.
 */
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, client, type Schemas } from './client.js';
import type { HistoryField } from './histories.js';

export type AuditEvent = Schemas['AuditEventDto'];
export type EventInFull = Schemas['AuditEventInFullDto'];
export type Person = Schemas['PersonDto'];
export type EventType = AuditEvent['type'];

/** What narrows the log; exactly what an export of it is asked for too. */
export interface EventFilter {
  readonly creator?: string | undefined;
  readonly member?: string | undefined;
  readonly stream?: string | undefined;
  readonly type?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export type Direction = 'newest' | 'oldest';

export interface EventsAsked extends EventFilter {
  readonly dir: Direction;
  /** The position at which the list begins; undefined: at its end. */
  readonly pos?: number | undefined;
}

/** A stretch of the log, gone through from one position to another. */
export interface Stretch {
  /** In the order of the list. */
  readonly items: readonly AuditEvent[];
  readonly people: readonly Person[];
  readonly low: number;
  readonly high: number;
  /** It ended because so much was looked at, not because enough was found. */
  readonly isCut: boolean;
  /** Of all that is asked for, where it was counted. */
  readonly counted?: Schemas['AuditEventsDto']['counted'];
}

/** Where a stretch is read from, and which way. */
type From = { readonly down: number | undefined } | { readonly up: number };

const PAGE = 100;

/** As the interface has the conditions: one of a stream says whose it is. */
export const conditionsOf = ({ creator, member, stream, type, from, to }: EventFilter) => ({
  ...(stream === undefined ? { creator, member } : { stream }),
  type: type as never,
  from,
  to,
});

async function stretchOf(asked: EventsAsked, from: From, signal: AbortSignal): Promise<Stretch> {
  const isDown = 'down' in from;
  const { data } = await client.GET('/api/audit/events', {
    params: {
      query: {
        ...conditionsOf(asked),
        ...(isDown
          ? { order: 'newest' as const, through: from.down }
          : { order: 'oldest' as const, after: from.up }),
        limit: PAGE,
      },
    },
    signal,
  });
  const { items, people, nextCursor, scannedTo, asOf } = data as Schemas['AuditEventsDto'];
  const reached = scannedTo ?? items.at(-1)?.position;
  const isEnd = nextCursor === null || reached === undefined;
  const inOrder = (asked.dir === 'newest') === isDown ? items : items.toReversed();
  return {
    ...{ items: inOrder, people, isCut: scannedTo !== null },
    low: isDown ? (isEnd ? 1 : reached) : from.up + 1,
    high: isDown ? (from.down ?? asOf.position) : isEnd ? asOf.position : reached,
  };
}

const beginningOf = ({ dir, pos }: EventsAsked): From =>
  dir === 'newest' ? { down: pos } : { up: (pos ?? 1) - 1 };

const below = ({ low }: Stretch): From | undefined => (low > 1 ? { down: low - 1 } : undefined);
const above = ({ high }: Stretch): From => ({ up: high });

/** Stretches next to each other, both ways from where the list begins. */
export function useEvents(asked: EventsAsked, enabled = true) {
  const isDown = asked.dir === 'newest';
  return useInfiniteQuery({
    enabled,
    queryKey: ['get', '/api/audit/events', {}, asked],
    queryFn: ({ pageParam, signal }) => stretchOf(asked, pageParam, signal),
    initialPageParam: beginningOf(asked),
    getNextPageParam: (last) => (isDown ? below(last) : above(last)),
    getPreviousPageParam: (first) => (isDown ? above(first) : below(first)),
    // What was read does not change: nothing of it is read or compared again.
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    meta: { isOfTheLog: true },
  });
}

/** How many events the conditions let pass, and how far the log is. */
export const useEventCount = (filter: EventFilter, enabled = true) =>
  api.useQuery(
    'get',
    '/api/audit/events',
    { params: { query: { ...conditionsOf(filter), limit: 1, count: 'yes' } } },
    { enabled, meta: { isOfTheLog: true }, staleTime: 0 },
  );

/** The first position recorded at a day, month or instant, or later; null: none is. */
export async function positionOfMoment(moment: string): Promise<number | null> {
  const query = { from: moment, order: 'oldest', limit: 1 } as const;
  const { data } = await client.GET('/api/audit/events', { params: { query } });
  return data?.items[0]?.position ?? null;
}

/** By id or position; `isWalked`: the one before stays until this one is read. */
export const useEvent = (id: string, { enabled = true, isWalked = false } = {}) =>
  api.useQuery(
    'get',
    '/api/audit/events/{id}',
    { params: { path: { id } } },
    {
      enabled,
      meta: { isOfTheLog: true },
      placeholderData: (before) => (isWalked ? before : undefined),
    },
  );

export const useDelivery = (id: string) =>
  api.useQuery('get', '/api/admin/deliveries/{id}', { params: { path: { id } } });

/** The stream to which the id of a payment, refund, dispute or membership leads; undefined: none. */
export async function streamOfFact(fact: string): Promise<string | undefined> {
  const { data } = await client.GET('/api/audit/streams', { params: { query: { fact } } });
  return data?.items[0]?.stream;
}

export const useFactStream = (fact: string, enabled: boolean) =>
  api.useQuery('get', '/api/audit/streams', { params: { query: { fact } } }, { enabled });

export interface HistoryAsked {
  readonly creator: string;
  readonly member: string;
  readonly field: HistoryField;
  /** Undefined: of all months. */
  readonly month: string | undefined;
}

/** Every change of a member's figure, newest first. */
export function useHistory({ creator, member, field, month }: HistoryAsked) {
  return useInfiniteQuery({
    queryKey: [
      'get',
      '/api/audit/history',
      { params: { path: { creator, member } } },
      { field, month },
    ],
    queryFn: async ({ pageParam, signal }) => {
      const id = `${creator}.${member}`;
      const query = { entity: 'member', id, field, month, limit: PAGE, cursor: pageParam } as const;
      const { data } = await client.GET('/api/audit/history', { params: { query }, signal });
      return data as Schemas['HistoryDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

/** Where a browser saves exactly what the conditions let pass. */
export function exportAddress(filter: EventFilter): string {
  const query = new URLSearchParams({ format: 'ndjson' });
  for (const [name, value] of Object.entries(conditionsOf(filter)))
    if (value !== undefined) query.set(name, value);
  return `/api/audit/events?${query}`;
}
