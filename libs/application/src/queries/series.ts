/** Revenue and growth over a range: a row for each month, those without anything zero. */
import {
  type CreatorGrowthRow,
  creatorGrowth,
  memberGrowth,
  type RevenueRow,
  revenueMonths,
} from '#projections';
import {
  type AsClosed,
  type CreatorAsClosed,
  creatorCounts,
  creatorIn,
  creatorsAsClosed,
  membersAsClosed,
  referrerCounts,
} from './as-closed.js';
import { frameOf, type Named, named } from './framed.js';
import { foundMember } from './members.js';
import {
  type FirstDays,
  lastMonthOf,
  monthRange,
  monthsUpTo,
  type Range,
  sameDays,
} from './ranges.js';
import type { ReadSide } from './read-side.js';
import {
  by,
  ends,
  type InCurrency,
  othersOf,
  type RangeAsked,
  type Series,
} from './series-parts.js';

export type { Series } from './series-parts.js';

/** Gross; refunds stand apart, in the month of their own time. */
export interface RevenueMonth {
  readonly month: string;
  readonly revenueMinor: bigint;
  readonly organicMinor: bigint;
  readonly referredMinor: bigint;
  readonly refundsMinor: bigint;
  readonly initialPayments: bigint;
  readonly initialMinor: bigint;
  readonly recurringPayments: bigint;
  readonly recurringMinor: bigint;
  readonly organicPayments: bigint;
  readonly referredPayments: bigint;
  readonly currency: string;
  /** Of a closed month: what its latest version says. */
  readonly asClosed?: AsClosed & Omit<RevenueMonth, 'month' | 'currency' | 'asClosed'>;
}

/** A creator's revenue per month. Throws `range_malformed`, `range_invalid`, `range_too_long`, `month_in_future`. */
export async function revenueOf(
  reads: ReadSide,
  asked: RangeAsked,
): Promise<Series<RevenueMonth> & InCurrency> {
  const { creatorId, currency: wanted } = asked;
  let range: Range | undefined;
  const answer = await reads.ask<RevenueRow>(
    { creatorId, month: lastMonthOf(asked), currency: wanted },
    (source, { month }) => {
      range = monthRange(asked, month);
      return revenueMonths(source, { creatorId, from: range.from, to: range.to });
    },
  );
  const { currency, rows } = answer;
  const sealed = creatorsAsClosed(answer.beside);
  const own = by(
    rows.filter((row) => row.currency === currency),
    ({ month }) => month,
  );
  return {
    ...frameOf(answer),
    ...ends(range),
    currency,
    otherCurrencies: othersOf(rows, currency, (row) =>
      [row.organic_minor, row.referred_minor, row.refunds_minor].some((minor) => minor !== '0'),
    ),
    items: (range?.all ?? []).map((month) => ({
      ...revenueMonth(month, currency, own.get(month)),
      ...revenueAsClosed(sealed.get(month), currency),
    })),
  };
}

function revenueAsClosed(
  sealed: CreatorAsClosed | undefined,
  currency: string,
): Pick<RevenueMonth, 'asClosed'> {
  if (sealed === undefined) return {};
  const { version, digest } = sealed;
  const own = creatorIn(sealed, currency);
  const { organicMinor, referredMinor, refundsMinor } = own;
  const { initialPayments, initialMinor, recurringPayments, recurringMinor } = own;
  const { organicPayments, referredPayments } = own;
  return {
    asClosed: {
      version,
      digest,
      revenueMinor: organicMinor + referredMinor,
      organicMinor,
      referredMinor,
      refundsMinor,
      initialPayments,
      initialMinor,
      recurringPayments,
      recurringMinor,
      organicPayments,
      referredPayments,
    },
  };
}

function revenueMonth(month: string, currency: string, row: RevenueRow | undefined): RevenueMonth {
  const n = (value: string | undefined): bigint => BigInt(value ?? 0);
  return {
    month,
    revenueMinor: n(row?.organic_minor) + n(row?.referred_minor),
    organicMinor: n(row?.organic_minor),
    referredMinor: n(row?.referred_minor),
    refundsMinor: n(row?.refunds_minor),
    initialPayments: n(row?.initial_payments),
    initialMinor: n(row?.initial_minor),
    recurringPayments: n(row?.recurring_payments),
    recurringMinor: n(row?.recurring_minor),
    organicPayments: n(row?.organic_payments),
    referredPayments: n(row?.referred_payments),
    currency,
  };
}

export interface GrowthMonth {
  readonly month: string;
  /** Conversions. */
  readonly referrals: bigint;
  /** Of referred members. */
  readonly signUps: bigint;
  /** Of a closed month: what its latest version says. Snapshots do not hold the sign-ups of one member's referrals. */
  readonly asClosed?: AsClosed & { readonly referrals: bigint; readonly signUps?: bigint };
}

interface GrowthAsked {
  readonly creatorId: string;
  /** How many, the current one last. */
  readonly months: number;
}

/** Of the first days of a month. */
export interface GrowthOfDays extends Pick<GrowthMonth, 'month' | 'referrals' | 'signUps'> {
  /** The last of them. */
  readonly throughDay: string;
}

/** A month that runs is compared with the same days of the one before. */
export interface SameDays {
  readonly soFar: GrowthOfDays;
  readonly sameDaysBefore: GrowthOfDays;
}

/** A creator's conversions and referred sign-ups per month. Throws `range_too_long`. */
export async function growthOf(
  reads: ReadSide,
  { creatorId, months }: GrowthAsked,
): Promise<Series<GrowthMonth> & SameDays> {
  let range: Range | undefined;
  const answer = await reads.ask({ creatorId }, (source, { month, at }, _currency, settings) => {
    range = monthsUpTo(month, months);
    const days = sameDays(settings.calendar, at);
    return creatorGrowth(source, { creatorId, from: range.from, to: range.to }, [
      days.soFar,
      days.before,
    ]);
  });
  const days = sameDays(answer.settings.calendar, answer.period.at);
  const sealed = creatorsAsClosed(answer.beside);
  const asClosed = (month: string): Pick<GrowthMonth, 'asClosed'> => {
    const one = sealed.get(month);
    if (one === undefined) return {};
    const { referrals, signUps } = creatorCounts(one);
    return { asClosed: { version: one.version, digest: one.digest, referrals, signUps } };
  };
  const ofMonths = answer.rows.filter((row) => !row.of_days);
  return {
    ...frameOf(answer),
    ...ends(range),
    items: grown(range, ofMonths, asClosed),
    soFar: grownInDays(days.soFar, answer.rows),
    sameDaysBefore: grownInDays(days.before, answer.rows),
  };
}

function grownInDays(
  { month, to: throughDay }: FirstDays,
  rows: readonly CreatorGrowthRow[],
): GrowthOfDays {
  const row = rows.find((one) => one.of_days && one.month === month);
  return {
    ...{ month, throughDay },
    referrals: BigInt(row?.referrals ?? 0),
    signUps: BigInt(row?.sign_ups ?? 0),
  };
}

/** The same of those whom one member referred. Throws `member_not_found`, `range_too_long`. */
export async function growthOfMember(
  reads: ReadSide,
  { creatorId, memberId, months }: GrowthAsked & { readonly memberId: string },
): Promise<Series<GrowthMonth> & Named> {
  let range: Range | undefined;
  const answer = await reads.ask({ creatorId }, (source, { month }) => {
    range = monthsUpTo(month, months);
    return memberGrowth(source, { creatorId, memberId, from: range.from, to: range.to });
  });
  const { name } = foundMember(answer.rows[0], memberId);
  const sealed = membersAsClosed(answer.beside);
  return {
    ...frameOf(answer),
    ...named({ member_id: memberId, name }, answer.nameOf),
    ...ends(range),
    items: grown(range, answer.rows, (month) => {
      const one = sealed.get(month);
      if (one === undefined) return {};
      const { referrals } = referrerCounts(one);
      return { asClosed: { version: one.version, digest: one.digest, referrals } };
    }),
  };
}

type Grown = { month?: string; referrals?: string; sign_ups?: string };

function grown(
  range: Range | undefined,
  rows: readonly Grown[],
  asClosed: (month: string) => Pick<GrowthMonth, 'asClosed'>,
): GrowthMonth[] {
  const found = by(rows, ({ month }) => month ?? '');
  return (range?.all ?? []).map((month) => ({
    month,
    referrals: BigInt(found.get(month)?.referrals ?? 0),
    signUps: BigInt(found.get(month)?.sign_ups ?? 0),
    ...asClosed(month),
  }));
}
