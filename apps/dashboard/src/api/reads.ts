/** What the pages read, each question once: its address, and how an older answer may stand in for it. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api, client, type Schemas } from './client.js';

/** A month, or undefined: the current one. */
export interface OfMonth {
  readonly creator: string;
  readonly month: string | undefined;
}

interface Subject {
  readonly creator: string;
  readonly member?: string | undefined;
}

interface Before {
  readonly queryKey: readonly unknown[];
}

/**
 * While another month is read, the one before stays on the page, as long as it is about the same
 * subject: figures of one creator or member never stand where another's belong.
 */
export const meanwhile = ({ creator, member }: Subject) => ({
  placeholderData: <T>(before: T | undefined, query?: Before): T | undefined => {
    const of = subjectOf(query?.queryKey ?? []);
    return of?.creator === creator && of.member === member ? before : undefined;
  },
});

/** Whom a question is about, as openapi-react-query writes its key. */
export function subjectOf(key: readonly unknown[]): Subject | undefined {
  const init = key[2] as { params?: { path?: Subject } } | undefined;
  return init?.params?.path;
}

/** As many as one answer may have. */
const MOST = 500;

export const useCreators = (enabled = true) =>
  api.useQuery('get', '/api/creators', { params: { query: { limit: MOST } } }, { enabled });

export const useCreator = ({ creator, month }: OfMonth, enabled = true) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}',
    { params: { path: { creator }, query: { month } } },
    { ...meanwhile({ creator }), enabled },
  );

export const useMonths = (creator: string, enabled = true) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/months',
    { params: { path: { creator } } },
    { enabled },
  );

export const useTopReferrers = ({ creator, month }: OfMonth, limit: number) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/top-referrers',
    { params: { path: { creator }, query: { month, limit } } },
    meanwhile({ creator }),
  );

export const useRecentReferrals = (creator: string, limit: number) =>
  api.useQuery('get', '/api/creators/{creator}/referrals', {
    params: { path: { creator }, query: { limit } },
  });

export const useGrowth = (creator: string, months: number) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/growth',
    { params: { path: { creator }, query: { months } } },
    meanwhile({ creator }),
  );

export interface Range {
  readonly from: string;
  readonly to: string;
  readonly by: 'day' | 'month';
}

export const useEarnings = (creator: string, range: Range) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/earnings',
    { params: { path: { creator }, query: range } },
    meanwhile({ creator }),
  );

export interface MembersAsked {
  readonly q?: string | undefined;
  readonly tier?: string | undefined;
  readonly sort: 'memberId' | 'totalReferrals' | 'signedUpAt';
}

const PAGE = 100;

/** A list of which more is read as one scrolls. */
export function useMembers(creator: string, asked: MembersAsked, enabled = true) {
  return useInfiniteQuery({
    enabled,
    queryKey: ['get', '/api/creators/{creator}/members', of({ creator }), asked],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...asked, limit: PAGE, cursor: pageParam };
      const { data } = await client.GET('/api/creators/{creator}/members', {
        params: { path: { creator }, query },
        signal,
      });
      return data as Schemas['MembersDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    ...meanwhile({ creator }),
  });
}

export interface OfMember extends OfMonth {
  readonly member: string;
}

export const useMember = ({ creator, member }: OfMember) =>
  api.useQuery('get', '/api/creators/{creator}/members/{member}', {
    params: { path: { creator, member } },
  });

export const useMemberStats = ({ creator, member, month }: OfMember, enabled = true) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/members/{member}/stats',
    { params: { path: { creator, member }, query: { month } } },
    { ...meanwhile({ creator, member }), enabled },
  );

export const useMemberEarnings = ({ creator, member }: OfMember, range: Range) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/members/{member}/earnings',
    { params: { path: { creator, member }, query: range } },
    meanwhile({ creator, member }),
  );

export const useMemberGrowth = ({ creator, member }: OfMember, months: number) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/members/{member}/growth',
    { params: { path: { creator, member }, query: { months } } },
    meanwhile({ creator, member }),
  );

export type ReferralStatus = 'signedUp' | 'converted' | undefined;

export function useMemberReferrals({ creator, member }: OfMember, status: ReferralStatus) {
  return useInfiniteQuery({
    queryKey: [
      'get',
      '/api/creators/{creator}/members/{member}/referrals',
      of({ creator, member }),
      { status },
    ],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await client.GET('/api/creators/{creator}/members/{member}/referrals', {
        params: {
          path: { creator, member },
          query: { status, limit: PAGE, cursor: pageParam },
        },
        signal,
      });
      return data as Schemas['ReferralsDto'];
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    ...meanwhile({ creator, member }),
  });
}

export const useStatement = ({ creator, member, month }: OfMember) =>
  api.useQuery(
    'get',
    '/api/creators/{creator}/members/{member}/statement',
    { params: { path: { creator, member }, query: { month, limit: 200 } } },
    meanwhile({ creator, member }),
  );

/** The question of an explanation, as its address has it. */
export interface ExplainAsked {
  readonly creator: string;
  readonly member?: string | undefined;
  readonly figure: string;
  readonly month?: string | undefined;
  readonly day?: string | undefined;
  /** The days of its month up to it. */
  readonly throughDay?: string | undefined;
  readonly currency?: string | undefined;
  readonly state?: 'known' | 'closed' | 'pending' | undefined;
  readonly version?: string | undefined;
  readonly origin?: string | undefined;
  readonly source?: string | undefined;
}

export type Explanation = Schemas['ExplanationDto'];

const EXPLAINED_PAGE = 100;

/** Page by page; each says the same sum. */
export function useExplanation(asked: ExplainAsked) {
  const { creator, member, version, ...rest } = asked;
  return useInfiniteQuery({
    queryKey: ['get', '/explain', of({ creator, member }), asked],
    queryFn: async ({ pageParam, signal }): Promise<Explanation> => {
      const query = {
        ...rest,
        version: version === undefined ? undefined : Number(version),
        limit: EXPLAINED_PAGE,
        cursor: pageParam,
      };
      const found =
        member === undefined
          ? await client.GET('/api/creators/{creator}/explain', {
              params: { path: { creator }, query },
              signal,
            })
          : await client.GET('/api/creators/{creator}/members/{member}/explain', {
              params: { path: { creator, member }, query },
              signal,
            });
      return found.data as Explanation;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
}

/** What can be explained, without a figure. */
export function useExplainable({ creator, member }: Omit<ExplainAsked, 'figure'>) {
  return useQuery({
    queryKey: ['get', '/explainable', of({ creator, member }), { isMember: member !== undefined }],
    queryFn: async ({ signal }) => {
      const found =
        member === undefined
          ? await client.GET('/api/creators/{creator}/explain', {
              params: { path: { creator } },
              signal,
            })
          : await client.GET('/api/creators/{creator}/members/{member}/explain', {
              params: { path: { creator, member } },
              signal,
            });
      return found.data as Schemas['ExplainableDto'];
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

type Readiness = Schemas['ReadyDto'];

/** What the pages look at is there. */
export function isReadiness(body: unknown): body is Readiness {
  const { status, components } = (body ?? {}) as Partial<Readiness>;
  return (
    (status === 'ready' || status === 'unready') && typeof components?.projections === 'object'
  );
}

/** Whether the server is well, and how far the figures are behind the log. */
export const useReadiness = () =>
  useQuery({
    queryKey: ['ready'],
    queryFn: async ({ signal }) => {
      // Unready is an answer too, with a status of its own; a gateway's page is none.
      const response = await fetch('/health/ready', { signal });
      const body: unknown = await response.json().catch(() => undefined);
      if (isReadiness(body)) return body;
      throw new Error(`/health/ready answered ${response.status} and not how the server is.`);
    },
    refetchInterval: 15_000,
    retry: false,
  });

/** Part of every key about somebody, as openapi-react-query has it: what the live feed looks for. */
export const of = (path: Subject) => ({ params: { path } });
