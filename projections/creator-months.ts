/** A creator's revenue, referrals and sign-ups per month and currency, on the creator's calendar; sign-ups have no currency (''). */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { sumsOf, text } from '#libs/projector';
import { CREATOR_SUMS, creatorAmounts } from './sold.js';

export const creatorMonths = sumsOf<LedgerEvent>()({
  name: 'creator_months',
  version: 1,
  key: { creatorId: text, month: text, currency: text },
  sums: CREATOR_SUMS,
  rows: (event) =>
    linesOf(event).map((line) => ({
      creatorId: line.creatorId,
      month: line.month,
      currency: line.currency ?? '',
      ...creatorAmounts(line),
    })),
});
