/** How members stood at the end of a month, as a snapshot states it; only those of sealed ones mean anything. */
import type { LedgerEvent } from '#libs/ledger';
import { count, flag, instant, latestOf, text } from '#libs/projector';
import { linesOfPage } from './snapshot-pages.js';

export const snapshotMembers = latestOf<LedgerEvent>()({
  name: 'snapshot_members',
  version: 1,
  key: { snapshot: text, memberId: text },
  /** `reachedAt` and `rank` are 0 where there is none. */
  columns: { totalReferrals: count, reachedAt: instant, tier: text, pinned: flag, rank: count },
  indexes: [{ columns: ['snapshot', 'rank'], where: 'rank > 0' }],
  rows: (event) =>
    linesOfPage(event).flatMap((line) => {
      if (line.kind !== 'member') return [];
      const { memberId, totalReferrals, reachedAt, tier, pinned, rank } = line;
      return [
        {
          snapshot: event.stream,
          memberId,
          totalReferrals,
          reachedAt: reachedAt ?? 0,
          tier,
          pinned,
          rank: BigInt(rank ?? 0),
        },
      ];
    }),
});
