/**
 * The page of today's ranking: its place in the index, and for each row one look-up of the code, of
 * the names and of the month. What is the same for every row is worked out once.
 */
import { type RawBuilder, sql } from 'kysely';
import { type Page, table } from './read.queries.js';
import { type PinColumns, pinOf } from './tier-pins.queries.js';

type Named<K extends string> = Readonly<Record<K, RawBuilder<unknown>>>;

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

/** One for each currency of the month, and one for who has none: rows of a member follow each other. */
export interface PageRow extends Omit<RankedRow, 'monthly_referrals' | 'monthly_minor'> {
  readonly month_currency: string | null;
  readonly month_referrals: string | null;
  readonly month_minor: string | null;
}

const COLUMNS = [
  'member_id',
  'name',
  'username',
  'referral_code',
  'total_referrals',
  'reached_at',
  'pin_tier',
  'month_currency',
  'month_referrals',
  'month_minor',
] as const satisfies readonly (keyof PageRow)[];

/** `ranked` selects `member_id`, `total_referrals` and `reached_at` of the page, and is limited. */
export const rankingPage = (
  schema: string,
  { creatorId, month, at, currency }: Named<'creatorId' | 'month' | 'at' | 'currency'>,
  ranked: RawBuilder<unknown>,
): Page => ({
  columns: COLUMNS,
  rows: sql`
    select k.member_id, p.name, p.username, m.referral_code, k.total_referrals::text, k.reached_at,
      ${pinOf(schema, { creatorId, at }, sql`k.member_id`)} as pin_tier,
      x.currency as month_currency, x.referrals::text as month_referrals,
      (x.earned_minor - x.reversed_minor)::text as month_minor
    from (${ranked}) k
    join ${table(schema, 'members')} m on m.creator_id = ${creatorId} and m.member_id = k.member_id
    left join profiles p on p.creator_id = ${creatorId} and p.member_id = k.member_id
    left join ${table(schema, 'member_months')} x
      on x.creator_id = ${creatorId} and x.member_id = k.member_id and x.month = ${month}
    order by k.total_referrals desc, k.reached_at, k.member_id`,
  once: {
    other_currencies: otherCurrencies(schema, { creatorId, month, currency }),
    has_later: hasLater(schema, { creatorId, month }),
  },
});

/** One row for each member, with the referrals of all currencies and the amounts of one. */
export function rankedRows(rows: readonly PageRow[], currency: string): RankedRow[] {
  const ranked: RankedRow[] = [];
  for (const { month_currency, month_referrals, month_minor, ...row } of rows) {
    const before = ranked.at(-1);
    const own = month_currency === currency ? month_minor : null;
    if (before?.member_id !== row.member_id) {
      ranked.push({ ...row, monthly_referrals: month_referrals ?? '0', monthly_minor: own ?? '0' });
      continue;
    }
    ranked[ranked.length - 1] = {
      ...before,
      monthly_referrals: String(BigInt(before.monthly_referrals) + BigInt(month_referrals ?? 0)),
      monthly_minor: own ?? before.monthly_minor,
    };
  }
  return ranked;
}

/** Of the month, without the one asked for: those in which a referrer earned or had something reversed. */
export const otherCurrencies = (
  schema: string,
  { creatorId, month, currency }: Named<'creatorId' | 'month' | 'currency'>,
): RawBuilder<unknown> => sql`
  (select array_agg(c.currency order by c.currency) from ${table(schema, 'creator_months')} c
    where c.creator_id = ${creatorId} and c.month = ${month} and c.currency not in ('', ${currency})
      and exists (select from ${table(schema, 'member_months')} x
        where x.creator_id = ${creatorId} and x.month = ${month} and x.currency = c.currency
          and (x.earned_minor <> 0 or x.reversed_minor <> 0)))`;

/** Something of the creator is dated after the month. */
export const hasLater = (
  schema: string,
  { creatorId, month }: Named<'creatorId' | 'month'>,
): RawBuilder<unknown> => sql`
  exists (select from ${table(schema, 'creator_months')} l
    where l.creator_id = ${creatorId} and l.month > ${month})`;
