/** What `flywheel db status` says of a database: how far the log is, its migrations, what takes how much room. */
import type { ClientBase } from 'pg';
import { restoringOf } from './restoring.js';
import { inSession } from './session.js';
import { tablesOf, unknownIn } from './truth.js';

export interface DatabaseState {
  readonly server: string;
  /** Position of the last event, 0 when there is none; null: there is no ledger. */
  readonly head: bigint | null;
  /** ISO 8601 UTC. */
  readonly recordedAt: string | null;
  /** Applied, in order. */
  readonly migrations: readonly string[];
  readonly bytes: DatabaseBytes;
  /** A restore that did not end, in words. */
  readonly restoring: string | null;
  /** Tables and columns that a backup would refuse. */
  readonly unknown: readonly string[];
}

export interface DatabaseBytes {
  /** Of everything, indexes included. */
  readonly all: bigint;
  readonly events: bigint;
  readonly deliveries: bigint;
  readonly readModels: bigint;
}

export function databaseState(url: string): Promise<DatabaseState> {
  return inSession(url, { as: 'owner', applicationName: 'look' }, async (client) => {
    const tables = await tablesOf(client);
    const restoring = (await restoringOf(client)) ?? null;
    const { server, ...bytes } = await bytesOf(client);
    const log = tables.has('events') ? await logOf(client) : { head: null, recordedAt: null };
    const migrations = tables.has('kysely_migration') ? await migrationsOf(client) : [];
    return { server, ...log, migrations, bytes, restoring, unknown: unknownIn(tables) };
  });
}

async function bytesOf(client: ClientBase): Promise<DatabaseBytes & { readonly server: string }> {
  const { rows } = await client.query<Record<string, string>>(`
    select current_setting('server_version') as server,
      pg_database_size(current_database())::text as all,
      coalesce(pg_total_relation_size(to_regclass('public.events')), 0)::text as events,
      coalesce(pg_total_relation_size(to_regclass('public.deliveries')), 0)::text as deliveries,
      (select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname ~ '^rm_[0-9]{1,8}$' and c.relkind = 'r')::text as "readModels"`);
  const [row = {}] = rows;
  return {
    server: row.server ?? '',
    all: BigInt(row.all ?? 0),
    events: BigInt(row.events ?? 0),
    deliveries: BigInt(row.deliveries ?? 0),
    readModels: BigInt(row.readModels ?? 0),
  };
}

async function logOf(client: ClientBase): Promise<Pick<DatabaseState, 'head' | 'recordedAt'>> {
  const { rows } = await client.query<{ head: string; at: string }>(`
    select position::text as head,
      to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from events order by position desc limit 1`);
  const [row] = rows;
  return row === undefined
    ? { head: 0n, recordedAt: null }
    : { head: BigInt(row.head), recordedAt: row.at };
}

async function migrationsOf(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select name from kysely_migration order by name',
  );
  return rows.map(({ name }) => name);
}
