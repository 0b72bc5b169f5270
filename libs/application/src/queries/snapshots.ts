/** A snapshot as a list: every line of one version of a month. */
import {
  type Amounts,
  CREATOR_FIGURES,
  type CreatorFigure,
  DomainError,
  REFERRER_FIGURES,
  type ReferrerFigure,
} from '#libs/ledger';
import { amountsFrom, type SnapshotLineRow, snapshotLineRows } from '#projections';
import { type Named, named } from './framed.js';
import { type Exported, exportOf } from './listing.js';
import { monthOf } from './months.js';
import type { ReadSide, View } from './read-side.js';

/** A line of a snapshot's list: the creator's, or a member's with the figures of a currency of a month. */
export interface SnapshotItem extends Named {
  readonly kind: 'creator' | 'member';
  readonly rank: number | null;
  readonly tier: string | null;
  readonly totalReferrals: bigint | null;
  /** The month of the figures: an earlier one is carried; null: none. */
  readonly origin: string | null;
  readonly currency: string | null;
  readonly referrer: Amounts<ReferrerFigure> | null;
  readonly creator: Amounts<CreatorFigure> | null;
}

/** Every line of a version of a month, of the latest if none is named. Throws `month_not_closed`, `version_unknown`. */
export async function exportSnapshot(
  reads: ReadSide,
  { creatorId, month, version }: { creatorId: string; month: string; version?: number | undefined },
): Promise<Exported<SnapshotItem> & { readonly version: number }> {
  const { versions } = await monthOf(reads, { creatorId, month, limit: 0 });
  const found = version === undefined ? versions.at(-1) : versions[version - 1];
  if (versions.length === 0)
    throw new DomainError('month_not_closed', `${month} is not closed: there is no snapshot of it`);
  if (found === undefined)
    throw new DomainError('version_unknown', `${month} has versions 1 to ${versions.length}`);
  const { snapshot } = found;
  const exported = await exportOf<SnapshotLineRow, SnapshotItem, never>(reads, {
    asked: { creatorId, month },
    rows: (schema) => snapshotLineRows(schema, { creatorId, snapshot }),
    item: snapshotItem,
  });
  return { ...exported, version: found.version };
}

const snapshotItem = (row: SnapshotLineRow, { nameOf }: View): SnapshotItem => ({
  ...named(row, nameOf),
  kind: row.kind,
  rank: row.rank === null ? null : Number(row.rank),
  tier: row.tier,
  totalReferrals: row.total_referrals === null ? null : BigInt(row.total_referrals),
  origin: row.origin === '' ? null : row.origin,
  currency: row.currency === '' ? null : row.currency,
  referrer: row.referrer && amountsFrom(REFERRER_FIGURES, row.referrer),
  creator: row.creator && amountsFrom(CREATOR_FIGURES, row.creator),
});
