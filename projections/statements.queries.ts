/**
 * A member's account in a month: every commission and reversal that stands, in order, with the
 * balance after it; and what each currency began and ended with.
 */
import { sql } from 'kysely';
import type { SealedName } from '#libs/vault';
import {
  type PageArgs,
  type Read,
  type ReadSource,
  readOf,
  type Select,
  table,
} from './read.queries.js';

/** What a currency of the account began the month with and gained in it. */
export interface AccountRow {
  readonly currency: string;
  /** Net, of all months before. */
  readonly opening_minor: string;
  readonly earned_minor: string;
  readonly reversed_minor: string;
}

export interface AccountArgs {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
}

/** Each currency in which the account has moved by the end of the month. */
const accountRows = (
  schema: string,
  { creatorId, memberId, month }: AccountArgs,
): Select<AccountRow> => sql`
  select x.currency,
    coalesce(sum(x.earned_minor - x.reversed_minor) filter (where x.month < ${month}), 0)::text as opening_minor,
    coalesce(sum(x.earned_minor) filter (where x.month = ${month}), 0)::text as earned_minor,
    coalesce(sum(x.reversed_minor) filter (where x.month = ${month}), 0)::text as reversed_minor
  from ${table(schema, 'member_months')} x
  where x.creator_id = ${creatorId} and x.member_id = ${memberId} and x.month <= ${month}
  group by x.currency
  having bool_or(x.earned_minor <> 0 or x.reversed_minor <> 0)
  order by x.currency`;

export interface StatementRow {
  readonly kind: 'sale' | 'reversal';
  readonly at: number;
  readonly day: string;
  /** Payment, refund or dispute. */
  readonly source_id: string;
  readonly payment_id: string;
  readonly first: boolean;
  readonly member_id: string;
  readonly name: SealedName | null;
  readonly currency: string;
  /** Of the sale, or what of it was reversed. */
  readonly sale_minor: string;
  /** Signed: what the account gained. */
  readonly amount_minor: string;
  readonly balance_minor: string;
}

export interface StatementPlace {
  readonly at: number;
  readonly sourceId: string;
  readonly paymentId: string;
}

export interface StatementArgs extends AccountArgs, PageArgs<StatementPlace> {
  readonly currency?: string | undefined;
}

/**
 * Lines of one month by `(time, id)`. A correction and what it took back are one line or none: they
 * have the same identity, and what stands is their sum.
 */
export function statementRows(schema: string, args: StatementArgs): Select<StatementRow> {
  const { creatorId, memberId, month, currency, limit, after } = args;
  return sql`
    select b.*, p.shown as name from (
      select n.kind, n.at, n.day, n.source_id, n.payment_id, n.first, n.member_id, n.currency,
        n.sale_minor::text, n.amount_minor::text,
        (coalesce(o.opening_minor, 0) + sum(n.amount_minor)
          over (partition by n.currency order by n.at, n.source_id, n.payment_id))::text as balance_minor
      from (
        select l.kind, l.at, l.day, l.source_id, l.payment_id, l.first, l.member_id, l.currency,
          sum(l.sale_minor) as sale_minor,
          sum(case l.kind when 'sale' then l.member_minor else -l.member_minor end) as amount_minor
        from ${table(schema, 'lines')} l
        where l.creator_id = ${creatorId} and l.referrer_id = ${memberId} and l.referrer_id <> ''
          and l.kind in ('sale', 'reversal') and l.month = ${month}
          and (${currency ?? null}::text is null or l.currency = ${currency ?? null}::text)
        group by l.kind, l.at, l.day, l.source_id, l.payment_id, l.first, l.member_id, l.currency
        having sum(l.count) <> 0) n
      left join (
        select x.currency, sum(x.earned_minor - x.reversed_minor) as opening_minor
        from ${table(schema, 'member_months')} x
        where x.creator_id = ${creatorId} and x.member_id = ${memberId} and x.month < ${month}
        group by x.currency) o on o.currency = n.currency) b
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = b.member_id
    where ${after?.at ?? null}::bigint is null or (b.at, b.source_id, b.payment_id)
      > (${after?.at ?? null}::bigint, ${after?.sourceId ?? null}::text, ${after?.paymentId ?? null}::text)
    order by b.at, b.source_id, b.payment_id limit ${limit}`;
}

export interface StatementAnswer {
  readonly name: SealedName | null;
  readonly accounts: readonly AccountRow[];
  readonly lines: readonly StatementRow[];
}

/** Totals and a page of lines, as of one position; no row: no such member. */
export function statementOf(
  source: ReadSource,
  args: StatementArgs,
): Promise<Read<StatementAnswer> | undefined> {
  const { schema } = source;
  const { creatorId, memberId } = args;
  const rows: Select<StatementAnswer> = sql`
    select p.shown as name,
      (select coalesce(json_agg(a), '[]') from (${accountRows(schema, args)}) a) as accounts,
      (select coalesce(json_agg(s), '[]') from (${statementRows(schema, args)}) s) as lines
    from ${table(schema, 'members')} m
    left join profiles p on p.creator_id = m.creator_id and p.member_id = m.member_id
    where m.creator_id = ${creatorId} and m.member_id = ${memberId}`;
  return readOf(source, creatorId, rows);
}
