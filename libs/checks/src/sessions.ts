/** Sessions that run checks: one snapshot, room for large joins, and the tables staged in them. */
import { CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { Scope, Stage } from './check.js';

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

/** The temporary tables of a run, each made when the first check needs it. */
export class Stages {
  private readonly made: Stage[] = [];

  constructor(
    private readonly tx: Transaction,
    private readonly scope: Scope,
  ) {}

  async make(stage: Stage): Promise<void> {
    if (this.made.includes(stage)) return;
    if (stage.after !== undefined) await this.make(stage.after);
    await sql`create temporary table ${sql.id(stage.table)} on commit drop as ${stage.rows(this.scope)}`.execute(
      this.tx,
    );
    // Nothing analyses a temporary table on its own, and joins of a million rows need to be planned.
    await sql`analyze ${sql.id('pg_temp', stage.table)}`.execute(this.tx);
    this.made.push(stage);
  }

  async drop(): Promise<void> {
    for (const { table } of this.made)
      await sql`drop table ${sql.id('pg_temp', table)}`.execute(this.tx);
  }
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
