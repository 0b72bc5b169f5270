/** Creators: the list, and one with the figures of a month. */
import { sql } from 'kysely';
import { type AsOf, type Read, type ReadSource, readOf, table } from './read.queries.js';
import { sealedMonthRows } from './sealed.queries.js';

export interface CreatorRow {
  readonly creator_id: string;
  readonly registered_at: number;
}

/** All creators by id, or the only one asked for. Undefined: the pointer has moved. */
export async function creatorsList(
  { db, schema }: ReadSource,
  { limit, after, only }: { limit: number; after?: string | undefined; only?: string | undefined },
): Promise<{ asOf: AsOf; rows: readonly CreatorRow[] } | undefined> {
  const result = await sql<{ position: string; recorded_at: string; rows: CreatorRow[] }>`
    select p.position, p.recorded_at, (select coalesce(json_agg(r), '[]') from (
      select creator_id, registered_at from ${table(schema, 'creators')}
      where creator_id > ${after ?? ''} and (${only ?? null}::text is null or creator_id = ${only ?? null})
      order by creator_id limit ${limit}) r) as rows
    from projections p where p.name = 'lines' and p.schema = ${sql.lit(schema)}`.execute(db);
  const row = result.rows[0];
  if (row === undefined) return undefined;
  return {
    asOf: { position: BigInt(row.position), recordedAt: Number(row.recorded_at) },
    rows: row.rows,
  };
}

export interface CreatorMonthRow {
  /** Signed up by the end of the month. */
  readonly members: string;
  readonly total_referrals: string;
  /** Members with a conversion of the month. */
  readonly referrers: string;
  readonly currency: string;
  readonly referrals: string;
  readonly sign_ups: string;
  readonly initial_payments: string;
  readonly recurring_payments: string;
  readonly initial_minor: string;
  readonly recurring_minor: string;
  readonly organic_minor: string;
  readonly referred_minor: string;
  readonly refunds_minor: string;
}

/**
 * A creator's figures of a month, a row per currency ('' for sign-ups), with totals as of its end;
 * always one row at least. `before` is the first day of the month after.
 */
export function creatorMonth(
  source: ReadSource,
  { creatorId, month, before }: { creatorId: string; month: string; before: string },
): Promise<Read<CreatorMonthRow> | undefined> {
  const { schema } = source;
  return readOf(
    source,
    creatorId,
    sql`
      select t.members::text, t.total_referrals::text, t.referrers::text, coalesce(m.currency, '') as currency,
        coalesce(m.referrals, 0)::text as referrals, coalesce(m.sign_ups, 0)::text as sign_ups,
        coalesce(m.initial_payments, 0)::text as initial_payments,
        coalesce(m.recurring_payments, 0)::text as recurring_payments,
        coalesce(m.initial_minor, 0)::text as initial_minor, coalesce(m.recurring_minor, 0)::text as recurring_minor,
        coalesce(m.organic_minor, 0)::text as organic_minor, coalesce(m.referred_minor, 0)::text as referred_minor,
        coalesce(m.refunds_minor, 0)::text as refunds_minor
      from (
        select (select count(*) from ${table(schema, 'referrals')} where creator_id = ${creatorId}
            and kind = 'signUp' and count <> 0 and day < ${before}) as members,
          (select coalesce(sum(referrals), 0) from ${table(schema, 'creator_months')}
            where creator_id = ${creatorId} and month <= ${month}) as total_referrals,
          (select count(*) from (
            select from ${table(schema, 'member_months')} where creator_id = ${creatorId}
              and month = ${month} group by member_id having sum(referrals) > 0) r) as referrers) t
      left join ${table(schema, 'creator_months')} m on m.creator_id = ${creatorId} and m.month = ${month}
      order by m.currency`,
    sealedMonthRows(schema, { creatorId, from: month, to: month }),
  );
}
