/**
 * The ranking of a creator's referrers: total referrals, then who reached that total first, then
 * member id bytewise (product.md, "Ranking"). One index in that order is the whole page.
 */
import { type LedgerEvent, linesOf } from '#libs/ledger';
import { count, sumsOf, text } from '#libs/projector';

export const rankings = sumsOf<LedgerEvent>()({
  name: 'rankings',
  version: 1,
  key: { creatorId: text, memberId: text },
  sums: { totalReferrals: count, reversedReferrals: count },
  /** The exception: when the present total was reached is the time of the latest counted conversion, which cannot be un-added. */
  recomputed: {
    column: 'reachedAt',
    type: 'instant',
    sql: `(select r.at from {schema}.referrals r
      where r.creator_id = t.creator_id and r.referrer_id = t.member_id
        and r.kind = 'conversion' and r.count <> 0 order by r.at desc limit 1)`,
  },
  indexes: [
    {
      columns: ['creatorId', 'totalReferrals desc', 'reachedAt', 'memberId'],
      where: 'total_referrals > 0',
    },
  ],
  rows: (event) =>
    linesOf(event).flatMap(({ kind, creatorId, referrerId, count }) => {
      if (referrerId === null || (kind !== 'conversion' && kind !== 'reversedConversion'))
        return [];
      const conversion = kind === 'conversion';
      return [
        {
          creatorId,
          memberId: referrerId,
          totalReferrals: conversion ? count : 0n,
          reversedReferrals: conversion ? 0n : count,
        },
      ];
    }),
});
