/** What figures are called on the pages; the rule of each comes with its explanation. */
import type { Explanation } from '../../api/reads.js';
import { countText, moneyText } from '../../ui/figures.js';

const NAMES: Readonly<Record<string, string>> = {
  monthlyReferrals: 'This month',
  referrals: 'Referrals',
  totalReferrals: 'Total referrals',
  reversedReferrals: 'Reversed referrals',
  signUps: 'Sign-ups of referred members',
  monthlySignUps: 'Sign-ups of referred members',
  monthlyEarningsMinor: 'Earned this month',
  totalEarningsMinor: 'Earned in all',
  earningsMinor: 'Earnings, net',
  earnedMinor: 'Earned',
  reversedMinor: 'Taken back',
  tier: 'Tier',
  rank: 'Rank',
  openingMinor: 'Opening balance',
  closingMinor: 'Closing balance',
  saleMinor: 'The sale',
  amountMinor: 'The amount',
  balanceMinor: 'The balance',
  memberMinor: 'Member share',
  creatorMinor: 'Creator share',
  platformMinor: 'Platform share',
  members: 'Members',
  revenueMinor: 'Revenue',
  organicMinor: 'Organic revenue',
  referredMinor: 'Referred revenue',
  initialMinor: 'First payments, amount',
  recurringMinor: 'Later payments, amount',
  initialPayments: 'First payments',
  recurringPayments: 'Later payments',
  organicPayments: 'Organic payments',
  referredPayments: 'Referred payments',
  refundsMinor: 'Refunds',
};

export const figureName = (figure: string): string => NAMES[figure] ?? figure;

/** Why a fact is not counted, as the head of its group. */
const CODES: Readonly<Record<string, string>> = {
  not_paid: 'signed up, has not paid',
  zero_amount: 'paid only amounts of zero',
  recurring: 'a later payment: it earns and does not count',
  first_payment: 'a first payment',
  another_time: 'counts in another month',
  another_currency: 'in another currency',
  organic: 'organic: nobody referred them',
  referred: 'was referred',
  claim_lost: 'named this member, and counts for another or nobody',
  taken_back: 'was counted and taken back',
  reversal_cancelled: 'a reversal that was cancelled',
  nothing_to_count: 'its share is zero',
  after_the_close: 'came after the close',
  stated_elsewhere: 'stated by another version or close',
};

export const codeName = (code: string): string => CODES[code] ?? code;

type Value = Explanation['total'];

/** The value of a figure as its unit writes it. */
export function valueText(
  value: Value,
  { unit, currency }: Pick<Explanation, 'unit' | 'currency'>,
) {
  if (value === null) return 'none';
  if (typeof value === 'string') return value;
  if (unit === 'money') return moneyText(value, currency ?? 'usd');
  return unit === 'rank' ? `#${countText(value)}` : countText(value);
}

/** What one fact adds: `+1`, `+$5.00`, `−$2.50`. */
export function addsText(adds: number, { unit, currency }: Pick<Explanation, 'unit' | 'currency'>) {
  const text = unit === 'money' ? moneyText(adds, currency ?? 'usd') : countText(adds);
  return adds > 0 ? `+${text}` : text;
}

/** The same question for the command line; the version is that which was asked for. */
export function cliOf(found: Explanation, version: string | undefined): string {
  const { subject, figure, month, day, throughDay, state, currency, origin, source } = found;
  const who = subject.memberId ?? subject.creatorId;
  const flags = [
    ...(subject.memberId === undefined ? [] : ['--creator', subject.creatorId]),
    ...(month === null ? [] : ['--month', month]),
    ...(day === null ? [] : ['--day', day]),
    ...(throughDay === null ? [] : ['--through-day', throughDay]),
    ...(currency === null ? [] : ['--currency', currency]),
    ...(state === 'known' ? [] : ['--state', state]),
    ...(version === undefined ? [] : ['--version', version]),
    ...(origin === null ? [] : ['--origin', origin]),
    ...(source === null ? [] : ['--source', source]),
  ];
  return ['npx flywheel explain', who, figure, ...flags].join(' ');
}
