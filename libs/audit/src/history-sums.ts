/**
 * Figures that add up, event by event: sums over the lines that the log has about somebody, which for
 * a referrer lie in the streams of others (libs/checks/src/lines-about.ts).
 */
import { type RawBuilder, sql } from 'kysely';
import { type LinesSelect, linesNaming, linesOfCommunity } from '#libs/checks';
import type { AsOf } from './browse.js';
import type { SumField } from './changes.js';
import type { Figure, FoundHistory, HistoryAsked, HistoryField, HistoryParts } from './figure.js';

/** What a line of a kind adds to a figure: an expression of `l`, which is as `libs/checks` reads lines. */
interface Sum {
  readonly field: SumField;
  readonly adds: Readonly<Record<string, string>>;
  readonly where?: string;
  /** Sums of amounts are of one currency. */
  readonly inCurrency: boolean;
}
const COUNTED = (field: SumField, kind: string, where?: string): Sum => ({
  field,
  adds: { [kind]: 'l.count' },
  inCurrency: false,
  ...(where === undefined ? {} : { where }),
});
const REFERRALS = COUNTED('referrals', 'conversion');
const SUMS: Readonly<Partial<Record<HistoryField, Sum>>> = {
  totalReferrals: REFERRALS,
  monthlyReferrals: REFERRALS,
  referrals: REFERRALS,
  reversedReferrals: COUNTED('reversedReferrals', 'reversedConversion'),
  signUps: COUNTED('signUps', 'signUp', `l.referrer_id <> ''`),
  earnings: {
    field: 'earnings',
    adds: { sale: 'l.member_minor', reversal: '-l.member_minor' },
    inCurrency: true,
  },
  revenue: { field: 'revenue', adds: { sale: 'l.sale_minor' }, inCurrency: true },
  refunds: { field: 'refunds', adds: { reversal: 'l.sale_minor' }, inCurrency: true },
};

export const isSum = (field: HistoryField): boolean => SUMS[field] !== undefined;

export async function historyOfSum(
  { browser, schema }: HistoryParts,
  figure: Figure,
  asOf: AsOf,
  { order, limit, cursor }: HistoryAsked,
): Promise<FoundHistory> {
  const month = figure.field === 'totalReferrals' ? undefined : figure.month;
  const moved = movesOf({ ...figure, month }, asOf.position, schema);
  const direction = order === 'newest' ? sql.raw('desc') : sql.raw('asc');
  const behind =
    cursor === undefined
      ? sql`true`
      : order === 'newest'
        ? sql`position < ${cursor}::bigint`
        : sql`position > ${cursor}::bigint`;
  const { rows } = await sql<{ total: string; moves: [string, string, string][] | null }>`
    /* planned anew */ with moved as materialized (${moved}),
    running as (
      select position, delta, sum(delta) over (order by position) as value from moved
    ), page as (
      select * from running where ${behind} order by position ${direction} limit ${limit + 1}::bigint
    )
    select (select coalesce(sum(delta), 0)::text from moved) as total,
      (select json_agg(json_build_array(position::text, delta::text, value::text)
        order by position ${direction}) from page) as moves`.execute(browser.db);
  const [row] = rows;
  const moves = (row?.moves ?? []).map(([position, delta, value]) => ({
    position: BigInt(position),
    delta: BigInt(delta),
    value: BigInt(value),
  }));
  const shown = moves.slice(0, limit);
  const events = await browser.eventsAt(
    shown.map(({ position }) => position),
    order,
  );
  return {
    asOf,
    value: BigInt(row?.total ?? 0),
    items: shown.flatMap(({ delta, value }, n) => {
      const event = events[n];
      if (event === undefined) return [];
      return [{ event, month: month ?? null, old: value - delta, new: value, delta }];
    }),
    next: moves.length > limit ? shown.at(-1)?.position : undefined,
  };
}

/** `position, delta` of every event that moves the sum. */
function movesOf(figure: Figure, position: bigint, schema: string): RawBuilder<unknown> {
  const { creatorId, memberId, field, month, currency } = figure;
  const sum = SUMS[field];
  if (sum === undefined) throw new RangeError(`${field} is no sum`);
  const reading = { creatorId, position, schema };
  const lines: LinesSelect =
    memberId === undefined
      ? linesOfCommunity(reading, { from: month ?? '', to: month ?? '' })
      : linesNaming(reading, memberId);
  const adds = Object.entries(sum.adds).map(([kind, adding]) => `when '${kind}' then ${adding}`);
  const delta = sql.raw(`sum(case l.kind ${adds.join(' ')} end)`);
  const kinds = sql.join(Object.keys(sum.adds).map((kind) => sql.lit(kind)));
  const conditions = [
    sql`l.kind in (${kinds})`,
    ...(sum.where === undefined ? [] : [sql.raw(sum.where)]),
    ...(sum.inCurrency ? [sql`l.currency = ${currency}`] : []),
    ...(month === undefined ? [] : [sql`left(l.day, 7) = ${month}`]),
  ];
  return sql`
    select l.position, ${delta} as delta from (${lines}) l
    where ${sql.join(conditions, sql` and `)}
    group by l.position having ${delta} <> 0`;
}
