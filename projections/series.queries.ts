/** Figures over a range of months or days: a row for each that has any, in every currency. */
import { sql } from 'kysely';
import type { SealedName } from '#libs/vault';
import { type Read, type ReadSource, readOf, type Select, table } from './read.queries.js';
import { sealedMemberRows, sealedMonthRows } from './sealed.queries.js';

/** Local months or days, both included. */
export interface RangeArgs {
  readonly creatorId: string;
  readonly from: string;
  readonly to: string;
}

export interface RevenueRow {
  readonly month: string;
  readonly currency: string;
  readonly initial_payments: string;
  readonly initial_minor: string;
  readonly recurring_payments: string;
  readonly recurring_minor: string;
  readonly organic_payments: string;
  readonly organic_minor: string;
  readonly referred_payments: string;
  readonly referred_minor: string;
  readonly refunds_minor: string;
}

/** What a creator sold in each month and currency. */
export function revenueMonths(
  source: ReadSource,
  { creatorId, from, to }: RangeArgs,
): Promise<Read<RevenueRow> | undefined> {
  const rows: Select<RevenueRow> = sql`
    select month, currency, initial_payments::text, initial_minor::text, recurring_payments::text,
      recurring_minor::text, organic_payments::text, organic_minor::text, referred_payments::text,
      referred_minor::text, refunds_minor::text
    from ${table(source.schema, 'creator_months')}
    where creator_id = ${creatorId} and month between ${from} and ${to} and currency <> ''`;
  const sealed = sealedMonthRows(source.schema, { creatorId, from, to });
  return readOf(source, creatorId, rows, sealed);
}

export interface GrowthRow {
  readonly month: string;
  readonly referrals: string;
  readonly sign_ups: string;
}

/** Of a month, or of the days of it that were asked for. */
export interface CreatorGrowthRow extends GrowthRow {
  readonly of_days: boolean;
}

/** Local days of one month, both included. */
export interface DaysOfMonth {
  readonly from: string;
  readonly to: string;
}

/**
 * Conversions and sign-ups of referred members, of all currencies together; beside them those of
 * some days of months, a row for each month that has any.
 */
export function creatorGrowth(
  source: ReadSource,
  { creatorId, from, to }: RangeArgs,
  days: readonly DaysOfMonth[],
): Promise<Read<CreatorGrowthRow> | undefined> {
  const { schema } = source;
  const ofMonths = sql`
    select month, false as of_days, sum(referrals)::text as referrals, sum(sign_ups)::text as sign_ups
    from ${table(schema, 'creator_months')}
    where creator_id = ${creatorId} and month between ${from} and ${to} group by month`;
  const all = [ofMonths, ...days.map((one) => grownInDays(schema, { creatorId, ...one }))];
  const rows: Select<CreatorGrowthRow> = sql`${sql.join(all, sql` union all `)}`;
  const sealed = sealedMonthRows(schema, { creatorId, from, to });
  return readOf(source, creatorId, rows, sealed);
}

/** The same of some days of a month alone. */
export function creatorGrowthInDays(
  source: ReadSource,
  days: RangeArgs,
): Promise<Read<CreatorGrowthRow> | undefined> {
  return readOf(source, days.creatorId, grownInDays(source.schema, days));
}

const grownInDays = (
  schema: string,
  { creatorId, from, to }: RangeArgs,
): Select<CreatorGrowthRow> => sql`
  select left(day, 7) as month, true as of_days, sum(referrals)::text as referrals,
    sum(sign_ups)::text as sign_ups
  from ${table(schema, 'creator_days')}
  where creator_id = ${creatorId} and day between ${from} and ${to} group by left(day, 7)`;

export interface MemberRangeArgs extends RangeArgs {
  readonly memberId: string;
}

/** One row without a period at least, if the member is known; none otherwise. */
type OfMember<T> = T & { readonly name: SealedName | null };

/** The same of those whom one member referred. `month` is null in the row of a member without any. */
export function memberGrowth(
  source: ReadSource,
  { creatorId, memberId, from, to }: MemberRangeArgs,
): Promise<Read<OfMember<Partial<GrowthRow>>> | undefined> {
  const { schema } = source;
  const rows = sql`
    select g.*, p.shown as name
    from ${table(schema, 'members')} m
    left join profiles p on p.creator_id = m.creator_id and p.member_id = m.member_id
    left join lateral (
      select x.month, sum(x.referrals)::text as referrals, sum(x.sign_ups)::text as sign_ups from (
        select y.month, y.referrals, 0 as sign_ups from ${table(schema, 'member_months')} y
        where y.creator_id = m.creator_id and y.member_id = m.member_id and y.month between ${from} and ${to}
        union all
        select substr(r.day, 1, 7), 0, r.count from ${table(schema, 'referrals')} r
        where r.creator_id = m.creator_id and r.referrer_id = m.member_id and r.kind = 'signUp'
          and r.count <> 0 and substr(r.day, 1, 7) between ${from} and ${to}) x
      group by x.month) g on true
    where m.creator_id = ${creatorId} and m.member_id = ${memberId}`;
  const sealed = sealedMemberRows(schema, { creatorId, memberId, from, to });
  return readOf(source, creatorId, rows, sealed);
}

export interface EarningsRow {
  readonly period: string;
  readonly currency: string;
  readonly earned_minor: string;
  readonly reversed_minor: string;
}

/** The same of all members together. */
export function creatorEarnings(
  source: ReadSource,
  { creatorId, from, to, by }: RangeArgs & { readonly by: 'day' | 'month' },
): Promise<Read<EarningsRow> | undefined> {
  const { schema } = source;
  const period = sql.ref(by);
  const rows: Select<EarningsRow> = sql`
    select ${period} as period, currency, sum(earned_minor)::text as earned_minor,
      sum(reversed_minor)::text as reversed_minor
    from ${table(schema, by === 'day' ? 'member_days' : 'member_months')}
    where creator_id = ${creatorId} and ${period} between ${from} and ${to}
    group by ${period}, currency`;
  const sealed = by === 'month' && sealedMonthRows(schema, { creatorId, from, to });
  return readOf(source, creatorId, rows, sealed || undefined);
}

/** A member's shares and what was reversed of them, by day or month and currency. */
export function memberEarnings(
  source: ReadSource,
  { creatorId, memberId, from, to, by }: MemberRangeArgs & { readonly by: 'day' | 'month' },
): Promise<Read<OfMember<Partial<EarningsRow>>> | undefined> {
  const { schema } = source;
  const period = sql.ref(by);
  const rows = sql`
    select e.*, p.shown as name
    from ${table(schema, 'members')} m
    left join profiles p on p.creator_id = m.creator_id and p.member_id = m.member_id
    left join lateral (
      select x.${period} as period, x.currency, x.earned_minor::text, x.reversed_minor::text
      from ${table(schema, by === 'day' ? 'member_days' : 'member_months')} x
      where x.creator_id = m.creator_id and x.member_id = m.member_id
        and x.${period} between ${from} and ${to}) e on true
    where m.creator_id = ${creatorId} and m.member_id = ${memberId}`;
  // A day is stated by no snapshot.
  const sealed = by === 'month' && sealedMemberRows(schema, { creatorId, memberId, from, to });
  return readOf(source, creatorId, rows, sealed || undefined);
}
