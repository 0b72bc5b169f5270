/** Referrals and earnings per creator, month, referrer and currency, on the creator's calendar. */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { count, money, sumsOf, text } from '#libs/projector';
import { referrerAmounts } from './earned.js';

export const memberMonths = sumsOf<LedgerEvent>()({
  name: 'member_months',
  version: 1,
  key: { creatorId: text, memberId: text, month: text, currency: text },
  /** Earnings are earnedMinor − reversedMinor; counts go with the currency of the first payment. */
  sums: { referrals: count, reversedReferrals: count, earnedMinor: money, reversedMinor: money },
  indexes: [{ columns: ['creatorId', 'month', 'memberId'] }],
  rows: (event) =>
    linesOf(event).flatMap((line) => {
      const amounts = referrerAmounts(line);
      if (amounts === undefined) return [];
      const { creatorId, referrerId, month, currency } = line;
      return [
        { creatorId, memberId: referrerId ?? '', month, currency: currency ?? '', ...amounts },
      ];
    }),
});
