/**
 * What a close reads, in one snapshot of the read models: who stood where at the end of the month,
 * and the figures of the month and of what earlier ones have pending. It reads whole communities, so
 * everything is a set: a statement for each, whatever the number of members.
 */
import { sql } from 'kysely';
import { type ReadSource, type Select, table } from './read.queries.js';
import {
  ALL_STATE,
  type CreatorAmountsRow,
  creatorDifference,
  creatorStated,
  earliestOf,
  isBefore,
  isMonth,
  latestSnapshots,
  othersState,
  type ReferrerAmountsRow,
  referrerDifference,
  referrerStated,
} from './stated.queries.js';
import { pinsOf } from './tier-pins.queries.js';

export interface BooksArgs {
  readonly creatorId: string;
  readonly month: string;
  /** First day of the month after. */
  readonly before: string;
  /** Whose pins are in force. */
  readonly at: number;
  /** The month is stated anew from this snapshot: what it carries stays, of its month all is known. */
  readonly restating?: string;
}

export interface StandingRow {
  readonly member_id: string;
  readonly total: string;
  readonly reached_at: string | null;
  readonly rank: string | null;
  readonly pin_tier: string | null;
}

export interface MonthBooks {
  readonly members: bigint;
  readonly totalReferrals: bigint;
  readonly standings: readonly StandingRow[];
  readonly creator: readonly CreatorAmountsRow[];
  readonly referrers: readonly ReferrerAmountsRow[];
}

/** `source` must be of one snapshot. */
export async function monthBooks(source: ReadSource, args: BooksArgs): Promise<MonthBooks> {
  const { db, schema } = source;
  const rowsOf = async <T>(select: Select<T>): Promise<readonly T[]> =>
    (await select.execute(db)).rows;
  const { creatorId, month, restating } = args;
  const own = { creatorId, months: isMonth(month), stating: othersState(month) };
  const earlier = { creatorId, months: isBefore(month) };
  const carried = (
    restating === undefined
      ? [
          creatorDifference(schema, { ...earlier, stating: ALL_STATE }),
          referrerDifference(schema, { ...earlier, stating: ALL_STATE }),
        ]
      : [
          creatorStated(schema, { ...earlier, snapshot: restating }),
          referrerStated(schema, { ...earlier, snapshot: restating }),
        ]
  ) as [Select<CreatorAmountsRow>, Select<ReferrerAmountsRow>];
  const [totals] = await rowsOf(totalsRow(schema, args));
  const standings = await rowsOf(standingRows(schema, args));
  const creator = [
    ...(await rowsOf(carried[0])),
    ...(await rowsOf(creatorDifference(schema, own))),
  ];
  const referrers = [
    ...(await rowsOf(carried[1])),
    ...(await rowsOf(referrerDifference(schema, own))),
  ];
  return {
    members: BigInt(totals?.members ?? 0),
    totalReferrals: BigInt(totals?.total ?? 0),
    standings,
    creator,
    referrers,
  };
}

const totalsRow = (
  schema: string,
  { creatorId, month, before }: BooksArgs,
): Select<{ members: string; total: string }> => sql`
  select (select count(*) from ${table(schema, 'referrals')} where creator_id = ${creatorId}
      and kind = 'signUp' and count <> 0 and day < ${before})::text as members,
    (select coalesce(sum(referrals), 0) from ${table(schema, 'creator_months')}
      where creator_id = ${creatorId} and month <= ${month})::text as total`;

/**
 * Everyone who signed up by the end of the month, has a line in it or a rank then, or stands in a
 * version of it already; ranked as everywhere: total, then who reached it first, then member id.
 */
const standingRows = (
  schema: string,
  { creatorId, month, before, at }: BooksArgs,
): Select<StandingRow> => sql`
  with totals as (
    select x.member_id, sum(x.referrals) as total from ${table(schema, 'member_months')} x
    where x.creator_id = ${creatorId} and x.month <= ${month}
    group by x.member_id having sum(x.referrals) > 0),
  reached as (
    select r.referrer_id as member_id, max(r.at) as reached_at from ${table(schema, 'referrals')} r
    where r.creator_id = ${creatorId} and r.kind = 'conversion' and r.count <> 0
      and r.referrer_id <> '' and r.day < ${before}
    group by r.referrer_id),
  ranked as (
    select t.member_id, t.total, r.reached_at,
      row_number() over (order by t.total desc, r.reached_at, t.member_id) as rank
    from totals t left join reached r on r.member_id = t.member_id),
  everyone as (
    select member_id from ${table(schema, 'referrals')}
    where creator_id = ${creatorId} and kind = 'signUp' and count <> 0 and day < ${before}
    union
    select member_id from ${table(schema, 'member_months')}
    where creator_id = ${creatorId} and month = ${month}
      and (referrals <> 0 or reversed_referrals <> 0 or earned_minor <> 0 or reversed_minor <> 0)
    union
    select member_id from ranked
    union
    select m.member_id from (${latestSnapshots(schema, creatorId)}) s
    join ${table(schema, 'snapshot_members')} m on m.snapshot = s.snapshot
    where s.month = ${month})
  select e.member_id, coalesce(r.total, 0)::text as total, r.reached_at::text, r.rank::text, p.pin_tier
  from everyone e
  left join ranked r on r.member_id = e.member_id
  left join (${pinsOf(schema, { creatorId, at })}) p on p.member_id = e.member_id`;

/** Null: none is known. */
export async function earliestMonth(
  { db, schema }: ReadSource,
  creatorId: string,
): Promise<string | null> {
  const { rows } = await sql<{ month: string | null }>`
    select (${earliestOf(schema, sql`${creatorId}`)}) as month`.execute(db);
  return rows[0]?.month ?? null;
}
