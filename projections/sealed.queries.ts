/** What was sealed of months, for the figures that it stands beside: parts of other statements, and the sealed ranking. */
import { sql } from 'kysely';
import { REFERRER_FIGURES, type ReferrerFigure } from '#libs/ledger';
import { type Read, type ReadSource, readOf, type Select, table } from './read.queries.js';
import { type AmountColumns, amountsJson, latestSnapshots } from './stated.queries.js';
import { pinOf } from './tier-pins.queries.js';
import type { RankedRow, RankingArgs } from './top-referrers.queries.js';

interface SealedArgs {
  readonly creatorId: string;
  /** Months, both included. */
  readonly from: string;
  readonly to: string;
}

export interface SealedMonthRow {
  readonly month: string;
  readonly version: number;
  readonly digest: string;
  /** StoredTotals as JSON. */
  readonly totals: string;
}

/** The latest version of each closed month of a range. */
export const sealedMonthRows = (
  schema: string,
  { creatorId, from, to }: SealedArgs,
): Select<SealedMonthRow> => sql`
  select distinct on (s.month) s.month, s.version, s.digest, s.totals
  from ${table(schema, 'snapshots')} s
  where s.creator_id = ${creatorId} and s.month between ${from} and ${to}
  order by s.month, s.version desc`;

export interface SealedMemberRow extends Pick<SealedMonthRow, 'month' | 'version' | 'digest'> {
  /** Null: the member is not in the snapshot. */
  readonly total_referrals: string | null;
  readonly tier: string | null;
  readonly rank: string | null;
  /** Of the month itself, by currency. */
  readonly figures:
    | readonly { readonly currency: string; readonly amounts: AmountColumns<ReferrerFigure> }[]
    | null;
}

/** What the latest versions of the closed months of a range say of one member. */
export const sealedMemberRows = (
  schema: string,
  { creatorId, from, to, memberId }: SealedArgs & { readonly memberId: string },
): Select<SealedMemberRow> => sql`
  select s.month, s.version, s.digest, m.total_referrals::text, m.tier, nullif(m.rank, 0)::text as rank, (
    select json_agg(json_build_object('currency', l.currency, 'amounts', ${amountsJson(REFERRER_FIGURES, 'l')}))
    from ${table(schema, 'snapshot_referrers')} l
    where l.creator_id = ${creatorId} and l.origin = s.month and l.snapshot = s.snapshot
      and l.member_id = ${memberId}) as figures
  from (
    select distinct on (c.month) c.month, c.version, c.digest, c.snapshot
    from ${table(schema, 'snapshots')} c
    where c.creator_id = ${creatorId} and c.month between ${from} and ${to}
    order by c.month, c.version desc) s
  left join ${table(schema, 'snapshot_members')} m on m.snapshot = s.snapshot and m.member_id = ${memberId}`;

export interface SealedRankedRow extends RankedRow {
  readonly rank: string;
  readonly tier: string;
  readonly pinned: boolean;
  /** As now known, of the same month and as of its end. */
  readonly now_total: string;
  readonly now_monthly: string;
  readonly now_minor: string;
}

export type RankingSealedArgs = Pick<RankingArgs, 'creatorId' | 'month' | 'at' | 'currency'> & {
  /** Null: all of them. */
  readonly limit: number | null;
  /** Of the last row of the page before. */
  readonly afterRank: number;
};

/**
 * The ranking as the latest version of the month states it, with what is known now beside; no row
 * and nothing beside: the month is not closed.
 */
export function rankingSealed(
  source: ReadSource,
  args: RankingSealedArgs,
): Promise<Read<SealedRankedRow> | undefined> {
  const { creatorId, month } = args;
  const { schema } = source;
  const sealed = sealedMonthRows(schema, { creatorId, from: month, to: month });
  return readOf(source, creatorId, sealedRankingRows(schema, args), sealed);
}

/** In the sealed order. */
export const sealedRankingRows = (
  schema: string,
  { creatorId, month, at, currency, limit, afterRank }: RankingSealedArgs,
): Select<SealedRankedRow> => sql`
  select k.member_id, p.shown as name, m.referral_code, k.total_referrals::text, k.reached_at,
    k.tier, k.pinned, k.rank::text,
    ${pinOf(schema, { creatorId: sql`${creatorId}`, at: sql`${at}` }, sql`k.member_id`)} as pin_tier,
    coalesce(f.referrals, 0)::text as monthly_referrals, coalesce(f.minor, 0)::text as monthly_minor,
    coalesce(n.total, 0)::text as now_total, coalesce(n.referrals, 0)::text as now_monthly,
    coalesce(n.minor, 0)::text as now_minor, true as has_later, false as is_sealed,
    (select array_agg(distinct o.currency order by o.currency) from ${table(schema, 'snapshot_referrers')} o
      join (${latestSnapshots(schema, creatorId)}) z on z.snapshot = o.snapshot and z.month = ${month}
      where o.creator_id = ${creatorId} and o.origin = ${month} and o.currency <> ${currency}
        and (o.earned_minor <> 0 or o.reversed_minor <> 0)) as other_currencies
  from (
    select r.* from ${table(schema, 'snapshot_members')} r
    join (${latestSnapshots(schema, creatorId)}) s on s.snapshot = r.snapshot and s.month = ${month}
    where r.rank > ${afterRank}::bigint and r.rank > 0 order by r.rank limit ${limit}) k
  join ${table(schema, 'members')} m on m.creator_id = ${creatorId} and m.member_id = k.member_id
  left join profiles p on p.creator_id = ${creatorId} and p.member_id = k.member_id
  left join lateral (
    select sum(l.referrals) as referrals,
      sum(l.earned_minor - l.reversed_minor) filter (where l.currency = ${currency}) as minor
    from ${table(schema, 'snapshot_referrers')} l
    where l.creator_id = ${creatorId} and l.origin = ${month} and l.snapshot = k.snapshot
      and l.member_id = k.member_id) f on true
  left join lateral (
    select sum(x.referrals) as total, sum(x.referrals) filter (where x.month = ${month}) as referrals,
      sum(x.earned_minor - x.reversed_minor) filter (where x.month = ${month} and x.currency = ${currency}) as minor
    from ${table(schema, 'member_months')} x
    where x.creator_id = ${creatorId} and x.member_id = k.member_id and x.month <= ${month}) n on true
  order by k.rank`;
