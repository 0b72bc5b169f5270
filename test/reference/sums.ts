/**
 * The sums of the reference model: each figure is the list of what it counts, filtered and added.
 */
import type { Calendar } from './calendar.js';
import type { Figures, PaymentRow, ReferralRow, ReversalRow } from './shapes.js';

type Sums = Pick<
  Figures,
  | 'memberTotals'
  | 'memberMonths'
  | 'memberMonthEarnings'
  | 'memberDayEarnings'
  | 'creatorMonths'
  | 'creatorMonthRevenue'
  | 'creatorMonthRefunds'
  | 'memberMonthReversed'
>;

/** The sums of one creator's payments and referrals. */
export function sumsOf(
  payments: readonly PaymentRow[],
  referrals: readonly ReferralRow[],
  reversals: readonly ReversalRow[],
  calendar: Calendar,
): Sums {
  // Member shares of sales by the sale's day, minus those of reversals by the reversal's.
  const earning = [
    ...payments.map((row) => ({ ...row, earnedMinor: row.memberMinor })),
    ...reversals.map((row) => ({ ...row, earnedMinor: -row.memberMinor })),
  ].flatMap((row) => (row.referrerId === null ? [] : [{ ...row, memberId: row.referrerId }]));
  const earningsMinor = (rows: readonly { earnedMinor: bigint }[]) =>
    total(rows, (row) => row.earnedMinor);
  const reversed = reversals.filter((row) => row.reversesReferral);
  const counts = countsOf(referrals, calendar);
  return {
    memberTotals: groups(earning, ({ creatorId, memberId, currency }) => ({
      creatorId,
      memberId,
      currency,
    })).map(({ key, rows }) => ({ ...key, earningsMinor: earningsMinor(rows) })),
    memberMonthEarnings: groups(earning, ({ creatorId, memberId, month, currency }) => ({
      creatorId,
      memberId,
      month,
      currency,
    })).map(({ key, rows }) => ({ ...key, earningsMinor: earningsMinor(rows) })),
    memberDayEarnings: groups(earning, ({ creatorId, memberId, day, currency }) => ({
      creatorId,
      memberId,
      day,
      currency,
    })).map(({ key, rows }) => ({ ...key, earningsMinor: earningsMinor(rows) })),
    memberMonths: groups(counts, ({ creatorId, referrerId, month }) => ({
      creatorId,
      memberId: referrerId,
      month,
    })).map(({ key, rows }) => ({ ...key, ...countsIn(rows) })),
    creatorMonths: groups(counts, ({ creatorId, month }) => ({ creatorId, month })).map(
      ({ key, rows }) => ({ ...key, ...countsIn(rows) }),
    ),
    creatorMonthRefunds: groups(reversals, ({ creatorId, month, currency }) => ({
      creatorId,
      month,
      currency,
    })).map(({ key, rows }) => ({ ...key, refundsMinor: total(rows, (row) => row.saleMinor) })),
    memberMonthReversed: groups(reversed, ({ creatorId, referrerId, month }) => ({
      creatorId,
      memberId: referrerId ?? '',
      month,
    })).map(({ key, rows }) => ({ ...key, reversedReferrals: rows.length })),
    creatorMonthRevenue: groups(payments, ({ creatorId, month, currency }) => ({
      creatorId,
      month,
      currency,
    })).map(({ key, rows }) => ({ ...key, ...revenueIn(rows) })),
  };
}

interface Counted {
  readonly creatorId: string;
  readonly referrerId: string;
  readonly month: string;
  readonly what: 'referral' | 'signUp';
}

/** Conversions by the month of the first payment, sign-ups of the referred by their own month. */
function countsOf(referrals: readonly ReferralRow[], calendar: Calendar): Counted[] {
  const converted = referrals.flatMap(({ creatorId, referrerId, month }): Counted[] =>
    month === null ? [] : [{ creatorId, referrerId, month, what: 'referral' }],
  );
  const signedUp = referrals.flatMap(({ creatorId, referrerId, signedUpAt }): Counted[] =>
    signedUpAt === null
      ? []
      : [{ creatorId, referrerId, month: calendar.monthOf(signedUpAt), what: 'signUp' }],
  );
  return [...converted, ...signedUp];
}

function countsIn(rows: readonly Counted[]) {
  return {
    referrals: rows.filter((row) => row.what === 'referral').length,
    signUps: rows.filter((row) => row.what === 'signUp').length,
  };
}

function revenueIn(rows: readonly PaymentRow[]) {
  const sale = (some: readonly PaymentRow[]) => total(some, (row) => row.saleMinor);
  const initial = rows.filter((row) => row.kind === 'initial');
  const recurring = rows.filter((row) => row.kind === 'recurring');
  const organic = rows.filter((row) => row.referrerId === null);
  const referred = rows.filter((row) => row.referrerId !== null);
  return {
    revenueMinor: sale(rows),
    initialPayments: initial.length,
    initialMinor: sale(initial),
    recurringPayments: recurring.length,
    recurringMinor: sale(recurring),
    organicPayments: organic.length,
    organicMinor: sale(organic),
    referredPayments: referred.length,
    referredMinor: sale(referred),
  };
}

function total<T>(rows: readonly T[], amountOf: (row: T) => bigint): bigint {
  return rows.reduce((sum, row) => sum + amountOf(row), 0n);
}

function groups<T, K extends object>(rows: readonly T[], keyOf: (row: T) => K) {
  const found: { key: K; rows: T[] }[] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const same = found.find((group) => JSON.stringify(group.key) === JSON.stringify(key));
    if (same) same.rows.push(row);
    else found.push({ key, rows: [row] });
  }
  return found;
}
