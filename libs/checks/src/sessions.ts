/** Sessions that run checks: one snapshot, and room for large joins. */
import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';

/** Several joins of a run take so much, one after the other. */
const WORK_MEM_MB = 192;

/** A transaction of one snapshot, in which large joins stay in memory. */
export function inSnapshot<R>(
  db: Database,
  work: (tx: Transaction) => Promise<R>,
  /** Exported by another session. */
  snapshot?: string,
): Promise<R> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      if (snapshot !== undefined)
        await sql`set transaction snapshot ${sql.lit(snapshot)}`.execute(tx);
      await sql.raw(`set local work_mem = '${WORK_MEM_MB}MB'`).execute(tx);
      // Both sessions are at work already, and each worker of a query would take as much memory again.
      await sql`set local max_parallel_workers_per_gather = 0`.execute(tx);
      // One session of a run may wait for the other; the server would end it after a minute.
      await sql.raw(`set local idle_in_transaction_session_timeout = '1h'`).execute(tx);
      return work(tx);
    });
}

export async function pidOf(tx: Transaction): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
  return rows[0]?.pid ?? 0;
}

export async function exportSnapshot(tx: Transaction): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_export_snapshot() as id`.execute(tx);
  return rows[0]?.id ?? '';
}

/** A statement that is planned each time: how large a staged table is differs from run to run. */
export async function plannedNow<T>(
  tx: Transaction,
  query: RawBuilder<unknown>,
): Promise<readonly T[]> {
  const { sql: text, parameters } = query.compile(tx);
  const { rows } = await tx.executeQuery<T>(
    CompiledQuery.raw(`/* check */ ${text}`, [...parameters]),
  );
  return rows;
}
