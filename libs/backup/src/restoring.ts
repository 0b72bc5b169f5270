/** The state of a ledger around a restore: empty before it, marked while it lasts. */
import type { ClientBase } from 'pg';
import { BackupError } from './errors.js';
import type { Manifest } from './format.js';
import { inSession } from './session.js';
import { LEFT_OUT, MADE_AT_START, TRUTH, tablesOf } from './truth.js';

/** A schema without tables: its comment says which restore began. It outlives whoever began it. */
const MARK = 'flywheel_restoring';
const READ_MODELS = '^rm_[0-9]{1,8}$';

/** Throws `restore_unfinished` when a restore into this database began and did not end. */
export const assertRestored = (url: string): Promise<void> =>
  inSession(url, { as: 'owner', applicationName: 'look' }, refuseUnfinished);

/** As `assertRestored`, on a session that is open. */
export async function refuseUnfinished(client: ClientBase): Promise<void> {
  const unfinished = await restoringOf(client);
  if (unfinished === undefined) return;
  throw new BackupError(
    'restore_unfinished',
    `A restore into this ledger did not end: ${unfinished}.`,
    'flywheel db restore FILE begins it anew; or use another data folder or database',
  );
}

/** What the mark says; undefined: there is none. */
export async function restoringOf(client: ClientBase): Promise<string | undefined> {
  const { rows } = await client.query<{ said: string | null }>(
    `select obj_description(oid, 'pg_namespace') as said from pg_namespace where nspname = $1`,
    [MARK],
  );
  return rows[0] && (rows[0].said ?? 'nobody says which');
}

export async function markRestoring(client: ClientBase, { madeAt, head }: Manifest): Promise<void> {
  const { rows } = await client.query<{ said: string }>(
    `select quote_literal(format('begun %s, of a backup of %s events made %s',
      to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), $1::text, $2::text)) as said`,
    [head, madeAt],
  );
  // One statement list is one transaction: the mark is never there without its text.
  await client.query(
    `create schema if not exists ${MARK}; comment on schema ${MARK} is ${rows[0]?.said}`,
  );
}

export async function clearRestoring(client: ClientBase): Promise<void> {
  await client.query(`drop schema ${MARK}`);
}

/**
 * Nothing was ever stored here, and the schema is not ahead of the backup's. What a ledger makes at
 * its first start counts as nothing. Throws `ledger_not_empty`, `ledger_newer_than_backup`.
 */
export async function assertEmpty(client: ClientBase, { migrations }: Manifest): Promise<void> {
  const found = await tablesOf(client);
  const filled: string[] = [];
  for (const { name } of TRUTH) {
    if (!found.has(name) || name === MADE_AT_START) continue;
    const { rows } = await client.query(`select from ${name} limit 1`);
    if (rows.length > 0) filled.push(name);
  }
  if (filled.length > 0)
    throw new BackupError(
      'ledger_not_empty',
      `This ledger is not empty: there are rows in ${filled.join(', ')}. A restore replaces nothing.`,
      'name another data folder (FLYWHEEL_HOME=… flywheel db restore FILE) or an empty database (DATABASE_URL)',
    );
  if (!found.has('kysely_migration')) return;
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration');
  const later = rows.map(({ name }) => name).filter((name) => !migrations.includes(name));
  if (later.length === 0) return;
  throw new BackupError(
    'ledger_newer_than_backup',
    `This ledger is empty, but migrated further than the backup: ${later.join(', ')}.`,
    'name a new data folder or database: the backup is restored there and then migrated',
  );
}

/** Read models of nothing, and what else an empty ledger had made for itself. */
export async function clearOpinions(client: ClientBase): Promise<void> {
  const found = await tablesOf(client);
  for (const [name, { opinions }] of Object.entries(LEFT_OUT))
    if (opinions && found.has(name)) await client.query(`delete from ${name}`);
  await client.query(`delete from ${MADE_AT_START}`);
  const { rows } = await client.query<{ schema: string }>(
    'select quote_ident(nspname) as schema from pg_namespace where nspname ~ $1',
    [READ_MODELS],
  );
  for (const { schema } of rows) await client.query(`drop schema ${schema} cascade`);
}
