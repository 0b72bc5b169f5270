/** What a closed month said when it was closed, beside what is now known of it (product.md, "Figures"). */
import {
  type Amounts,
  CREATOR_FIGURES,
  type CreatorFigure,
  REFERRER_FIGURES,
  type ReferrerFigure,
  type StoredTotals,
  sumOf,
} from '#libs/ledger';
import { amountsFrom, type SealedMemberRow, type SealedMonthRow } from '#projections';
import { type InCurrency, type SnapshotTotals, totalsOf } from './sealed.js';

/** Of the latest version. */
export interface AsClosed {
  readonly version: number;
  readonly digest: string;
}

export interface CreatorAsClosed extends AsClosed {
  readonly totals: SnapshotTotals;
}

export interface MemberAsClosed extends AsClosed {
  readonly totalReferrals: bigint;
  /** Null: the member is not in the snapshot. */
  readonly tier: string | null;
  readonly rank: number | null;
  readonly figures: readonly InCurrency<ReferrerFigure>[];
}

/** By month; those that are not closed are not there. `beside` is what the statement read. */
export const creatorsAsClosed = (
  beside: readonly unknown[] | undefined,
): Map<string, CreatorAsClosed> =>
  new Map(
    ((beside ?? []) as readonly SealedMonthRow[]).map(({ month, version, digest, totals }) => [
      month,
      { version, digest, totals: totalsOf(month, JSON.parse(totals) as StoredTotals) },
    ]),
  );

export const membersAsClosed = (
  beside: readonly unknown[] | undefined,
): Map<string, MemberAsClosed> =>
  new Map(
    ((beside ?? []) as readonly SealedMemberRow[]).map((row) => [
      row.month,
      {
        version: row.version,
        digest: row.digest,
        totalReferrals: BigInt(row.total_referrals ?? 0),
        tier: row.tier,
        rank: row.rank === null ? null : Number(row.rank),
        figures: (row.figures ?? []).map(({ currency, amounts }) => ({
          currency,
          amounts: amountsFrom(REFERRER_FIGURES, amounts),
        })),
      },
    ]),
  );

/** Figures of one currency; zeros where there are none. */
export const creatorIn = ({ totals }: CreatorAsClosed, currency: string): Amounts<CreatorFigure> =>
  inCurrency(CREATOR_FIGURES, totals.creator, currency);

export const referrerIn = (
  { figures }: MemberAsClosed,
  currency: string,
): Amounts<ReferrerFigure> => inCurrency(REFERRER_FIGURES, figures, currency);

/** Counts have no currency: those of all are one. */
export const creatorCounts = ({ totals }: CreatorAsClosed): Amounts<CreatorFigure> =>
  sumOf(
    CREATOR_FIGURES,
    totals.creator.map(({ amounts }) => amounts),
  );
export const referrerCounts = ({ figures }: MemberAsClosed): Amounts<ReferrerFigure> =>
  sumOf(
    REFERRER_FIGURES,
    figures.map(({ amounts }) => amounts),
  );

const inCurrency = <F extends string>(
  names: readonly F[],
  rows: readonly InCurrency<F>[],
  currency: string,
): Amounts<F> => rows.find((row) => row.currency === currency)?.amounts ?? sumOf(names, []);
