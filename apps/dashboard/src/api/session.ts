/** Who is signed in, and how one signs in and out: a cookie that no script can read says it. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { client, type Schemas } from './client.js';
import { isRead } from './positions.js';

export type Me = Schemas['MeDto'];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me> => (await client.GET('/api/me', { signal })).data as Me,
  staleTime: Number.POSITIVE_INFINITY,
  // Somebody else may have signed in beside, or this session may be over.
  refetchOnWindowFocus: 'always',
});

export const useMe = (): Me | undefined => useQuery(meQuery).data;

/** Nobody is shown what was read for somebody else: it is forgotten, and what is shown read anew. */
export function useOwnReads(): void {
  const queries = useQueryClient();
  const me = useMe();
  const who = me && [me.actor, me.role, me.creatorId, me.memberId].join(' ');
  const before = useRef(who);
  useEffect(() => {
    if (who === undefined || who === before.current) return;
    if (before.current !== undefined) void queries.resetQueries({ predicate: isRead });
    before.current = who;
  }, [who, queries]);
}

/** By a token that was pasted, or the code of a one-time link. Throws a ProblemError. */
export async function signIn(by: Schemas['SignInInput']): Promise<void> {
  await client.POST('/api/session', { body: by });
}

export async function signOut(): Promise<void> {
  await client.DELETE('/api/session');
}

/** May look at everything of theirs and change nothing. */
export const isReadOnly = (me: Me | undefined): boolean => me?.role === 'auditor';

/** Whoever may look at what is nobody's in particular. */
export const mayOperate = (me: Me | undefined): boolean =>
  me?.role === 'admin' || (me?.role === 'auditor' && me.creatorId === null);

/** Whoever may change it too. */
export const isOperator = (me: Me | undefined): boolean => me?.role === 'admin';
