/** Every sealed version of a closed month, and the stream that holds its lines. */
import { creatorOfMonthsStream, type LedgerEvent } from '#libs/ledger';
import { count, flag, instant, jsonText, latestOf, optional, text } from '#libs/projector';

export const snapshots = latestOf<LedgerEvent>()({
  name: 'snapshots',
  version: 2,
  key: { creatorId: text, month: text, version: count },
  columns: {
    /** The stream of its pages: the key of its lines. */
    snapshot: text,
    /** Every event up to it is in the figures, none after it. */
    position: count,
    digest: text,
    pages: count,
    lines: count,
    sealedAt: instant,
    fromAt: instant,
    toAt: instant,
    timeZone: text,
    tzVersion: text,
    /** StoredTotals, as JSON. */
    totals: text,
    forced: flag,
    reason: optional,
    /** Digest of the version that it replaced; null: it closed the month. */
    replaces: optional,
  },
  rows: (event) => {
    if (event.type !== 'MonthClosed' && event.type !== 'MonthRestated') return [];
    const { month, version, snapshot, position, digest, pages, lines, from, to } = event.data;
    const { timeZone, tzVersion, totals, reason = null } = event.data;
    return [
      {
        creatorId: creatorOfMonthsStream(event.stream),
        month,
        version: BigInt(version),
        snapshot,
        position: BigInt(position),
        digest,
        pages: BigInt(pages),
        lines: BigInt(lines),
        sealedAt: event.effectiveAt,
        fromAt: from,
        toAt: to,
        timeZone,
        tzVersion,
        totals: jsonText(totals),
        forced: event.type === 'MonthClosed' && event.data.forced === true,
        reason,
        replaces: event.type === 'MonthRestated' ? event.data.replaces : null,
      },
    ];
  },
});
