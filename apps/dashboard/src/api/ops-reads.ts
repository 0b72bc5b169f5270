/**
 * What those read who run the ledger. Most of it is no event and so is told by no live feed: it is
 * asked again every few seconds, while its page is looked at.
 */
import { useInfiniteQuery } from '@tanstack/react-query';
import { api, client, type Schemas } from './client.js';

const SOON_MS = 500;
const OFTEN_MS = 3_000;
const SELDOM_MS = 10_000;

export const useProjections = () =>
  api.useQuery('get', '/api/admin/projections', {}, { refetchInterval: OFTEN_MS });

export type KnownCheck = Schemas['KnownCheckDto'];
export type Violation = Schemas['ViolationDto'];

export const useChecks = () =>
  api.useQuery('get', '/api/admin/checks', {}, { refetchInterval: SELDOM_MS });

export type Delivery = Schemas['ListedDeliveryDto'];
export type DeliveryStatus = Delivery['status'] | 'unresolved';

export interface DeliveriesAsked {
  readonly status?: DeliveryStatus | undefined;
  readonly code?: string | undefined;
  /** First day of receipt, UTC. */
  readonly from?: string | undefined;
  readonly creator?: string | undefined;
}

const PAGE = 100;

export function useDeliveries(asked: DeliveriesAsked) {
  return useInfiniteQuery({
    queryKey: ['get', '/api/admin/deliveries', asked],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...asked, limit: PAGE, cursor: pageParam };
      const { data } = await client.GET('/api/admin/deliveries', { params: { query }, signal });
      return data as Schemas['DeliveriesDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
    // Who has scrolled far is not made to read all of it anew.
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? SELDOM_MS : false),
  });
}

export const useDelivery = (id: string) =>
  api.useQuery(
    'get',
    '/api/admin/deliveries/{id}',
    { params: { path: { id } } },
    // One that is pending is decided in a moment.
    { refetchInterval: ({ state }) => (state.data?.status === 'pending' ? SOON_MS : SELDOM_MS) },
  );

export type Replay = Schemas['ReplayDto'];

const REPLAYS_PAGE = 50;

export function useReplays() {
  return useInfiniteQuery({
    queryKey: ['get', '/api/admin/replays'],
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: REPLAYS_PAGE, cursor: pageParam };
      const { data } = await client.GET('/api/admin/replays', { params: { query }, signal });
      return data as Schemas['ReplaysDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? OFTEN_MS : false),
  });
}

export type DifferenceRow = Schemas['DifferencePageDto']['items'][number];

const DIFFERENCE_PAGE = 50;

/** Of one difference: its rows stay what they are, so they are read once. */
export function useDifference(
  id: string,
  { hash, table }: { readonly hash: string; readonly table: string | undefined },
) {
  return useInfiniteQuery({
    queryKey: ['difference', id, hash, table],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await client.GET('/api/admin/replays/{id}/difference', {
        params: { path: { id }, query: { table, limit: DIFFERENCE_PAGE, cursor: pageParam } },
        signal,
      });
      return data as Schemas['DifferencePageDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const useDiagnosis = (creator: string, month: string | undefined) =>
  api.useQuery('get', '/api/admin/diagnosis/{creator}', {
    params: { path: { creator }, query: { month } },
  });
