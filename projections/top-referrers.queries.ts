/** Who referred most: the ranking as of now, straight from its index, or as of the end of a month. */
import { type RawBuilder, sql } from 'kysely';
import {
  hasLater,
  otherCurrencies,
  type PageRow,
  type RankedRow,
  rankedRows,
  rankingPage,
} from './ranking-page.queries.js';
import { type Read, type ReadSource, readOf, readPrepared, table } from './read.queries.js';
import { pinOf } from './tier-pins.queries.js';

export type { RankedRow } from './ranking-page.queries.js';

export interface RankingArgs {
  readonly creatorId: string;
  readonly month: string;
  /** First day of the month after. */
  readonly before: string;
  /** Whose pins are in force. */
  readonly at: number;
  readonly currency: string;
  readonly limit: number;
  /** Place of the last row of the page before. */
  readonly after?: {
    readonly total: bigint;
    readonly reachedAt: number;
    readonly memberId: string;
  };
}

/** The ranking of today: no row is dated after the month, or `has_later` says so and it must be asked as of the month's end. */
export async function rankingNow(
  source: ReadSource,
  args: RankingArgs,
): Promise<Read<RankedRow> | undefined> {
  const { schema } = source;
  const { limit, after } = args;
  const name = `ranking now ${limit} ${after === undefined}`;
  const values = { ...valuesOf(args), ...(after === undefined ? NOWHERE : placeOf(after)) };
  const read = await readPrepared<PageRow, typeof values>(
    source,
    name,
    (p) => {
      const ranked = sql`
        select k.member_id, k.total_referrals, k.reached_at
        from ${table(schema, 'rankings')} k
        where k.creator_id = ${p.creatorId} and k.total_referrals > 0 ${after === undefined ? sql`` : afterRow(p)}
        order by k.total_referrals desc, k.reached_at, k.member_id limit ${sql.lit(limit)}`;
      return rankingPage(schema, p, ranked);
    },
    values,
  );
  return read && { ...read, rows: rankedRows(read.rows, args.currency) };
}

/** The ranking as of the end of the month, counted from the referrals. */
export function rankingAsOf(
  source: ReadSource,
  args: RankingArgs,
): Promise<Read<RankedRow> | undefined> {
  const { schema } = source;
  const { creatorId, after, limit } = args;
  const values = valuesOf(args);
  const p = {
    creatorId: sql`${values.creatorId}`,
    month: sql`${values.month}`,
    at: sql`${values.at}`,
    currency: sql`${values.currency}`,
  };
  const ranked = sql`
    select * from (${rankingBefore(schema, creatorId, args.before)}) k
    where true ${after === undefined ? sql`` : afterRow(placeParameters(after))}
    order by k.total_referrals desc, k.reached_at, k.member_id limit ${limit}`;
  return readOf(source, creatorId, withMonth(schema, p, ranked));
}

const valuesOf = ({ creatorId, month, at, currency }: RankingArgs) => ({
  creatorId,
  month,
  at,
  currency,
});
const placeOf = ({ total, reachedAt, memberId }: NonNullable<RankingArgs['after']>) => ({
  total: String(total),
  reachedAt,
  memberId,
});
/** Values of a place that the statement without one does not use. */
const NOWHERE = { total: '', reachedAt: 0, memberId: '' };
const placeParameters = (after: NonNullable<RankingArgs['after']>): PlaceParameters => {
  const { total, reachedAt, memberId } = placeOf(after);
  return { total: sql`${total}`, reachedAt: sql`${reachedAt}`, memberId: sql`${memberId}` };
};

type Named<K extends string> = Readonly<Record<K, RawBuilder<unknown>>>;
type PlaceParameters = Named<'total' | 'reachedAt' | 'memberId'>;
type MonthParameters = Named<'creatorId' | 'month' | 'at' | 'currency'>;

/** Total referrals of every referrer before a day, and when the total was reached. */
export const rankingBefore = (
  schema: string,
  creatorId: string,
  before: string,
): RawBuilder<unknown> => sql`
  select r.referrer_id as member_id, sum(r.count)::bigint as total_referrals, max(r.at) as reached_at
  from ${table(schema, 'referrals')} r
  where r.creator_id = ${creatorId} and r.referrer_id <> '' and r.kind = 'conversion' and r.count <> 0
    and r.day < ${before}
  group by r.referrer_id having sum(r.count) > 0`;

const afterRow = ({ total, reachedAt, memberId }: PlaceParameters): RawBuilder<unknown> => sql`
  and (k.total_referrals < ${total}::bigint or (k.total_referrals = ${total}::bigint
    and (k.reached_at, k.member_id) > (${reachedAt}::bigint, ${memberId}::text)))`;

function withMonth(
  schema: string,
  { creatorId, month, at, currency }: MonthParameters,
  ranked: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    select k.member_id, p.name, p.username, m.referral_code, k.total_referrals::text, k.reached_at,
      ${pinOf(schema, { creatorId, at }, sql`k.member_id`)} as pin_tier,
      coalesce(mm.referrals, 0)::text as monthly_referrals, coalesce(mm.minor, 0)::text as monthly_minor,
      ${otherCurrencies(schema, { creatorId, month, currency })} as other_currencies,
      ${hasLater(schema, { creatorId, month })} as has_later
    from (${ranked}) k
    join ${table(schema, 'members')} m on m.creator_id = ${creatorId} and m.member_id = k.member_id
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = k.member_id
    left join lateral (
      select sum(x.referrals) as referrals,
        sum(x.earned_minor - x.reversed_minor) filter (where x.currency = ${currency}) as minor
      from ${table(schema, 'member_months')} x
      where x.creator_id = ${creatorId} and x.member_id = k.member_id and x.month = ${month}) mm on true
    order by k.total_referrals desc, k.reached_at, k.member_id`;
}
