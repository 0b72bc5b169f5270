/** Members of a month, a page at a time: as a version states them, and where that is not what is known. */
import {
  type Amounts,
  checkMonth,
  DomainError,
  REFERRER_FIGURES,
  type ReferrerFigure,
} from '#libs/ledger';
import {
  amountsFrom,
  type DriftPlace,
  type DriftRow,
  driftOfMonth,
  type LastClosedRow,
  type SealedMemberLinesRow,
  type SealedPlace,
  type SnapshotRow,
  sealedMembers,
} from '#projections';
import { type Framed, frameOf, type Named, named } from './framed.js';
import type { Page, PageAsked } from './listing.js';
import type { NameOf, ReadSide } from './read-side.js';
import type { CarriedAmounts } from './sealed.js';

export interface SealedMember extends Named {
  /** Null: they had referred nobody. */
  readonly rank: bigint | null;
  readonly tier: string;
  readonly pinned: boolean;
  readonly totalReferrals: bigint;
  /** Of the month itself first, then what is carried of earlier ones; none: nothing but their standing. */
  readonly figures: readonly CarriedAmounts<ReferrerFigure>[];
}

export interface SealedMembersAsked {
  readonly creatorId: string;
  readonly month: string;
  /** Absent: the latest. */
  readonly version?: number | undefined;
}

/** By rank, then by id. Throws `month_malformed`, `month_not_closed`, `version_unknown`. */
export async function sealedMembersOf(
  reads: ReadSide,
  { creatorId, month, version }: SealedMembersAsked,
  { limit, after }: PageAsked<SealedPlace>,
): Promise<
  Framed<Page<SealedMember, SealedPlace> & { readonly version: number; readonly digest: string }>
> {
  checkMonth(month);
  const answer = await reads.ask<SealedMemberLinesRow>({ creatorId, month }, (source) =>
    sealedMembers(source, { creatorId, month, version, limit: limit + 1, after }),
  );
  const versions = (answer.beside ?? []) as readonly SnapshotRow[];
  const latest = versions.at(-1);
  if (latest === undefined) throw notClosed(month);
  const found = version === undefined ? latest : versions.find((one) => one.version === version);
  if (found === undefined)
    throw new DomainError('version_unknown', `${month} has versions 1 to ${latest.version}`);
  const items = answer.rows.slice(0, limit).map((row) => sealedMember(row, answer.nameOf));
  const last = items.at(-1);
  return {
    ...frameOf(answer),
    version: found.version,
    digest: found.digest,
    items,
    next:
      answer.rows.length > limit && last !== undefined
        ? { rank: last.rank ?? 0n, memberId: last.memberId }
        : undefined,
  };
}

const sealedMember = (row: SealedMemberLinesRow, nameOf: NameOf): SealedMember => ({
  ...named(row, nameOf),
  rank: row.rank === null ? null : BigInt(row.rank),
  tier: row.tier,
  pinned: row.pinned,
  totalReferrals: BigInt(row.total_referrals),
  figures: row.figures.map(({ origin, currency, amounts }) => ({
    origin,
    currency,
    amounts: amountsFrom(REFERRER_FIGURES, amounts),
  })),
});

/** Known = sealed + carried + what is pending: that is what drifted. */
export interface Drifted extends Named {
  readonly currency: string;
  /** By the latest version of the month; zeros where no version is. */
  readonly sealed: Amounts<ReferrerFigure>;
  /** By later closes. */
  readonly carried: Amounts<ReferrerFigure>;
  readonly known: Amounts<ReferrerFigure>;
}

/**
 * Members of a closed month whose figures are not what is stated of them, by id and currency
 * (product.md, "Months": pending). Throws `month_malformed`, `month_not_closed`.
 */
export async function driftOf(
  reads: ReadSide,
  { creatorId, month }: { readonly creatorId: string; readonly month: string },
  { limit, after }: PageAsked<DriftPlace>,
): Promise<Framed<Page<Drifted, DriftPlace>>> {
  checkMonth(month);
  const answer = await reads.ask<DriftRow>({ creatorId, month }, (source) =>
    driftOfMonth(source, { creatorId, month, limit: limit + 1, after }),
  );
  const [closed] = (answer.beside ?? []) as readonly LastClosedRow[];
  // What belongs to a month after the last one closed is open, not late.
  if (closed === undefined || closed.last === null || month > closed.last) throw notClosed(month);
  const items = answer.rows.slice(0, limit).map(
    (row): Drifted => ({
      ...named(row, answer.nameOf),
      currency: row.currency,
      sealed: amountsFrom(REFERRER_FIGURES, row.sealed),
      carried: amountsFrom(REFERRER_FIGURES, row.carried),
      known: amountsFrom(REFERRER_FIGURES, row.known),
    }),
  );
  const last = items.at(-1);
  return {
    ...frameOf(answer),
    items,
    next:
      answer.rows.length > limit && last !== undefined
        ? { memberId: last.memberId, currency: last.currency }
        : undefined,
  };
}

const notClosed = (month: string): DomainError =>
  new DomainError('month_not_closed', `${month} is not closed: nothing is stated of it`);
