/**
 * Whether the database is the same as before: whatever it was asked then, it would answer now.
 *
 * The text is that of a snapshot (`pg_current_snapshot`): which transactions have ended. Equal texts
 * see the same rows, since whatever is committed in between ends a transaction. Hazards, where there
 * is no text. A commit that was not flushed to disk may be lost in a crash, and its number given to
 * another: everything up to the snapshot must be on disk. A standby does not list the transactions
 * under way.
 */
import { CompiledQuery } from 'kysely';
import type { Database } from '#libs/database';

const STATE = CompiledQuery.raw(`
  select case when pg_is_in_recovery() then null
    when pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()
      then pg_current_snapshot()::text end as state`);

/** Undefined: it is not certain now. */
export async function databaseState(db: Database): Promise<string | undefined> {
  const { rows } = await db.executeQuery<{ state: string | null }>(STATE);
  return rows[0]?.state ?? undefined;
}
