/** A creator's revenue, referrals and sign-ups per day and currency, on the creator's calendar; sign-ups have no currency (''). */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { sumsOf, text } from '#libs/projector';
import { CREATOR_SUMS, creatorAmounts } from './sold.js';

export const creatorDays = sumsOf<LedgerEvent>()({
  name: 'creator_days',
  version: 1,
  key: { creatorId: text, day: text, currency: text },
  sums: CREATOR_SUMS,
  rows: (event) =>
    linesOf(event).map((line) => ({
      creatorId: line.creatorId,
      day: line.day,
      currency: line.currency ?? '',
      ...creatorAmounts(line),
    })),
});
