/**
 * Every line of the ledger as it was said, corrections included: what explanations, payments and
 * checks are made of. Netted by whoever reads it; position and n are the event's and the line's.
 */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { count, entriesOf, flag, instant, money, text } from '#libs/projector';

const MONEY = `kind in ('sale', 'reversal')`;

export const lines = entriesOf<LedgerEvent>()({
  name: 'lines',
  version: 2,
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
  indexes: [
    { columns: ['creatorId', 'at desc', 'sourceId desc'] },
    // Payments of one member with their reversals, and the account of one referrer.
    { columns: ['creatorId', 'memberId', 'at desc'], where: MONEY },
    {
      columns: ['creatorId', 'referrerId', 'month'],
      where: `${MONEY} and referrer_id <> ''`,
    },
  ],
  rows: (event) =>
    linesOf(event).map((line) => ({
      ...line,
      referrerId: line.referrerId ?? '',
      currency: line.currency ?? '',
    })),
});
