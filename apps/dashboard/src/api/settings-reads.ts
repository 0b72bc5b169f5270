/** What the settings pages read and order. Every order can be asked what it would change first. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, client, type Schemas } from './client.js';
import { isRead } from './positions.js';

export type SettingsInForce = Schemas['SettingsByInstantDto'];
export type SettingName = keyof SettingsInForce;
export type SettingsChanged = Schemas['SettingsChangedDto'];
export type SettingsOrder = Omit<Schemas['SettingsInput'], 'dryRun'>;
export type TierPinned = Schemas['TierPinnedDto'];
export type Token = Schemas['TokenDto'];
export type MadeToken = Schemas['MadeTokenDto'];
export type TokenOrder = Schemas['TokenInput'];
export type SignInLink = Schemas['SignInLinkDto'];
export type SignInLinkOrder = Schemas['SignInLinkInput'];
export type ListedDelivery = Schemas['ListedDeliveryDto'];
export type PinnedMember = Schemas['MemberItemDto'];
export type PinEvent = Schemas['AuditEventDto'];

/** As many as one answer may have. */
const MOST = 500;
const LAST_DELIVERIES = 20;
/** Deliveries that move nothing are told by no feed. */
const LOOK_AGAIN_MS = 10_000;

export const useSettings = (creator: string) =>
  api.useQuery('get', '/api/creators/{creator}/settings', { params: { path: { creator } } });

export const usePinnedMembers = (creator: string) =>
  api.useQuery('get', '/api/creators/{creator}/members', {
    params: { path: { creator }, query: { pinned: 'true', limit: MOST } },
  });

/** The newest orders of pins, by which one knows who pinned. */
export const usePinEvents = (creator: string) =>
  useQuery({
    queryKey: ['get', '/api/audit/events', { params: { path: { creator } } }, 'TierPinned'],
    queryFn: async ({ signal }) => {
      const { data } = await client.GET('/api/audit/events', {
        params: { query: { creator, type: 'TierPinned', order: 'newest', limit: MOST } },
        signal,
      });
      return data as Schemas['AuditEventsDto'];
    },
  });

export const useLastDeliveries = (creator: string | undefined) =>
  useQuery({
    queryKey: ['get', '/api/admin/deliveries', { params: { path: { creator } } }, 'last'],
    queryFn: async ({ signal }) => {
      const { data } = await client.GET('/api/admin/deliveries', {
        params: { query: { limit: LAST_DELIVERIES } },
        signal,
      });
      return data as Schemas['DeliveriesDto'];
    },
    refetchInterval: LOOK_AGAIN_MS,
  });

export const useTokens = () =>
  api.useQuery('get', '/api/admin/tokens', { params: { query: { limit: MOST } } });

export const useAbout = () => api.useQuery('get', '/api/admin/about');

/** Throws a ProblemError, as all orders below do. */
export async function changeSettings(
  creator: string,
  body: Schemas['SettingsInput'],
): Promise<SettingsChanged> {
  const { data } = await client.PUT('/api/creators/{creator}/settings', {
    params: { path: { creator } },
    body,
  });
  return data as SettingsChanged;
}

export async function pinTier(
  { creator, member }: { readonly creator: string; readonly member: string },
  body: Schemas['TierPinInput'],
): Promise<TierPinned> {
  const { data } = await client.PUT('/api/creators/{creator}/members/{member}/tier-pin', {
    params: { path: { creator, member } },
    body,
  });
  return data as TierPinned;
}

export async function makeToken(body: TokenOrder): Promise<MadeToken> {
  const { data } = await client.POST('/api/admin/tokens', { body });
  return data as MadeToken;
}

export async function revokeToken(id: string): Promise<Token> {
  const { data } = await client.DELETE('/api/admin/tokens/{id}', { params: { path: { id } } });
  return data as Token;
}

export async function makeSignInLink(body: SignInLinkOrder): Promise<SignInLink> {
  const { data } = await client.POST('/api/admin/sign-in-links', { body });
  return data as SignInLink;
}

/**
 * What was read is read again once the figures contain the position of an order; null: nothing was
 * changed in the log.
 */
export function useReadAgain(
  creator: string | undefined,
): (position: number | null) => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    async (position) => {
      if (creator !== undefined && position !== null) await passed(creator, position);
      await readAll(queries);
    },
    [creator, queries],
  );
}

const readAll = (queries: QueryClient): Promise<void> =>
  queries.invalidateQueries({ predicate: isRead });

/** Whether they contain it in time or not: what is shown says how far it goes, and the feed goes on. */
const passed = (creator: string, position: number): Promise<unknown> =>
  client
    .GET('/api/creators/{creator}/settings', {
      params: { path: { creator }, query: { settled: String(position) } },
    })
    .catch(() => undefined);
