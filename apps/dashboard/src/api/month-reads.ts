/** What the pages of months and commissions read, and what an admin orders there. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, client, type Schemas } from './client.js';
import { meanwhile, of } from './reads.js';

export interface OneMonth {
  readonly creator: string;
  readonly month: string;
}

export type Month = Schemas['MonthDto'];
export type Listed = Schemas['ListedMonthDto'];
export type Sealed = Schemas['SealedVersionDto'];

const PAGE = 100;

export const useMonth = ({ creator, month }: OneMonth) =>
  api.useQuery('get', '/api/creators/{creator}/months/{month}', {
    params: { path: { creator, month } },
  });

/** Of all members together, in one currency. */
export const useMonthEarnings = ({ creator, month }: OneMonth, currency: string) =>
  api.useQuery('get', '/api/creators/{creator}/earnings', {
    params: { path: { creator }, query: { from: month, to: month, by: 'month', currency } },
  });

/** The members of a version; undefined: of the latest. */
export function useSealedMembers({ creator, month }: OneMonth, version: number | undefined) {
  return useInfiniteQuery({
    queryKey: ['get', '/snapshot', of({ creator }), { month, version }],
    queryFn: async ({ pageParam, signal }) => {
      const query = { version, limit: PAGE, cursor: pageParam };
      const path = { creator, month };
      const { data } = await client.GET('/api/creators/{creator}/months/{month}/snapshot', {
        params: { path, query },
        signal,
      });
      return data as Schemas['SealedMembersDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

const FIGURES = ['referrals', 'reversedReferrals', 'earnedMinor', 'reversedMinor'] as const;

/** One figure of a member that is not what is stated of it. */
export interface DriftRow {
  readonly memberId: string;
  readonly name: string;
  readonly currency: string;
  readonly figure: (typeof FIGURES)[number];
  readonly sealed: number;
  readonly carried: number;
  readonly known: number;
  readonly difference: number;
}

const rowsOf = (one: Schemas['DriftedDto']): readonly DriftRow[] =>
  FIGURES.filter((figure) => one.difference[figure] !== 0).map((figure) => ({
    ...{ memberId: one.memberId, name: one.name, currency: one.currency, figure },
    sealed: one.sealed[figure],
    carried: one.carried[figure],
    known: one.known[figure],
    difference: one.difference[figure],
  }));

export function useDrift({ creator, month }: OneMonth) {
  return useInfiniteQuery({
    queryKey: ['get', '/drift', of({ creator }), { month }],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await client.GET('/api/creators/{creator}/months/{month}/drift', {
        params: { path: { creator, month }, query: { limit: PAGE, cursor: pageParam } },
        signal,
      });
      const { items, ...rest } = data as Schemas['DriftDto'];
      return { ...rest, items: items.flatMap(rowsOf) };
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

export interface PaymentsAsked {
  readonly month?: string | undefined;
  readonly referrer?: string | undefined;
  readonly status?: 'standing' | 'reversed' | undefined;
  readonly kind?: 'initial' | 'recurring' | 'organic' | undefined;
}

/** `member`: whose page it stands on. */
export function usePayments(
  { creator, member }: { readonly creator: string; readonly member?: string },
  asked: PaymentsAsked,
) {
  return useInfiniteQuery({
    queryKey: ['get', '/payments', of({ creator, member }), asked],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await client.GET('/api/creators/{creator}/payments', {
        params: { path: { creator }, query: { ...asked, limit: PAGE, cursor: pageParam } },
        signal,
      });
      return data as Schemas['PaymentsDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    ...meanwhile({ creator, member }),
  });
}

export type Closed = Schemas['MonthClosedDto'];
export type Restated = Schemas['MonthRestatedDto'];

const CLOSE = '/api/creators/{creator}/months/{month}/close';
const RESTATE = '/api/creators/{creator}/months/{month}/restate';

/** What a close would seal, and what stands in its way: a dry run, which changes nothing. */
export const useClosePlan = ({ creator, month }: OneMonth, enabled: boolean) =>
  useQuery({
    enabled,
    queryKey: ['plan', 'close', creator, month],
    queryFn: async ({ signal }) => {
      const body = { dryRun: true, force: false };
      const { data } = await client.POST(CLOSE, {
        params: { path: { creator, month } },
        body,
        signal,
      });
      return data as Closed;
    },
    // A plan is of its moment.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export async function closeMonth(
  { creator, month }: OneMonth,
  order: Omit<Schemas['CloseInput'], 'dryRun'>,
): Promise<Closed> {
  const { data } = await client.POST(CLOSE, {
    params: { path: { creator, month } },
    body: { ...order, dryRun: false },
  });
  return data as Closed;
}

export async function restateMonth(
  { creator, month }: OneMonth,
  body: Schemas['RestateInput'],
): Promise<Restated> {
  const { data } = await client.POST(RESTATE, { params: { path: { creator, month } }, body });
  return data as Restated;
}

/** Sets a delivery aside that stands in the way of a month. */
export async function excludeDelivery(id: string, reason: string): Promise<void> {
  await client.POST('/api/admin/deliveries/{id}/exclude', {
    params: { path: { id } },
    body: { reason, dryRun: false },
  });
}
