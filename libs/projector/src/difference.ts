/**
 * The difference between the tables that serve and those of a replay, as it is kept: in the schema of
 * the replay, so that it vanishes with it. A summary, and the rows, the largest first.
 *
 * Everything is seen from the live tables: a `missing` row is one that they lack, an `extra` one is one
 * too many, a `changed` one has other values than the log gives it. Columns bear the names of the
 * projections (camelCase), values are texts, as PostgreSQL writes them.
 */
import { CompiledQuery, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { isGone } from './schemas.js';
import { run, tableName } from './tables.js';

export type DifferenceKind = 'missing' | 'extra' | 'changed';

export interface ColumnDifference {
  readonly column: string;
  /** Rows of the difference that name this column; missing and extra rows name all but the key. */
  readonly rows: bigint;
  /** Of counts and money: the sum of replayed − live over all rows; a row that is not there is zero. */
  readonly delta?: bigint;
}

export interface TableDifference {
  readonly table: string;
  /** Rows that either side has. A row whose sums are all zero is none. */
  readonly compared: bigint;
  readonly missing: bigint;
  readonly extra: bigint;
  readonly changed: bigint;
  /** Those that differ in some row, in order of the table. */
  readonly columns: readonly ColumnDifference[];
}

export interface DifferenceSummary {
  /** Of the replay when it was compared. */
  readonly position: bigint;
  /** Of the live tables: the same, unless the replay shows the past. */
  readonly livePosition: bigint;
  /**
   * SHA-256 (hex) over the names of the tables that were compared and every row that differs, stored
   * or not; of no schema, position or time. Equal differences have equal hashes, so has every empty
   * one of the same tables.
   */
  readonly hash: string;
  /** Rows that differ: missing, extra and changed, of all tables. */
  readonly rows: bigint;
  /** Rows that are stored: per table at most a limit, the largest. */
  readonly stored: bigint;
  /** Every table that was compared, in order of the register. */
  readonly tables: readonly TableDifference[];
}

export interface DifferenceRow {
  /** Place among the stored rows, from 1, the largest first. */
  readonly n: number;
  readonly table: string;
  readonly kind: DifferenceKind;
  readonly key: Readonly<Record<string, string>>;
  /** All columns but the key; null: the live table has no such row. */
  readonly live: Readonly<Record<string, string | null>> | null;
  /** The same of the replay; null: the log knows no such row. */
  readonly replayed: Readonly<Record<string, string | null>> | null;
  /** That differ; of a missing or extra row all but the key. */
  readonly columns: readonly string[];
  /**
   * What rows are ordered by: the sum of |replayed − live| over counts and money (minor units, whatever
   * the currency), and one for each other column that differs.
   */
  readonly weight: bigint;
}

/** Nobody has compared this replay yet. */
export class DifferenceMissing extends Error {
  readonly code = 'difference_missing';
  constructor(readonly schema: string) {
    super(`there is no difference of ${schema}: it is made when the replay is built`);
  }
}

/** The tables beside those of the projections. */
export const DIFFERENCE_ROWS = 'replay_difference';
export const DIFFERENCE_SUMMARY = 'replay_difference_summary';

/** Undefined: none was made, or the schema is gone. */
export async function readDifference(
  db: Database | Transaction,
  schema: string,
): Promise<DifferenceSummary | undefined> {
  const table = tableName(schema, DIFFERENCE_SUMMARY);
  const { rows: known } = await sql<{ is: boolean }>`
    select to_regclass(${table}) is not null as is`.execute(db);
  if (known[0]?.is !== true) return undefined;
  const { rows } = await db.executeQuery<{ summary: string }>(
    CompiledQuery.raw(`select summary from ${table}`),
  );
  return rows[0] && (JSON.parse(rows[0].summary, revived) as DifferenceSummary);
}

export interface DifferencePage {
  readonly limit: number;
  /** `n` of the last row seen; 0 or absent: from the largest. */
  readonly after?: number;
  /** Only rows of this table. */
  readonly table?: string;
}

/** The stored rows, the largest first. Throws DifferenceMissing. */
export async function differenceRows(
  db: Database | Transaction,
  schema: string,
  { limit, after = 0, table }: DifferencePage,
): Promise<DifferenceRow[]> {
  const { rows } = await db
    .executeQuery<Omit<DifferenceRow, 'weight'> & { weight: string }>(
      CompiledQuery.raw(
        `select n, "table", kind, key, live, replayed, columns, weight
        from ${tableName(schema, DIFFERENCE_ROWS)}
        where n > $1::integer and ($2::text is null or "table" = $2) order by n limit $3::integer`,
        [after, table ?? null, limit],
      ),
    )
    .catch((error: unknown) => {
      throw isGone(error) ? new DifferenceMissing(schema) : error;
    });
  return rows.map((row) => ({ ...row, weight: BigInt(row.weight) }));
}

/** Within the transaction that compared. */
export async function storeSummary(
  tx: Transaction,
  schema: string,
  summary: DifferenceSummary,
): Promise<void> {
  const table = tableName(schema, DIFFERENCE_SUMMARY);
  await run(tx, `create table ${table} (summary text not null)`);
  const text = JSON.stringify(summary, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  await tx.executeQuery(CompiledQuery.raw(`insert into ${table} values ($1::text)`, [text]));
}

const BIGINT = /^-?\d+n$/;
const revived = (_: string, value: unknown): unknown =>
  typeof value === 'string' && BIGINT.test(value) ? BigInt(value.slice(0, -1)) : value;
