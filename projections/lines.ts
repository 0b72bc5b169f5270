/**
 * Every line of the ledger as it was said, corrections included: what explanations, payments and
 * checks are made of. Netted by whoever reads it; position and n are the event's and the line's.
 */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { count, entriesOf, flag, instant, money, text } from '#libs/projector';

export const lines = entriesOf<LedgerEvent>()({
  name: 'lines',
  version: 1,
  columns: {
    creatorId: text,
    memberId: text,
    kind: text,
    sourceId: text,
    paymentId: text,
    first: flag,
    at: instant,
    day: text,
    month: text,
    /** '' for an organic member. */
    referrerId: text,
    /** '' for signUp. */
    currency: text,
    count,
    saleMinor: money,
    memberMinor: money,
    creatorMinor: money,
    platformMinor: money,
  },
  indexes: [{ columns: ['creatorId', 'at desc', 'sourceId desc'] }],
  rows: (event) =>
    linesOf(event).map((line) => ({
      ...line,
      referrerId: line.referrerId ?? '',
      currency: line.currency ?? '',
    })),
});
