/** Who is signed in, and how one signs in and out: a cookie that no script can read says it. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { client, type Schemas } from './client.js';

export type Me = Schemas['MeDto'];

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me> => (await client.GET('/api/me', { signal })).data as Me,
  staleTime: Number.POSITIVE_INFINITY,
});

export const useMe = (): Me | undefined => useQuery(meQuery).data;

/** By a token that was pasted, or the code of a one-time link. Throws a ProblemError. */
export async function signIn(by: Schemas['SignInInput']): Promise<void> {
  await client.POST('/api/session', { body: by });
}

export async function signOut(): Promise<void> {
  await client.DELETE('/api/session');
}

/** May look at everything of theirs and change nothing. */
export const isReadOnly = (me: Me | undefined): boolean => me?.role === 'auditor';
