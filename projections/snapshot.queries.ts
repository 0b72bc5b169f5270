/**
 * A list from its first row to its last as of one position: a transaction that sees one snapshot,
 * and in it a cursor of the server, so that neither side ever holds more than a chunk. The schema is
 * that of the pointer in the same snapshot: a promote meanwhile changes nothing for whoever reads.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import {
  type AsOf,
  CHECKPOINT_OF,
  type ReadSource,
  type Select,
  settingsOf,
} from './read.queries.js';

/** Rows that are fetched at a time. */
export const CHUNK_ROWS = 1_000;

export interface Snapshot {
  readonly source: ReadSource;
  readonly asOf: AsOf;
  /** As `readOf` answers them; null: nobody knows this creator. */
  readonly settings: string | null;
  /** The rows, a chunk at a time. Ask for one list only. */
  chunks<T>(rows: Select<T>): AsyncGenerator<readonly T[], void, undefined>;
  /** Ends the transaction; until then a connection is taken. */
  close(): Promise<void>;
}

/** Undefined: there are no read models yet. */
export async function openSnapshot(db: Database, creatorId: string): Promise<Snapshot | undefined> {
  const tx = await db
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute();
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    // It has changed nothing; a connection that broke meanwhile has ended it already.
    await tx
      .rollback()
      .execute()
      .catch(() => undefined);
  };
  try {
    const pointer = await sql<{ schema: string }>`
      select schema from projections where name = ${sql.lit(CHECKPOINT_OF)}`.execute(tx);
    const schema = pointer.rows[0]?.schema;
    const source = schema === undefined ? undefined : { db: tx, schema };
    const read = source && (await settingsOf(source, creatorId));
    if (source === undefined || read === undefined) {
      await close();
      return undefined;
    }
    const { asOf, settings } = read;
    return { source, asOf, settings, close, chunks: (rows) => chunksOf(tx, rows) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** As JSON, so that a row looks like that of any other answer. */
async function* chunksOf<T>(
  db: Database,
  rows: RawBuilder<unknown>,
): AsyncGenerator<readonly T[], void, undefined> {
  await sql`declare export no scroll cursor for select to_json(r) as row from (${rows}) r`.execute(
    db,
  );
  for (;;) {
    const fetched = await sql<{ row: T }>`fetch ${sql.lit(CHUNK_ROWS)} from export`.execute(db);
    if (fetched.rows.length > 0) yield fetched.rows.map(({ row }) => row);
    if (fetched.rows.length < CHUNK_ROWS) return;
  }
}

/** One snapshot of the database, with the read models' schema and position in it. */
export interface OneSnapshot {
  readonly db: Transaction;
  readonly schema: string;
  readonly asOf: AsOf;
}

/** For sorts and joins over the lines of a community. */
const WORK_MEM_MB = 64;

/** Runs many reads in one snapshot. Undefined: there are no read models yet. */
export function inOneSnapshot<R>(
  db: Database,
  work: (snapshot: OneSnapshot) => Promise<R>,
): Promise<R | undefined> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const { rows } = await sql<{ schema: string; position: string; recorded_at: string }>`
        select p.schema, p.position, p.recorded_at from projections p
        where p.name = ${sql.lit(CHECKPOINT_OF)}`.execute(tx);
      const [row] = rows;
      if (row === undefined) return undefined;
      await sql.raw(`set local work_mem = '${WORK_MEM_MB}MB'`).execute(tx);
      const asOf = { position: BigInt(row.position), recordedAt: Number(row.recorded_at) };
      return work({ db: tx, schema: row.schema, asOf });
    });
}
