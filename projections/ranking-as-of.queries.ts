/**
 * The ranking as of the end of a month that is not the last one with referrals.
 *
 * No table holds it: it would have a row for every referrer and month. But a referrer's total then is
 * the sum of their months up to it, and was never larger than today's. So whoever belongs on the
 * page is among the first of today's ranking, which is an index: a sample of those who lead today
 * gives a total that at least a page of them had by then, and only referrers who have that many
 * today can stand on the page. When a total was reached is looked up for those who may be shown.
 */
import { type RawBuilder, sql } from 'kysely';
import { type RankedRow, rankedRows } from './ranking-page.queries.js';
import { type Read, type ReadSource, readOf, type Select, table } from './read.queries.js';
import type { RankingArgs } from './top-referrers.queries.js';

export interface RankingAsOfArgs extends Omit<RankingArgs, 'limit'> {
  /** Null: all of them. */
  readonly limit: number | null;
  /** How many of today's first tell the least total of the page. Default: enough for any page. */
  readonly sample?: number;
}

/** Large enough that the total it finds lets few others in, small enough to cost little. */
const SAMPLE = 1_000;
/** A stamped day lies this close to its instant in every zone, with room to spare. */
const DAYS_SLACK_SECONDS = 2 * 86_400;

type MonthArgs = Pick<RankingArgs, 'creatorId' | 'month' | 'before'>;

export function rankingAsOf(
  source: ReadSource,
  args: RankingAsOfArgs,
): Promise<Read<RankedRow> | undefined> {
  return readOf(source, args.creatorId, rankingRows(source.schema, args));
}

/** In the order of the ranking: total, then who reached it first, then member id. */
export function rankingRows(schema: string, args: RankingAsOfArgs): Select<RankedRow> {
  const { creatorId, month, currency, at, limit } = args;
  const parameters = {
    creatorId: sql`${creatorId}`,
    month: sql`${month}`,
    currency: sql`${currency}`,
    at: sql`${at}`,
  };
  return rankedRows(
    schema,
    parameters,
    sql`select p.member_id, p.total as total_referrals, p.reached_at from (${pageRows(schema, args)}) p limit ${limit}`,
  );
}

/** `member_id, total, reached_at` of the page, in order and without its limit. */
function pageRows(schema: string, args: RankingAsOfArgs): RawBuilder<unknown> {
  const { creatorId, limit, after, sample = SAMPLE } = args;
  const top = sql`
    from ${table(schema, 'rankings')} k
    cross join lateral (${totalBy(schema, args, sql`k.member_id`)}) t
    where k.creator_id = ${creatorId} and k.total_referrals > 0`;
  // Below the place of the cursor for certain, whatever the ties at it.
  const below = after === undefined ? sql`true` : sql`t.total < ${String(after.total)}::bigint`;
  const least =
    limit === null
      ? sql`select 1::bigint as total`
      : sql`
        select coalesce((select s.total from (
          select t.total ${top} and t.total > 0 and ${below}
          order by k.total_referrals desc limit ${Math.max(sample, limit)}) s
          order by s.total desc offset ${limit - 1} limit 1), 1) as total`;
  const last =
    limit === null
      ? sql`select 1::bigint as total`
      : sql`
        select coalesce((select t.total from candidates t where ${below}
          order by t.total desc offset ${limit - 1} limit 1), 1) as total`;
  return sql`
    with least as materialized (${least}),
    candidates as materialized (
      select k.member_id, t.total, k.total_referrals, k.reached_at
      ${top} and k.total_referrals >= (select total from least) and t.total >= (select total from least)),
    last as materialized (${last}),
    placed as (
      select c.member_id, c.total,
        case when c.total = c.total_referrals then c.reached_at
          else (${reachedBy(schema, args, sql`c.member_id`)}) end as reached_at
      from candidates c where c.total >= (select total from last))
    select member_id, total, reached_at from placed
    where ${after === undefined ? sql`true` : isAfter(after)}
    order by total desc, reached_at, member_id`;
}

const isAfter = ({
  total,
  reachedAt,
  memberId,
}: NonNullable<RankingArgs['after']>): RawBuilder<unknown> => sql`
  (total < ${String(total)}::bigint or (total = ${String(total)}::bigint
    and (reached_at, member_id) > (${reachedAt}::bigint, ${memberId}::text)))`;

/** What a referrer's total was by the end of the month. */
const totalBy = (
  schema: string,
  { creatorId, month }: MonthArgs,
  memberId: RawBuilder<unknown>,
): RawBuilder<unknown> => sql`
  select coalesce(sum(x.referrals), 0)::bigint as total from ${table(schema, 'member_months')} x
  where x.creator_id = ${creatorId} and x.member_id = ${memberId} and x.month <= ${month}`;

/** When they had reached it: the time of the latest conversion that counts by then. */
const reachedBy = (
  schema: string,
  { creatorId, before }: MonthArgs,
  memberId: RawBuilder<unknown>,
): RawBuilder<unknown> => sql`
  select r.at from ${table(schema, 'referrals')} r
  where r.creator_id = ${creatorId} and r.referrer_id = ${memberId} and r.kind = 'conversion' and r.count <> 0
    and r.day < ${before} and r.at < ${boundOf(before)}::bigint
  order by r.at desc limit 1`;

/** No conversion of the month is later: the month's end by the days' own names, in any zone. */
const boundOf = (before: string): number =>
  Date.parse(`${before}T00:00:00Z`) / 1000 + DAYS_SLACK_SECONDS;

/**
 * One member's `total`, `reached_at` and `rank` by the end of the month, as one row. Who is ahead is
 * counted over today's ranking less what later months added, which for the current month is nothing.
 */
export const standingOf = (
  schema: string,
  args: MonthArgs & { readonly memberId: string },
): RawBuilder<unknown> => {
  const { creatorId, memberId, month } = args;
  return sql`
    with mine as materialized (
      select t.total, (${reachedBy(schema, args, sql`${memberId}::text`)}) as reached_at
      from (${totalBy(schema, args, sql`${memberId}::text`)}) t),
    later as materialized (
      select x.member_id, sum(x.referrals)::bigint as referrals from ${table(schema, 'member_months')} x
      where x.creator_id = ${creatorId} and x.month > ${month}
      group by x.member_id having sum(x.referrals) <> 0)
    select mine.total, mine.reached_at, case when mine.total > 0 then (
      select 1 + count(*) from ${table(schema, 'rankings')} k left join later l on l.member_id = k.member_id
      where k.creator_id = ${creatorId} and k.total_referrals > 0 and k.total_referrals >= mine.total
        and (k.total_referrals - coalesce(l.referrals, 0) > mine.total
          or (k.total_referrals - coalesce(l.referrals, 0) = mine.total
            and (case when l.member_id is null then k.reached_at
              else (${reachedBy(schema, args, sql`k.member_id`)}) end, k.member_id)
              < (mine.reached_at, ${memberId}::text)))) end as rank
    from mine`;
};
