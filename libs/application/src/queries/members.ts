/** Figures of members: one of them, the list, and those whom one referred. */
import { DomainError, type Instant, type Settings, type TierPin, UNRANKED } from '#libs/ledger';
import {
  type MembersSort,
  memberReferrals,
  memberStats,
  membersList,
  type StatsRow,
  type TierBounds,
} from '#projections';
import {
  type Framed,
  frameOf,
  type Named,
  named,
  referrerOf,
  shownTier,
  type TimePlace,
  tierPinOf,
} from './framed.js';
import type { ReadSide } from './read-side.js';

export interface MemberStats extends Named {
  readonly referralCode: string;
  readonly signedUpAt: Instant | null;
  readonly convertedAt: Instant | null;
  readonly referrer: Named | null;
  readonly currency: string;
  readonly otherCurrencies: readonly string[];
  readonly monthlyReferrals: bigint;
  readonly totalReferrals: bigint;
  readonly monthlyEarningsMinor: bigint;
  readonly totalEarningsMinor: bigint;
  readonly reversedReferrals: bigint;
  readonly tier: string;
  readonly tierPin: TierPin | null;
  /** Null: no referral, no rank. */
  readonly rank: number | null;
}

/** One member: figures of the month, totals, tier and rank as of its end. Throws `member_not_found`. */
export async function statsOfMember(
  reads: ReadSide,
  asked: { creatorId: string; memberId: string; month?: string; currency?: string },
): Promise<Framed<MemberStats>> {
  const answer = await reads.ask<StatsRow>(asked, (source, period, currency) =>
    memberStats(source, {
      ...asked,
      month: period.month,
      before: period.before,
      at: period.at,
      currency,
    }),
  );
  const row = foundMember(answer.rows[0], asked.memberId);
  const total = BigInt(row.total_before);
  return {
    ...frameOf(answer),
    ...named(row),
    referralCode: row.referral_code,
    signedUpAt: row.signed_up_at,
    convertedAt: row.converted_at,
    referrer: referrerOf(row),
    currency: answer.currency,
    otherCurrencies: row.other_currencies ?? [],
    monthlyReferrals: BigInt(row.monthly_referrals),
    totalReferrals: total,
    monthlyEarningsMinor: BigInt(row.monthly_minor),
    totalEarningsMinor: BigInt(row.total_minor),
    reversedReferrals: BigInt(row.monthly_reversed),
    tier: shownTier(answer.settings.tiersAt(answer.period.at), total, row),
    tierPin: tierPinOf(row),
    rank: row.rank === null ? null : Number(row.rank),
  };
}

function foundMember<T>(row: T | undefined, memberId: string): T {
  if (row === undefined)
    throw new DomainError('member_not_found', `no member ${memberId} is known`);
  return row;
}

export interface MemberSummary extends Named {
  readonly referralCode: string;
  readonly signedUpAt: Instant | null;
  readonly convertedAt: Instant | null;
  readonly referrer: Named | null;
  readonly totalReferrals: bigint;
  readonly tier: string;
  readonly tierPin: TierPin | null;
}
export interface SortPlace {
  readonly value: string;
  readonly memberId: string;
}

/** Members of a creator. `tier`: one in force now, or Unranked; another throws `tier_unknown`. */
export async function membersOf(
  reads: ReadSide,
  asked: {
    creatorId: string;
    q?: string;
    tier?: string;
    sort: MembersSort;
    limit: number;
    after?: SortPlace;
  },
): Promise<Framed<{ items: MemberSummary[]; next: SortPlace | undefined }>> {
  const { limit, tier, ...rest } = asked;
  const answer = await reads.ask(
    { creatorId: asked.creatorId },
    (source, { at }, _currency, settings) =>
      membersList(source, {
        ...rest,
        at,
        ...(tier === undefined ? {} : { tier: boundsOf(settings, at, tier) }),
        limit: limit + 1,
      }),
  );
  const tiers = answer.settings.tiersAt(answer.period.at);
  const rows = answer.rows.slice(0, limit);
  const last = rows.at(-1);
  return {
    ...frameOf(answer),
    items: rows.map((row) => ({
      ...named(row),
      referralCode: row.referral_code,
      signedUpAt: row.signed_up_at,
      convertedAt: row.converted_at,
      referrer: referrerOf(row),
      totalReferrals: BigInt(row.total_referrals),
      tier: shownTier(tiers, BigInt(row.total_referrals), row),
      tierPin: tierPinOf(row),
    })),
    next:
      answer.rows.length > limit && last
        ? { value: last.sort_value, memberId: last.member_id }
        : undefined,
  };
}

/** Total referrals that make a tier: from its threshold to below the next. */
function boundsOf(settings: Settings, at: Instant, tier: string): TierBounds {
  const tiers = [...settings.tiersAt(at)].sort((a, b) => a.from - b.from);
  const index = tiers.findIndex((candidate) => candidate.name === tier);
  if (index < 0 && tier !== UNRANKED) {
    const names = [UNRANKED, ...tiers.map(({ name }) => name)].join(', ');
    throw new DomainError('tier_unknown', `'${tier}' is not a tier of this creator: ${names}`);
  }
  const own = tiers[index];
  const next = tiers[index + 1];
  return {
    name: tier,
    ...(own === undefined ? {} : { from: BigInt(own.from) }),
    ...(next === undefined ? {} : { below: BigInt(next.from) }),
  };
}

export interface Referral extends Named {
  readonly signedUpAt: Instant | null;
  readonly convertedAt: Instant | null;
  /** Month of the conversion on the creator's calendar. */
  readonly month: string | null;
  readonly status: 'signedUp' | 'converted';
}

/** Those whom a member referred, latest news first. Throws `member_not_found`. */
export async function referralsOfMember(
  reads: ReadSide,
  asked: {
    creatorId: string;
    memberId: string;
    status?: Referral['status'];
    limit: number;
    after?: TimePlace;
  },
): Promise<Framed<{ items: Referral[]; next: TimePlace | undefined }>> {
  const { creatorId, memberId, status, limit, after } = asked;
  const answer = await reads.ask({ creatorId }, (source) =>
    memberReferrals(source, {
      creatorId,
      memberId,
      ...(status === undefined ? {} : { converted: status === 'converted' }),
      limit: limit + 1,
      ...(after === undefined ? {} : { after: { at: after.at, memberId: after.id } }),
    }),
  );
  if (answer.rows.length === 0) await statsOfMember(reads, { creatorId, memberId });
  const rows = answer.rows.slice(0, limit);
  const last = rows.at(-1);
  return {
    ...frameOf(answer),
    items: rows.map((row) => ({
      ...named(row),
      signedUpAt: row.signed_up_at,
      convertedAt: row.converted_at,
      month: row.converted_day?.slice(0, 7) ?? null,
      status: row.converted_at === null ? 'signedUp' : 'converted',
    })),
    next:
      answer.rows.length > limit && last ? { at: last.listed_at, id: last.member_id } : undefined,
  };
}
