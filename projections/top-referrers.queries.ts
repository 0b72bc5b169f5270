/** Who referred most, as of now: straight from the index of the ranking. */
import { type RawBuilder, sql } from 'kysely';
import { type Read, type ReadSource, readPrepared, table } from './read.queries.js';
import { type PinColumns, pinOf } from './tier-pins.queries.js';

export interface RankedRow extends Pick<PinColumns, 'pin_tier'> {
  readonly member_id: string;
  readonly name: string | null;
  readonly username: string | null;
  readonly referral_code: string;
  readonly total_referrals: string;
  readonly reached_at: number;
  readonly monthly_referrals: string;
  /** In the currency asked for. */
  readonly monthly_minor: string;
  /** Other currencies in which any referrer of the creator earned something or had it reversed in the month: the same on every row. */
  readonly other_currencies: readonly string[] | null;
  /** Something of this creator is dated after the month: its end is not now. */
  readonly has_later: boolean;
}

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
export function rankingNow(
  source: ReadSource,
  args: RankingArgs,
): Promise<Read<RankedRow> | undefined> {
  const { schema } = source;
  const { limit, after } = args;
  const name = `ranking now ${limit} ${after === undefined}`;
  const values = { ...valuesOf(args), ...(after === undefined ? NOWHERE : placeOf(after)) };
  return readPrepared<RankedRow, typeof values>(
    source,
    name,
    (p) => {
      const ranked = sql`
        select k.member_id, k.total_referrals, k.reached_at
        from ${table(schema, 'rankings')} k
        where k.creator_id = ${p.creatorId} and k.total_referrals > 0 ${after === undefined ? sql`` : afterRow(p)}
        order by k.total_referrals desc, k.reached_at, k.member_id limit ${sql.lit(limit)}`;
      return withMonth(schema, p, ranked);
    },
    values,
  );
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

type Named<K extends string> = Readonly<Record<K, RawBuilder<unknown>>>;
type PlaceParameters = Named<'total' | 'reachedAt' | 'memberId'>;
type MonthParameters = Named<'creatorId' | 'month' | 'at' | 'currency'>;

const afterRow = ({ total, reachedAt, memberId }: PlaceParameters): RawBuilder<unknown> => sql`
  and (k.total_referrals < ${total}::bigint or (k.total_referrals = ${total}::bigint
    and (k.reached_at, k.member_id) > (${reachedAt}::bigint, ${memberId}::text)))`;

function withMonth(
  schema: string,
  { creatorId, month, at, currency }: MonthParameters,
  ranked: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`
    select k.member_id, p.name, p.username, m.referral_code, k.total_referrals::text, k.reached_at, t.pin_tier,
      coalesce(mm.referrals, 0)::text as monthly_referrals, coalesce(mm.minor, 0)::text as monthly_minor,
      (select array_agg(c.currency order by c.currency) from ${table(schema, 'creator_months')} c
        where c.creator_id = ${creatorId} and c.month = ${month} and c.currency not in ('', ${currency})
          and exists (select from ${table(schema, 'member_months')} x
            where x.creator_id = ${creatorId} and x.month = ${month} and x.currency = c.currency
              and (x.earned_minor <> 0 or x.reversed_minor <> 0))) as other_currencies,
      exists (select from ${table(schema, 'creator_months')} l
        where l.creator_id = ${creatorId} and l.month > ${month}) as has_later
    from (${ranked}) k
    join ${table(schema, 'members')} m on m.creator_id = ${creatorId} and m.member_id = k.member_id
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = k.member_id
    left join lateral (${pinOf(schema, { creatorId, at }, sql`k.member_id`)}) t on true
    left join lateral (
      select sum(x.referrals) as referrals,
        sum(x.earned_minor - x.reversed_minor) filter (where x.currency = ${currency}) as minor
      from ${table(schema, 'member_months')} x
      where x.creator_id = ${creatorId} and x.member_id = k.member_id and x.month = ${month}) mm on true
    order by k.total_referrals desc, k.reached_at, k.member_id`;
}
