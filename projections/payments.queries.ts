/** Commission lines by payment, netted: what stands now of every sale, and of what reversed it. */
import { sql } from 'kysely';
import type { SealedName } from '#libs/vault';
import { type PageArgs, type Select, table } from './read.queries.js';

export type PaymentKind = 'initial' | 'recurring' | 'organic';
/** Whether anything of it was taken back, in whatever month. */
export type PaymentStatus = 'standing' | 'reversed';

export interface PaymentRow {
  readonly payment_id: string;
  readonly member_id: string;
  readonly name: SealedName | null;
  /** '' for organic. */
  readonly referrer_id: string;
  readonly referrer_name: SealedName | null;
  readonly first: boolean;
  readonly at: number;
  readonly day: string;
  readonly currency: string;
  readonly sale_minor: string;
  readonly member_minor: string;
  readonly creator_minor: string;
  readonly platform_minor: string;
  /** By `(time, id)`; null: none. */
  readonly reversals: readonly ReversalRow[] | null;
}

/** Positive, as figures subtract it. */
export interface ReversalRow {
  /** Refund or dispute. */
  readonly source_id: string;
  readonly at: number;
  readonly day: string;
  readonly sale_minor: string;
  readonly member_minor: string;
  readonly creator_minor: string;
  readonly platform_minor: string;
}

export interface PaymentFilters {
  readonly creatorId: string;
  /** With instants around it, so that an index leads to it: days are stamped and need not fit the zone of today. */
  readonly month?: { readonly name: string; readonly from: number; readonly to: number };
  /** Who paid. */
  readonly memberId?: string | undefined;
  readonly referrerId?: string | undefined;
  readonly currency?: string | undefined;
  /** initial and recurring include organic ones. */
  readonly kind?: PaymentKind | undefined;
  readonly status?: PaymentStatus | undefined;
}

export interface PaymentPlace {
  readonly at: number;
  readonly paymentId: string;
}

/** Newest first. */
export function paymentRows(
  schema: string,
  args: PaymentFilters & PageArgs<PaymentPlace>,
): Select<PaymentRow> {
  const { creatorId, limit } = args;
  return sql`
    select n.*, p.shown as name, q.shown as referrer_name, v.reversals from (
      select l.source_id as payment_id, l.member_id, l.referrer_id, l.first, l.at, l.day, l.currency,
        sum(l.sale_minor)::text as sale_minor, sum(l.member_minor)::text as member_minor,
        sum(l.creator_minor)::text as creator_minor, sum(l.platform_minor)::text as platform_minor
      from ${table(schema, 'lines')} l
      where ${sql.join(conditionsOf(schema, args), sql` and `)}
      group by l.at, l.source_id, l.member_id, l.referrer_id, l.first, l.day, l.currency
      having sum(l.count) <> 0
      order by l.at desc, l.source_id desc limit ${limit}) n
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = n.member_id
    left join profiles q on q.creator_id = ${creatorId} and q.member_id = n.referrer_id
    left join lateral (
      select json_agg(r order by r.at, r.source_id) as reversals from (
        select l.source_id, l.at, l.day, sum(l.sale_minor)::text as sale_minor, sum(l.member_minor)::text as member_minor,
          sum(l.creator_minor)::text as creator_minor, sum(l.platform_minor)::text as platform_minor
        from ${table(schema, 'lines')} l
        where l.creator_id = ${creatorId} and l.member_id = n.member_id and l.kind = 'reversal'
          and l.payment_id = n.payment_id
        group by l.source_id, l.at, l.day having sum(l.count) <> 0) r) v on true
    order by n.at desc, n.payment_id desc`;
}

/** Only those that are asked for: each set of filters is a statement of its own, planned for its index. */
function conditionsOf(schema: string, args: PaymentFilters & PageArgs<PaymentPlace>) {
  const { creatorId, month, memberId, referrerId, currency, kind, status, after } = args;
  const isReversed = sql`exists (
    select 1 from ${table(schema, 'lines')} b
    where b.creator_id = ${creatorId} and b.member_id = l.member_id and b.kind = 'reversal'
      and b.payment_id = l.source_id group by b.source_id having sum(b.count) <> 0)`;
  return [
    sql`l.creator_id = ${creatorId} and l.kind = 'sale'`,
    ...(month === undefined
      ? []
      : [sql`l.month = ${month.name} and l.at >= ${month.from} and l.at < ${month.to}`]),
    ...(memberId === undefined ? [] : [sql`l.member_id = ${memberId}`]),
    ...(referrerId === undefined ? [] : [sql`l.referrer_id = ${referrerId}`]),
    ...(currency === undefined ? [] : [sql`l.currency = ${currency}`]),
    ...(kind === 'initial' ? [sql`l.first`] : kind === 'recurring' ? [sql`not l.first`] : []),
    ...(kind === 'organic' ? [sql`l.referrer_id = ''`] : []),
    ...(status === 'reversed' ? [isReversed] : []),
    ...(status === 'standing' ? [sql`not ${isReversed}`] : []),
    ...(after === undefined
      ? []
      : [sql`(l.at, l.source_id) < (${after.at}::bigint, ${after.paymentId}::text)`]),
  ];
}
