/**
 * What a backup holds: the tables of truth, column by column. Everything else in the database is
 * either made from them (read models, checkpoints) or only true of the machine that runs (leases).
 *
 * A table or column that is in neither list is refused rather than left out: it came with a migration
 * that nobody has told us of, and a backup without it would be found out when it is too late.
 */
import type { ClientBase } from 'pg';
import { BackupError } from './errors.js';

export interface TruthTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of the primary key: the same rows are always the same bytes. */
  readonly order: readonly string[];
  /** The identity column: no number is ever given again, also not one whose row is gone. */
  readonly identity?: string;
  /** Of its rows only these; SQL. */
  readonly where?: string;
}

/** In an order in which each comes after those that its rows refer to. */
export const TRUTH: readonly TruthTable[] = [
  {
    name: 'events',
    columns: [
      ...['position', 'stream', 'revision', 'id', 'type'],
      ...['effective_at', 'recorded_at', 'data', 'metadata'],
    ],
    order: ['position'],
  },
  {
    name: 'deliveries',
    columns: [
      ...['id', 'provider', 'delivery_id', 'body_sha256', 'generation', 'body', 'headers'],
      ...['received_at', 'outcome', 'type', 'code', 'detail', 'creator_id', 'effective_at'],
      ...['position', 'decided_at', 'body_form', 'subjects'],
    ],
    order: ['id'],
    identity: 'id',
  },
  { name: 'routes', columns: ['key', 'stream', 'not_before'], order: ['key'] },
  { name: 'bearers', columns: ['key', 'stream', 'at', 'source_id'], order: ['key', 'stream'] },
  { name: 'halves', columns: ['key', 'creator_id', 'user_id'], order: ['key'] },
  { name: 'waiting', columns: ['key', 'delivery'], order: ['key', 'delivery'] },
  { name: 'watchers', columns: ['key', 'stream'], order: ['key', 'stream'] },
  {
    name: 'profiles',
    columns: [
      ...['creator_id', 'member_id', 'sealed', 'shown', 'search'],
      ...['told_at', 'told_by', 'erased_at'],
    ],
    order: ['creator_id', 'member_id'],
  },
  // Whoever was erased stays erased.
  { name: 'erased_subjects', columns: ['mark', 'erased_at'], order: ['mark'] },
  // Keys of the hashed words in the log: without them no code or username would ever match again.
  { name: 'secrets', columns: ['name', 'value'], order: ['name'] },
  {
    name: 'delivery_orders',
    columns: [
      ...['id', 'delivery', 'ordered', 'actor', 'reason'],
      ...['outcome_before', 'code_before', 'at'],
    ],
    order: ['id'],
    identity: 'id',
  },
  {
    name: 'imports',
    columns: [
      ...['id', 'name', 'sha256', 'kind', 'creator_id', 'bytes', 'position', 'lines', 'stored'],
      ...['known', 'unreadable', 'problems', 'complete', 'started_at'],
    ],
    order: ['id'],
    identity: 'id',
  },
  {
    name: 'import_ranges',
    columns: ['import', 'first_id', 'last_id', 'stored'],
    order: ['import', 'first_id'],
  },
  {
    // What was ordered, by whom and why. One that is under way is of tables that no backup holds.
    name: 'replays',
    columns: [
      ...['id', 'state', 'projections', 'until', 'actor', 'reason', 'register', 'automatic'],
      ...['ordered_at', 'touched_at', 'revision', 'attempts', 'epoch', 'started_at', 'schema'],
      ...['phase', 'at_table', 'position', 'head', 'events_per_second', 'errors', 'code', 'detail'],
      ...['ready_at', 'summary', 'difference_hash', 'promote_actor', 'promote_reason'],
      ...['event_position', 'ended_at'],
    ],
    order: ['id'],
    identity: 'id',
    where: "state in ('promoted', 'discarded', 'failed') and schema is null",
  },
  {
    // Who was let in, by whom, and who ended it. Digests only: a backup opens no door.
    name: 'tokens',
    columns: [
      ...['id', 'role', 'creator_id', 'member_id', 'label', 'sha256', 'created_at', 'created_by'],
      ...['expires_at', 'last_used_at', 'revoked_at', 'revoked_by'],
    ],
    order: ['id'],
    identity: 'id',
  },
  // Where a cluster keeps the log: whose journal the events are, and where each lies there.
  {
    name: 'event_origins',
    columns: ['position', 'commit_position', 'prepare_position'],
    order: ['position'],
  },
  {
    name: 'log_home',
    columns: [
      ...['id', 'store', 'position'],
      ...['commit_position', 'prepare_position', 'followed_at'],
    ],
    order: ['id'],
  },
  {
    name: 'open_orders',
    columns: ['event', 'stream', 'revision', 'notice', 'made_at'],
    order: ['event'],
  },
];

/** What a backup leaves out, and why; a restore empties those that are `opinions` of an empty ledger. */
export const LEFT_OUT: Readonly<
  Record<string, { readonly why: string; readonly opinions: boolean }>
> = {
  projections: { why: 'checkpoints of the read models, which a replay makes', opinions: true },
  check_results: { why: 'what the checks found, which they find again', opinions: true },
  blocked_months: { why: 'what the last attempt met, which the next meets again', opinions: true },
  sessions: { why: 'who is signed in: a copy would let them in', opinions: true },
  sign_in_links: { why: 'open a session once, and soon no more', opinions: true },
  leases: { why: 'who runs what on that machine', opinions: false },
  kysely_migration: { why: 'the migrations, named in the manifest', opinions: false },
  kysely_migration_lock: { why: 'held while migrating', opinions: false },
};

/** What is given to a restored ledger although it had been there when it was empty. */
export const MADE_AT_START = 'secrets';

/** The rows of it that a backup holds. */
export const rowsIn = ({ name, where }: Pick<TruthTable, 'name' | 'where'>): string =>
  where === undefined ? name : `${name} where ${where}`;

/** Tables of the schema `public` with their columns, sorted. */
export async function tablesOf(client: ClientBase): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select c.relname as name, array_agg(a.attname::text order by a.attname) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    group by c.relname`);
  return new Map(rows.map(({ name, columns }) => [name, columns]));
}

/** The tables of truth that the database has. Throws `ledger_missing`, `ledger_unknown_tables`. */
export async function knownTruth(client: ClientBase): Promise<readonly TruthTable[]> {
  const found = await tablesOf(client);
  if (!found.has('events'))
    throw new BackupError(
      'ledger_missing',
      'There is no ledger in this database: it has no table of events.',
      'name the one that has, with FLYWHEEL_HOME or DATABASE_URL',
    );
  const unknown = unknownIn(found);
  if (unknown.length > 0)
    throw new BackupError(
      'ledger_unknown_tables',
      `The database holds what this release does not know: ${unknown.join(', ')}.`,
      'use the release that last migrated it; what is not of Flywheel belongs into a schema of its own',
    );
  return TRUTH.filter(({ name }) => found.has(name));
}

/** Tables and columns in neither list, and columns that a known table lacks. */
export function unknownIn(found: ReadonlyMap<string, readonly string[]>): string[] {
  const truth = new Map(TRUTH.map((table) => [table.name, table.columns]));
  return [...found].flatMap(([name, columns]) => {
    if (name in LEFT_OUT) return [];
    const known = truth.get(name);
    if (known === undefined) return [`table ${name}`];
    return [
      ...columns.filter((column) => !known.includes(column)).map((column) => `${name}.${column}`),
      ...known
        .filter((column) => !columns.includes(column))
        .map((column) => `no ${name}.${column}`),
    ];
  });
}
