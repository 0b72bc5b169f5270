/** Members of a creator: the list, and one with the figures of a month. */
import { type RawBuilder, sql } from 'kysely';
import type { SealedName } from '#libs/vault';
import { standingOf } from './ranking-as-of.queries.js';
import {
  type PageArgs,
  type Read,
  type ReadSource,
  readOf,
  type Select,
  table,
} from './read.queries.js';
import { sealedMemberRows } from './sealed.queries.js';
import { type PinColumns, pinsOf } from './tier-pins.queries.js';

export interface MemberRow extends PinColumns {
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly referral_code: string;
  readonly signed_up_at: number | null;
  readonly converted_at: number | null;
  readonly converted_day: string | null;
  readonly referrer_id: string | null;
  readonly referrer_name: SealedName | null;
  readonly total_referrals: string;
}

export interface MembersPlace {
  readonly value: string;
  readonly memberId: string;
}

export interface MembersArgs extends PageArgs<MembersPlace> {
  readonly creatorId: string;
  /** Part of a code or id, or marks of how the words of a name or username begin (libs/vault). */
  readonly q?: { readonly text: string; readonly marks: readonly bigint[] } | undefined;
  /** Whose pins are in force. */
  readonly at: number;
  readonly tier?: TierBounds | undefined;
  /** Only those with a pin, or without one. */
  readonly pinned?: boolean | undefined;
  readonly sort: MembersSort;
}
/** A tier and the total referrals that make it, where no pin says otherwise. */
export interface TierBounds {
  readonly name: string;
  readonly from?: bigint;
  readonly below?: bigint;
}
export type MembersSort = 'memberId' | 'totalReferrals' | 'signedUpAt';

/** Each sort: its expression, and whether large comes first; ties by member id. */
const SORTS: Readonly<
  Record<MembersSort, { by: RawBuilder<unknown>; type: string; descending: boolean }>
> = {
  memberId: { by: sql`f.member_id`, type: 'text', descending: false },
  totalReferrals: { by: sql`f.total`, type: 'bigint', descending: true },
  signedUpAt: { by: sql`coalesce(f.signed_up_at, 0)`, type: 'bigint', descending: true },
};

export function memberRows(
  schema: string,
  args: MembersArgs,
): Select<MemberRow & { sort_value: string }> {
  const { creatorId, q, at, tier, pinned, limit, after } = args;
  const { by, type, descending } = SORTS[args.sort];
  const conditions = [
    sql`true`,
    ...(q === undefined ? [] : [isFound(creatorId, q)]),
    ...(tier === undefined ? [] : [isOfTier(tier)]),
    ...(pinned === undefined
      ? []
      : [pinned ? sql`f.pin_tier is not null` : sql`f.pin_tier is null`]),
    ...(after === undefined
      ? []
      : descending
        ? [
            sql`(${by} < ${after.value}::${sql.raw(type)} or (${by} = ${after.value}::${sql.raw(type)} and f.member_id > ${after.memberId}))`,
          ]
        : [sql`${by} > ${after.value}::${sql.raw(type)}`]),
  ];
  const order = descending ? sql`${by} desc, f.member_id` : by;
  return sql`
    select f.member_id, f.name, f.referral_code, f.signed_up_at, f.converted_at, f.converted_day,
      f.referrer_id, f.referrer_name, f.total::text as total_referrals,
      f.pin_tier, f.pin_reason, f.pin_since, (${by})::text as sort_value
    from (${memberFacts(schema, { creatorId, at })}) f
    where ${sql.join(conditions, sql` and `)}
    order by ${order} limit ${limit}`;
}

function isFound(
  creatorId: string,
  { text, marks }: NonNullable<MembersArgs['q']>,
): RawBuilder<unknown> {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const ofIds = sql`f.referral_code ilike ${like} or f.member_id ilike ${like}`;
  if (marks.length === 0) return sql`(${ofIds})`;
  return sql`(${ofIds} or f.member_id in (
    select s.member_id from profiles s
    where s.creator_id = ${creatorId} and s.search @> ${marks.map(String)}::bigint[]))`;
}

/** Pinned to it, or not pinned and within its bounds. */
function isOfTier({ name, from, below }: TierBounds): RawBuilder<unknown> {
  const bounds = [
    ...(from === undefined ? [] : [sql`f.total >= ${String(from)}::bigint`]),
    ...(below === undefined ? [] : [sql`f.total < ${String(below)}::bigint`]),
  ];
  return sql`(f.pin_tier = ${name} or (${sql.join([sql`f.pin_tier is null`, ...bounds], sql` and `)}))`;
}

interface FactsArgs {
  readonly creatorId: string;
  readonly at: number;
  /** Of one member alone. */
  readonly only?: string;
}

/** Every member of a creator with sign-up, conversion, referrer, present total and the pin in force. */
const memberFacts = (schema: string, args: FactsArgs): RawBuilder<unknown> => sql`
  select g.*, t.pin_tier, t.pin_reason, t.pin_since, q.shown as referrer_name
  from (${unnamedFacts(schema, args)}) g
  left join (${pinsOf(schema, args)}) t on t.member_id = g.member_id
  left join profiles q on q.creator_id = ${args.creatorId} and q.member_id = g.referrer_id`;

const unnamedFacts = (schema: string, { creatorId, only }: FactsArgs): RawBuilder<unknown> => sql`
  select m.member_id, p.shown as name, m.referral_code, s.at as signed_up_at, c.at as converted_at,
    c.day as converted_day, nullif(coalesce(c.referrer_id, s.referrer_id), '') as referrer_id,
    coalesce(k.total_referrals, 0) as total
  from ${table(schema, 'members')} m
  left join profiles p on p.creator_id = m.creator_id and p.member_id = m.member_id
  left join ${table(schema, 'rankings')} k on k.creator_id = m.creator_id and k.member_id = m.member_id
  left join ${table(schema, 'referrals')} s
    on s.creator_id = m.creator_id and s.member_id = m.member_id and s.kind = 'signUp' and s.count <> 0
  left join ${table(schema, 'referrals')} c
    on c.creator_id = m.creator_id and c.member_id = m.member_id and c.kind = 'conversion' and c.count <> 0
  where m.creator_id = ${creatorId} ${only === undefined ? sql`` : sql`and m.member_id = ${only}`}`;

export interface StatsRow extends MemberRow {
  readonly total_before: string;
  readonly reached_at: number | null;
  readonly rank: string | null;
  readonly monthly_referrals: string;
  readonly total_reversed: string;
  readonly monthly_reversed: string;
  readonly monthly_minor: string;
  readonly total_minor: string;
  readonly other_currencies: readonly string[] | null;
}

export interface StatsArgs {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
  /** First day of the month after. */
  readonly before: string;
  /** Whose pin is in force. */
  readonly at: number;
  readonly currency: string;
}

/** One member with the figures of a month, and totals and rank as of its end; no row: no such member. */
export function memberStats(
  source: ReadSource,
  args: StatsArgs,
): Promise<Read<StatsRow> | undefined> {
  const { schema } = source;
  const { creatorId, memberId, month, before, at, currency } = args;
  return readOf(
    source,
    creatorId,
    sql`
      select f.*, r.total::text as total_before, r.reached_at, r.rank::text as rank,
        x.*
      from (
        select member_id, name, referral_code, signed_up_at, converted_at, converted_day, referrer_id,
          referrer_name, total::text as total_referrals, pin_tier, pin_reason, pin_since
        from (${memberFacts(schema, { creatorId, at, only: memberId })}) g) f,
      (${standingOf(schema, { creatorId, memberId, month, before })}) r,
      lateral (
        select coalesce(sum(y.referrals) filter (where y.month = ${month}), 0)::text as monthly_referrals,
          coalesce(sum(y.reversed_referrals), 0)::text as total_reversed,
          coalesce(sum(y.reversed_referrals) filter (where y.month = ${month}), 0)::text as monthly_reversed,
          coalesce(sum(y.earned_minor - y.reversed_minor) filter (where y.month = ${month} and y.currency = ${currency}), 0)::text as monthly_minor,
          coalesce(sum(y.earned_minor - y.reversed_minor) filter (where y.currency = ${currency}), 0)::text as total_minor,
          array_agg(distinct y.currency) filter (
            where y.currency <> ${currency} and (y.earned_minor <> 0 or y.reversed_minor <> 0)) as other_currencies
        from ${table(schema, 'member_months')} y
        where y.creator_id = ${creatorId} and y.member_id = ${memberId} and y.month <= ${month}) x`,
    sealedMemberRows(schema, { creatorId, memberId, from: month, to: month }),
  );
}
