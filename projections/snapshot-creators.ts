/** What a snapshot states of the creator's figures, of its own month and of earlier ones; only sealed ones mean anything. */
import { creatorOfSnapshotStream, type LedgerEvent } from '#libs/ledger';
import { latestOf, text } from '#libs/projector';
import { linesOfPage } from './snapshot-pages.js';
import { CREATOR_SUMS } from './sold.js';

export const snapshotCreators = latestOf<LedgerEvent>()({
  name: 'snapshot_creators',
  version: 1,
  /** As those of `snapshot_referrers`. */
  key: { creatorId: text, origin: text, snapshot: text, currency: text },
  columns: CREATOR_SUMS,
  rows: (event) =>
    linesOfPage(event).flatMap((line) => {
      if (line.kind !== 'creator') return [];
      const { origin, currency, amounts } = line;
      const creatorId = creatorOfSnapshotStream(event.stream);
      return [{ creatorId, origin, snapshot: event.stream, currency, ...amounts }];
    }),
});
