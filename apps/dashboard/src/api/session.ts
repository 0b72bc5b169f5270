/** Who is signed in, and how one signs in and out. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { problemOf, unreachable } from './problem.js';

export type Role = 'admin' | 'creator' | 'member' | 'auditor' | 'cron' | 'anonymous';

export interface Me {
  readonly role: Role;
  readonly creatorId: string | null;
  readonly memberId: string | null;
  readonly actor: string;
  readonly expiresAt: string | null;
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me> =>
    (await asked(new Request('/api/me', { signal }))).json() as Promise<Me>,
  staleTime: Number.POSITIVE_INFINITY,
});

export const useMe = (): Me | undefined => useQuery(meQuery).data;

/** By a token that was pasted, or the code of a one-time link. Throws a ProblemError. */
export async function signIn(by: { readonly token: string } | { readonly link: string }) {
  const headers = { 'content-type': 'application/json' };
  await asked(new Request('/api/session', { method: 'POST', headers, body: JSON.stringify(by) }));
}

export async function signOut(): Promise<void> {
  await asked(new Request('/api/session', { method: 'DELETE' }));
}

async function asked(request: Request): Promise<Response> {
  const response = await fetch(request).catch((error: unknown) => {
    throw request.signal.aborted ? error : unreachable(request);
  });
  if (!response.ok) throw await problemOf(response, request);
  return response;
}

/** May look at everything of theirs and change nothing. */
export const isReadOnly = (me: Me | undefined): boolean => me?.role === 'auditor';
