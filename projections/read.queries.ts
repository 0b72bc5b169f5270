/**
 * How every figure is read: one statement answers the rows, the position they were answered from
 * and the creator's settings, all of one snapshot. The schema is the pointer that the caller knows;
 * when a promote has moved it meanwhile the statement answers nothing, and the caller asks again.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '#libs/database';

export interface AsOf {
  readonly position: bigint;
  /** Unix milliseconds; 0 before the first event. */
  readonly recordedAt: number;
}

export interface Read<T> {
  readonly asOf: AsOf;
  readonly rows: readonly T[];
  /** The creator's settings as `settingsRead` reads them; null: nobody knows this creator. */
  readonly settings: string | null;
}

/** The read models' schema and the connection to it. */
export interface ReadSource {
  readonly db: Database;
  readonly schema: string;
}

/** All move together: any one row is the checkpoint of them all. */
const CHECKPOINT_OF = 'lines';

/**
 * `rows` is a select whose columns are text, booleans or safe integers (amounts as text).
 * Undefined: the pointer has moved.
 */
export async function readOf<T>(
  { db, schema }: ReadSource,
  creatorId: string,
  rows: RawBuilder<unknown>,
): Promise<Read<T> | undefined> {
  const result = await sql<{
    position: string;
    recorded_at: string;
    settings: string | null;
    rows: T[];
  }>`
    select p.position, p.recorded_at,
      (${settingsRead(schema, creatorId)}) as settings,
      (select coalesce(json_agg(r), '[]') from (${rows}) r) as rows
    from projections p where p.name = ${sql.lit(CHECKPOINT_OF)} and p.schema = ${sql.lit(schema)}`.execute(
    db,
  );
  const row = result.rows[0];
  if (row === undefined) return undefined;
  return {
    asOf: { position: BigInt(row.position), recordedAt: Number(row.recorded_at) },
    rows: row.rows,
    settings: row.settings,
  };
}

/** A creator's settings alone. Undefined: the pointer has moved. */
export async function settingsOf(
  source: ReadSource,
  creatorId: string,
): Promise<Read<never> | undefined> {
  return readOf<never>(source, creatorId, sql`select 1 where false`);
}

/** `[defaults, [setting, effectiveAt, value]…]` as JSON text: equal text, equal settings. */
const settingsRead = (schema: string, creatorId: string): RawBuilder<unknown> => sql`
  select json_build_array(c.defaults, (
    select json_agg(json_build_array(s.setting, s.effective_at, s.value) order by s.effective_at, s.from_month)
    from ${table(schema, 'creator_settings')} s where s.creator_id = c.creator_id))::text
  from ${table(schema, 'creators')} c where c.creator_id = ${creatorId}`;

/** A read model by name, in the schema of the pointer. */
export const table = (schema: string, name: string): RawBuilder<unknown> =>
  sql`${sql.id(schema, name)}`;

const PAGES = [11, 51, 101, 501] as const;

/**
 * `limit` for a prepared statement. Of a parameter the planner assumes a tenth of the table, so that
 * it plans each execution anew, which takes longer than the execution; of a number it knows.
 */
export function pageOf(limit: number): RawBuilder<unknown> {
  const page = PAGES.find((size) => limit <= size);
  return page === limit ? sql`limit ${sql.lit(page)}` : sql`limit ${limit}`;
}
