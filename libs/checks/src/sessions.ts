/** Sessions that run checks: one snapshot, and room for large joins. */
import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { register } from '#projections';
import { type Scope, snapshotsOf } from './check.js';

/** Several joins of a run take so much, one after the other. */
const WORK_MEM_MB = 192;

const STATISTICS_TARGET = 10;

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
      // Nor are processes that read ahead (PostgreSQL 18) any help: they would take the same cores.
      await sql`set local effective_io_concurrency = 0`.execute(tx);
      // Staged tables are analysed for their size, which 3,000 rows tell as well as 30,000.
      await sql.raw(`set local default_statistics_target = ${STATISTICS_TARGET}`).execute(tx);
      // One session of a run may wait for the other; the server would end it after a minute.
      await sql.raw(`set local idle_in_transaction_session_timeout = '1h'`).execute(tx);
      return work(tx);
    });
}

/**
 * A run over all rows reads tables from end to end. The server is told that to jump costs little,
 * which is so for a page of a list; half of a large table in the order of an index costs twice as
 * much as all of it in its own.
 */
export async function readWhole(tx: Transaction): Promise<void> {
  await sql`set local random_page_cost = 4`.execute(tx);
}

export async function pidOf(tx: Transaction): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
  return rows[0]?.pid ?? 0;
}

export async function exportSnapshot(tx: Transaction): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_export_snapshot() as id`.execute(tx);
  return rows[0]?.id ?? '';
}

/**
 * The read models as if there were no other creator: views of the same names, local to the session.
 * So a check is one text, whether it looks at all creators or at one.
 */
export async function viewsOf(
  tx: Transaction,
  whole: Scope,
  creatorId: string,
): Promise<{ readonly scope: Scope; readonly drop: () => Promise<void> }> {
  const views: RawBuilder<unknown>[] = [];
  for (const { name, names_creator } of await tablesOf(tx, whole.schema)) {
    const theirs = names_creator ? sql`creator_id = ${sql.lit(creatorId)}` : snapshotsOf(creatorId);
    await sql`create temporary view ${sql.id(name)} as
      select * from ${sql.id(whole.schema, name)} where ${theirs}`.execute(tx);
    views.push(sql`${sql.id('pg_temp', name)}`);
  }
  return {
    scope: { ...whole, schema: 'pg_temp', creatorId },
    drop: async () => {
      await sql`drop view ${sql.join(views)}`.execute(tx);
    },
  };
}

async function tablesOf(tx: Transaction, schema: string) {
  const { rows } = await sql<{ name: string; names_creator: boolean }>`
    select c.relname as name, exists (select from pg_attribute a
      where a.attrelid = c.oid and a.attname = 'creator_id') as names_creator
    from pg_class c
    where c.relnamespace = ${schema}::regnamespace and c.relname = any(${register.map(({ name }) => name)}::text[])`.execute(
    tx,
  );
  return rows;
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
