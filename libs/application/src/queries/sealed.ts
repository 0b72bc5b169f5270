/** What is sealed of a month: its versions, and their sums by the month to which they belong. */
import {
  type Amounts,
  amountsOf,
  CREATOR_FIGURES,
  type CreatorFigure,
  type Instant,
  REFERRER_FIGURES,
  type ReferrerFigure,
  type StoredTotals,
} from '#libs/ledger';
import type { SnapshotRow } from '#projections';

/** Figures of one currency; '' for sign-ups, which have none. */
export interface InCurrency<F extends string> {
  readonly currency: string;
  readonly amounts: Amounts<F>;
}
export interface CarriedAmounts<F extends string> extends InCurrency<F> {
  readonly origin: string;
}

/** One sealed version of a month. */
export interface SealedVersion {
  readonly version: number;
  readonly digest: string;
  /** Every event up to it is in the figures, none after it. */
  readonly throughPosition: bigint;
  readonly sealedAt: Instant;
  readonly snapshot: string;
  readonly pages: number;
  readonly lines: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly timeZone: string;
  readonly tzVersion: string;
  readonly forced: boolean;
  readonly reason: string | null;
  /** Digest of the version that it replaced; null: it closed the month. */
  readonly replaces: string | null;
  readonly totals: SnapshotTotals;
}

export interface SnapshotTotals {
  /** Signed up by the end of the month. */
  readonly members: bigint;
  readonly totalReferrals: bigint;
  /** Of the month itself. */
  readonly creator: readonly InCurrency<CreatorFigure>[];
  readonly referrers: readonly InCurrency<ReferrerFigure>[];
  /** Of earlier months: what had become known of them by then. */
  readonly carriedCreator: readonly CarriedAmounts<CreatorFigure>[];
  readonly carriedReferrers: readonly CarriedAmounts<ReferrerFigure>[];
}

export function totalsOf(month: string, stored: StoredTotals): SnapshotTotals {
  const all = <F extends string>(names: readonly F[], rows: readonly (readonly string[])[]) =>
    rows.map(([origin = '', currency = '', ...texts]) => ({
      origin,
      currency,
      amounts: amountsOf(names, texts),
    }));
  const creator = all(CREATOR_FIGURES, stored.creator);
  const referrers = all(REFERRER_FIGURES, stored.referrers);
  const own = <T extends { readonly origin: string }>(rows: readonly T[]) =>
    rows.filter(({ origin }) => origin === month);
  const carried = <T extends { readonly origin: string }>(rows: readonly T[]) =>
    rows.filter(({ origin }) => origin !== month);
  return {
    members: BigInt(stored.members),
    totalReferrals: BigInt(stored.totalReferrals),
    creator: own(creator),
    referrers: own(referrers),
    carriedCreator: carried(creator),
    carriedReferrers: carried(referrers),
  };
}

export const versionOf = (row: SnapshotRow): SealedVersion => ({
  version: row.version,
  digest: row.digest,
  throughPosition: BigInt(row.position),
  sealedAt: row.sealed_at,
  snapshot: row.snapshot,
  pages: row.pages,
  lines: row.lines,
  from: row.from_at,
  to: row.to_at,
  timeZone: row.time_zone,
  tzVersion: row.tz_version,
  forced: row.forced,
  reason: row.reason,
  replaces: row.replaces,
  totals: totalsOf(row.month, JSON.parse(row.totals) as StoredTotals),
});
