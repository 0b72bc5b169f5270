/** Where the months of all creators stand: what is closed last, and what lies before the first close. */
import { sql } from 'kysely';
import { type AsOf, CHECKPOINT_OF, type ReadSource, settingsRead, table } from './read.queries.js';
import { earliestOf } from './stated.queries.js';

export interface MonthsStandingRow {
  readonly creator_id: string;
  /** As `settingsRead` reads them. */
  readonly settings: string;
  /** The last month that is closed, and when that was; null: none is. */
  readonly last: string | null;
  readonly sealed_at: number | null;
  /** The earliest month that is known to have an event, asked only before the first close. */
  readonly earliest: string | null;
}

/** By id, those after one; as many as the limit. Undefined: the pointer has moved. */
export async function monthsStanding(
  { db, schema }: ReadSource,
  { limit, after }: { readonly limit: number; readonly after: string },
): Promise<{ asOf: AsOf; rows: readonly MonthsStandingRow[] } | undefined> {
  const result = await sql<{ position: string; recorded_at: string; rows: MonthsStandingRow[] }>`
    select p.position, p.recorded_at, (select coalesce(json_agg(r order by r.creator_id), '[]') from (
      select who.creator_id, (${settingsRead(schema, sql`who.creator_id`)}) as settings,
        z.month as last, z.sealed_at,
        case when z.month is null then (
          ${earliestOf(schema, sql`who.creator_id`)}) end as earliest
      from (select creator_id from ${table(schema, 'creators')}
        where creator_id > ${after} order by creator_id limit ${limit}) who
      left join lateral (
        select s.month, s.sealed_at from ${table(schema, 'snapshots')} s
        where s.creator_id = who.creator_id order by s.month desc, s.version limit 1) z on true) r) as rows
    from projections p where p.name = ${sql.lit(CHECKPOINT_OF)} and p.schema = ${sql.lit(schema)}`.execute(
    db,
  );
  const [row] = result.rows;
  if (row === undefined) return undefined;
  const asOf = { position: BigInt(row.position), recordedAt: Number(row.recorded_at) };
  return { asOf, rows: row.rows };
}

/**
 * For how long nothing has been told of a creator's months up to this one, in milliseconds by the
 * server's clock; null: nothing ever was. Undefined: the pointer has moved.
 */
export async function quietSince(
  { db, schema }: ReadSource,
  { creatorId, month }: { readonly creatorId: string; readonly month: string },
): Promise<{ readonly quietMs: number | null } | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select (select extract(epoch from clock_timestamp() - e.recorded_at)::float8 * 1000
      from public.events e
      where e.position = (select max(l.position) from ${table(schema, 'lines')} l
        where l.creator_id = ${creatorId} and l.month <= ${month})) as ms
    from projections p where p.name = ${sql.lit(CHECKPOINT_OF)} and p.schema = ${sql.lit(schema)}`.execute(
    db,
  );
  return rows[0] && { quietMs: rows[0].ms };
}

/** How many snapshots are sealed, of all creators. Undefined: the pointer has moved. */
export async function sealedSnapshots({ db, schema }: ReadSource): Promise<number | undefined> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*)::integer from ${table(schema, 'snapshots')}) as n
    from projections p where p.name = ${sql.lit(CHECKPOINT_OF)} and p.schema = ${sql.lit(schema)}`.execute(
    db,
  );
  return rows[0]?.n;
}
