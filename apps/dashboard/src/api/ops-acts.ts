/** What operators order. Nothing here is asked twice by itself: whoever ordered it decides that. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client, type Schemas } from './client.js';
import type { Replay } from './ops-reads.js';
import { isRead } from './positions.js';

/** An order that is under way, refused or done; what is shown is read again when it is done. */
export function useOrder<Asked, Said>(order: (asked: Asked) => Promise<Said>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: order,
    onSuccess: () => queries.invalidateQueries({ predicate: isRead }),
  });
}

/** A look at what an order would do: it changes nothing, so nothing is read again. */
export const useTrial = <Asked, Said>(look: (asked: Asked) => Promise<Said>) =>
  useMutation({ mutationFn: look });

export async function orderReplay(body: Schemas['ReplayInput']): Promise<Replay> {
  return (await client.POST('/api/admin/replays', { body })).data as Replay;
}

export async function promoteReplay({
  id,
  ...body
}: Schemas['PromoteInput'] & { readonly id: string }): Promise<Replay> {
  const params = { path: { id } };
  return (await client.POST('/api/admin/replays/{id}/promote', { params, body })).data as Replay;
}

export async function discardReplay(id: string): Promise<Replay> {
  const params = { path: { id } };
  return (await client.DELETE('/api/admin/replays/{id}', { params })).data as Replay;
}

/** None named: all of them. */
export async function runChecks(check: string[] | undefined): Promise<Schemas['ConsistencyDto']> {
  const params = { query: check === undefined ? {} : { check } };
  const { data } = await client.GET('/api/admin/check-consistency', { params });
  return data as Schemas['ConsistencyDto'];
}

export async function redrive(body: Schemas['RedriveManyInput']): Promise<Schemas['RedrivenDto']> {
  const { data } = await client.POST('/api/admin/deliveries/redrive', { body });
  return data as Schemas['RedrivenDto'];
}

export async function exclude(
  body: Schemas['ExcludeManyInput'],
): Promise<Schemas['ExcludedManyDto']> {
  const { data } = await client.POST('/api/admin/deliveries/exclude', { body });
  return data as Schemas['ExcludedManyDto'];
}
