/** Earnings per creator, day, referrer and currency, on the creator's calendar. */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { money, sumsOf, text } from '#libs/projector';
import { referrerAmounts } from './earned.js';

export const memberDays = sumsOf<LedgerEvent>()({
  name: 'member_days',
  version: 2,
  key: { creatorId: text, memberId: text, day: text, currency: text },
  sums: { earnedMinor: money, reversedMinor: money },
  // Days of a whole community.
  indexes: [{ columns: ['creatorId', 'day'] }],
  rows: (event) =>
    linesOf(event).flatMap((line) => {
      const amounts = referrerAmounts(line);
      if (
        amounts === undefined ||
        line.kind === 'conversion' ||
        line.kind === 'reversedConversion'
      ) {
        return [];
      }
      const { earnedMinor, reversedMinor } = amounts;
      const { creatorId, referrerId, day, currency } = line;
      return [
        {
          creatorId,
          memberId: referrerId ?? '',
          day,
          currency: currency ?? '',
          earnedMinor,
          reversedMinor,
        },
      ];
    }),
});
