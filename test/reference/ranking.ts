/** The ranking of the reference model: sorted afresh from the referrals for each month asked about. */
import { bytewise, distinct } from './facts.js';
import { tierOf } from './in-force.js';
import type { RankingRow, ReferralRow, Settings } from './shapes.js';

/** Members with a referral by total, then who reached it first, then member id, bytewise. */
export function rankingAt(
  asOf: string,
  referrals: readonly ReferralRow[],
  settings: Settings,
  inForce: (from: number) => boolean,
): RankingRow[] {
  const counted = referrals.filter(
    (one) => one.month !== null && (asOf === 'now' || one.month <= asOf),
  );
  const rows = distinct(counted.map((one) => one.referrerId)).map((memberId) => {
    const own = counted.filter((one) => one.referrerId === memberId);
    const reachedAt = Math.max(...own.map((one) => one.convertedAt ?? 0));
    return { memberId, totalReferrals: own.length, reachedAt };
  });
  rows.sort(
    (a, b) =>
      b.totalReferrals - a.totalReferrals ||
      a.reachedAt - b.reachedAt ||
      bytewise(a.memberId, b.memberId),
  );
  return rows.map((row, index) => ({
    creatorId: settings.creatorId,
    asOf,
    rank: index + 1,
    ...row,
    tier: tierOf(row.totalReferrals, settings, inForce),
  }));
}
