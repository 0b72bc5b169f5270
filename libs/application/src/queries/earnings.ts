/** What members earned over a range, per day or month: one of them, or all of a creator's together. */
import { creatorEarnings, type EarningsRow, memberEarnings } from '#projections';
import { type AsClosed, creatorsAsClosed, membersAsClosed, referrerIn } from './as-closed.js';
import { frameOf, type Named, named } from './framed.js';
import { foundMember } from './members.js';
import { dayRange, lastMonthOf, monthRange, type Range } from './ranges.js';
import type { ReadSide } from './read-side.js';
import {
  by,
  ends,
  type InCurrency,
  othersOf,
  type RangeAsked,
  type Series,
} from './series-parts.js';

export interface EarningsPeriod {
  readonly month: string;
  /** Null: the row is that of the month. */
  readonly day: string | null;
  /** Member shares of sales of the period. */
  readonly earnedMinor: bigint;
  /** Of them taken back by reversals of the period; positive. */
  readonly reversedMinor: bigint;
  /** Net: may be negative. */
  readonly earningsMinor: bigint;
  readonly currency: string;
  /** Of a closed month: what its latest version says. */
  readonly asClosed?: AsClosed &
    Pick<EarningsPeriod, 'earnedMinor' | 'reversedMinor' | 'earningsMinor'>;
}

/** What all members of a creator earned together, per day or month. Throws what `revenueOf` throws. */
export async function earningsOfCreator(
  reads: ReadSide,
  asked: RangeAsked & { readonly by: 'day' | 'month' },
): Promise<Series<EarningsPeriod> & InCurrency> {
  const { creatorId, currency: wanted, by: unit } = asked;
  let range: Range | undefined;
  const answer = await reads.ask<EarningsRow>(
    { creatorId, month: lastMonthOf(asked), currency: wanted },
    (source, { month }, _currency, { calendar }) => {
      range = rangeBy(asked, month, calendar);
      return creatorEarnings(source, { creatorId, from: range.from, to: range.to, by: unit });
    },
  );
  const { currency, rows } = answer;
  const sealed = creatorsAsClosed(answer.beside);
  return {
    ...frameOf(answer),
    ...ends(range),
    currency,
    otherCurrencies: othersOf(rows, currency, hasEarnings),
    items: earningsIn(range, { rows, currency, by: unit }, (period) => {
      const one = sealed.get(period);
      if (one === undefined) return {};
      const amounts = one.totals.referrers.find((row) => row.currency === currency)?.amounts;
      return statedEarnings(one, amounts);
    }),
  };
}

/** What a member earned per day or month. Throws `member_not_found` and what `revenueOf` throws. */
export async function earningsOf(
  reads: ReadSide,
  asked: RangeAsked & { readonly memberId: string; readonly by: 'day' | 'month' },
): Promise<Series<EarningsPeriod> & InCurrency & Named> {
  const { creatorId, memberId, currency: wanted, by: unit } = asked;
  let range: Range | undefined;
  const answer = await reads.ask(
    { creatorId, month: lastMonthOf(asked), currency: wanted },
    (source, { month }, _currency, { calendar }) => {
      range = rangeBy(asked, month, calendar);
      const { from, to } = range;
      return memberEarnings(source, { creatorId, memberId, from, to, by: unit });
    },
  );
  const { currency, rows } = answer;
  const sealed = membersAsClosed(answer.beside);
  const { name } = foundMember(rows[0], memberId);
  return {
    ...frameOf(answer),
    ...named({ member_id: memberId, name }, answer.nameOf),
    ...ends(range),
    currency,
    otherCurrencies: othersOf(rows, currency, hasEarnings),
    items: earningsIn(range, { rows, currency, by: unit }, (period) => {
      const one = sealed.get(period);
      return one === undefined ? {} : statedEarnings(one, referrerIn(one, currency));
    }),
  };
}

type Earned = Partial<EarningsRow>;

const hasEarnings = ({ earned_minor: earned, reversed_minor: reversed }: Earned): boolean =>
  (earned ?? '0') !== '0' || (reversed ?? '0') !== '0';

/** Every period of the range, with what a closed month says of it beside. */
function earningsIn(
  range: Range | undefined,
  found: {
    readonly rows: readonly Earned[];
    readonly currency: string;
    readonly by: 'day' | 'month';
  },
  asClosed: (period: string) => Pick<EarningsPeriod, 'asClosed'>,
): EarningsPeriod[] {
  const { currency } = found;
  const own = by(
    found.rows.filter((row) => row.currency === currency),
    ({ period }) => period ?? '',
  );
  return (range?.all ?? []).map((period) => {
    const row = own.get(period);
    const earnedMinor = BigInt(row?.earned_minor ?? 0);
    const reversedMinor = BigInt(row?.reversed_minor ?? 0);
    return {
      month: period.slice(0, 7),
      day: found.by === 'day' ? period : null,
      earnedMinor,
      reversedMinor,
      earningsMinor: earnedMinor - reversedMinor,
      currency,
      ...asClosed(period),
    };
  });
}

function statedEarnings(
  { version, digest }: AsClosed,
  amounts: Pick<EarningsPeriod, 'earnedMinor' | 'reversedMinor'> | undefined,
): Pick<EarningsPeriod, 'asClosed'> {
  const { earnedMinor = 0n, reversedMinor = 0n } = amounts ?? {};
  const earningsMinor = earnedMinor - reversedMinor;
  return { asClosed: { version, digest, earnedMinor, reversedMinor, earningsMinor } };
}

const rangeBy = (
  asked: RangeAsked & { readonly by: 'day' | 'month' },
  month: string,
  calendar: { readonly daysOfMonth: (month: string) => readonly string[] },
): Range =>
  asked.by === 'day'
    ? dayRange(asked, month, (one) => calendar.daysOfMonth(one))
    : monthRange(asked, month);
