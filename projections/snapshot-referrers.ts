/** What a snapshot states of members' referrals and earnings, of its own month and of earlier ones; only sealed ones mean anything. */
import { creatorOfSnapshotStream, type LedgerEvent } from '#libs/ledger';
import { count, latestOf, money, text } from '#libs/projector';
import { linesOfPage } from './snapshot-pages.js';

export const snapshotReferrers = latestOf<LedgerEvent>()({
  name: 'snapshot_referrers',
  version: 1,
  /** `origin` is the month that the figures belong to; an earlier one than the snapshot's: carried. */
  key: { creatorId: text, origin: text, snapshot: text, memberId: text, currency: text },
  columns: { referrals: count, reversedReferrals: count, earnedMinor: money, reversedMinor: money },
  indexes: [{ columns: ['snapshot', 'memberId'] }],
  rows: (event) =>
    linesOfPage(event).flatMap((line) => {
      if (line.kind !== 'referrer') return [];
      const { origin, memberId, currency, amounts } = line;
      const creatorId = creatorOfSnapshotStream(event.stream);
      return [{ creatorId, origin, snapshot: event.stream, memberId, currency, ...amounts }];
    }),
});
