/** What closing and restating a month answer: what is sealed, or would be. */
import type { DomainError, Instant, SealData, SnapshotLine } from '#libs/ledger';
import type { Blocker } from './month-blockers.js';

/** What is sealed of a month, by its latest version or the one that would be. */
export interface SealedAnswer {
  readonly creatorId: string;
  readonly seal: SealData;
  /** The seal's own place in the log; undefined: nothing was appended. */
  readonly position: bigint | undefined;
}

export interface PlannedStanding {
  readonly rank: number;
  readonly memberId: string;
  readonly tier: string;
  readonly totalReferrals: bigint;
}

/** What a dry run says beside what would be sealed. */
export interface MonthPlan {
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly string[];
  /** From then on no force is needed. */
  readonly closableAt: Instant;
  /** Why it would be refused without force; null: it would not. */
  readonly early: { readonly code: string; readonly says: string } | null;
  readonly top: readonly PlannedStanding[];
}

const TOP = 10;

export function planOf(
  { blockers, warnings }: Pick<MonthPlan, 'blockers' | 'warnings'>,
  lines: readonly SnapshotLine[],
  closableAt: Instant,
  early: DomainError | undefined,
): MonthPlan {
  const top = lines
    .flatMap((line) =>
      line.kind === 'member' && line.rank !== null ? [{ ...line, rank: line.rank }] : [],
    )
    .filter(({ rank }) => rank <= TOP)
    .sort((a, b) => a.rank - b.rank)
    .map(({ rank, memberId, tier, totalReferrals }) => ({ rank, memberId, tier, totalReferrals }));
  return {
    blockers,
    warnings,
    closableAt,
    early: early === undefined ? null : { code: early.code, says: early.detail },
    top,
  };
}
