/**
 * A row of the ranking, of today's and of a past month's: its place, and for each row one look-up of
 * the code, of the names and of the month. What is the same for every row is worked out once.
 */
import { type RawBuilder, sql } from 'kysely';
import type { SealedName } from '#libs/vault';
import { type Page, type Select, table } from './read.queries.js';
import { type PinColumns, pinOf } from './tier-pins.queries.js';

type Named<K extends string> = Readonly<Record<K, RawBuilder<unknown>>>;

export interface RankedRow extends Pick<PinColumns, 'pin_tier'> {
  readonly member_id: string;
  readonly name: SealedName | null;
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
  /** The month is closed: its sealed ranking must be asked for. */
  readonly is_sealed: boolean;
}

/** What is the row's own; the others are the same on every row. */
const COLUMNS = [
  'member_id',
  'name',
  'referral_code',
  'total_referrals',
  'reached_at',
  'pin_tier',
  'monthly_referrals',
  'monthly_minor',
] as const satisfies readonly (keyof RankedRow)[];

type RankedParameters = Named<'creatorId' | 'month' | 'at' | 'currency'>;

/** `ranked` selects `member_id`, `total_referrals` and `reached_at` of the page, and is limited. */
export const rankedPage = (
  schema: string,
  parameters: RankedParameters,
  ranked: RawBuilder<unknown>,
): Page => ({
  columns: COLUMNS,
  rows: ownColumns(schema, parameters, ranked),
  once: {
    other_currencies: otherCurrencies(schema, parameters),
    has_later: hasLater(schema, parameters),
    is_sealed: isSealed(schema, parameters),
  },
});

/** The same rows as one select, for a list that is read to its end. */
export const rankedRows = (
  schema: string,
  parameters: RankedParameters,
  ranked: RawBuilder<unknown>,
): Select<RankedRow> => {
  const { once, rows } = rankedPage(schema, parameters, ranked);
  const values = Object.entries(once).map(([name, value]) => sql`${value} as ${sql.ref(name)}`);
  return sql`select r.*, ${sql.join(values)} from (${rows}) r`;
};

const ownColumns = (
  schema: string,
  { creatorId, month, at, currency }: RankedParameters,
  ranked: RawBuilder<unknown>,
): RawBuilder<unknown> => sql`
  select k.member_id, p.shown as name, m.referral_code, k.total_referrals::text, k.reached_at,
    ${pinOf(schema, { creatorId, at }, sql`k.member_id`)} as pin_tier,
    coalesce(x.referrals, 0)::text as monthly_referrals, coalesce(x.minor, 0)::text as monthly_minor
  from (${ranked}) k
  join ${table(schema, 'members')} m on m.creator_id = ${creatorId} and m.member_id = k.member_id
  left join profiles p on p.creator_id = ${creatorId} and p.member_id = k.member_id
  left join lateral (
    select sum(x.referrals) as referrals,
      sum(x.earned_minor - x.reversed_minor) filter (where x.currency = ${currency}) as minor
    from ${table(schema, 'member_months')} x
    where x.creator_id = ${creatorId} and x.member_id = k.member_id and x.month = ${month}) x on true
  order by k.total_referrals desc, k.reached_at, k.member_id`;

/** Of the month, without the one asked for: those in which a referrer earned or had something reversed. */
const otherCurrencies = (
  schema: string,
  { creatorId, month, currency }: Named<'creatorId' | 'month' | 'currency'>,
): RawBuilder<unknown> => sql`
  (select array_agg(c.currency order by c.currency) from ${table(schema, 'creator_months')} c
    where c.creator_id = ${creatorId} and c.month = ${month} and c.currency not in ('', ${currency})
      and exists (select from ${table(schema, 'member_months')} x
        where x.creator_id = ${creatorId} and x.month = ${month} and x.currency = c.currency
          and (x.earned_minor <> 0 or x.reversed_minor <> 0)))`;

/** Something of the creator is dated after the month. */
const hasLater = (
  schema: string,
  { creatorId, month }: Named<'creatorId' | 'month'>,
): RawBuilder<unknown> => sql`
  exists (select from ${table(schema, 'creator_months')} l
    where l.creator_id = ${creatorId} and l.month > ${month})`;

const isSealed = (
  schema: string,
  { creatorId, month }: Named<'creatorId' | 'month'>,
): RawBuilder<unknown> => sql`
  exists (select from ${table(schema, 'snapshots')} z
    where z.creator_id = ${creatorId} and z.month = ${month})`;
