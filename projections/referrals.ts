/**
 * Sign-ups and conversions of members, by who referred them: rows whose count is not zero are
 * current, a corrected one has gone to zero. The referral lists and the ranking's ties read it.
 */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { count, instant, sumsOf, text } from '#libs/projector';

export const referrals = sumsOf<LedgerEvent>()({
  name: 'referrals',
  version: 1,
  key: {
    creatorId: text,
    memberId: text,
    kind: text,
    /** '' for an organic member. */
    referrerId: text,
    at: instant,
    day: text,
  },
  sums: { count },
  indexes: [
    { columns: ['creatorId', 'referrerId', 'kind', 'at desc'], where: 'count <> 0' },
    {
      columns: ['creatorId', 'kind', 'at desc', 'memberId desc'],
      where: `count <> 0 and referrer_id <> ''`,
    },
  ],
  rows: (event) =>
    linesOf(event)
      .filter((line) => line.kind === 'signUp' || line.kind === 'conversion')
      .map(({ creatorId, memberId, kind, referrerId, at, day, count }) => ({
        creatorId,
        memberId,
        kind,
        referrerId: referrerId ?? '',
        at,
        day,
        count,
      })),
});
