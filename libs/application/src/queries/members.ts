/** Figures of members: one of them, and the list. */
import { DomainError, type Instant, type Settings, type TierPin, UNRANKED } from '#libs/ledger';
import {
  type MemberRow,
  type MembersSort,
  memberRows,
  memberStats,
  type StatsRow,
  type TierBounds,
} from '#projections';
import {
  type AsClosed,
  type MemberAsClosed,
  membersAsClosed,
  referrerCounts,
  referrerIn,
} from './as-closed.js';
import {
  type Framed,
  frameOf,
  type Named,
  named,
  referrerOf,
  shownTier,
  tierPinOf,
} from './framed.js';
import { exportOf, type Listing, type PageAsked, pageOf } from './listing.js';
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
  /** Of a closed month: what its latest version says. */
  readonly asClosed?: AsClosed &
    Pick<
      MemberStats,
      'monthlyReferrals' | 'totalReferrals' | 'reversedReferrals' | 'monthlyEarningsMinor' | 'rank'
    > & { readonly tier: string | null };
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
    ...named(row, answer.nameOf),
    referralCode: row.referral_code,
    signedUpAt: row.signed_up_at,
    convertedAt: row.converted_at,
    referrer: referrerOf(row, answer.nameOf),
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
    ...statsAsClosed(membersAsClosed(answer.beside).get(answer.period.month), answer.currency),
  };
}

function statsAsClosed(
  sealed: MemberAsClosed | undefined,
  currency: string,
): Pick<MemberStats, 'asClosed'> {
  if (sealed === undefined) return {};
  const { version, digest, totalReferrals, tier, rank } = sealed;
  const { referrals, reversedReferrals } = referrerCounts(sealed);
  const { earnedMinor, reversedMinor } = referrerIn(sealed, currency);
  return {
    asClosed: {
      version,
      digest,
      monthlyReferrals: referrals,
      totalReferrals,
      reversedReferrals,
      monthlyEarningsMinor: earnedMinor - reversedMinor,
      tier,
      rank,
    },
  };
}

export function foundMember<T>(row: T | undefined, memberId: string): T {
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

export interface MembersAsked {
  readonly creatorId: string;
  readonly q?: string | undefined;
  /** One in force now, or Unranked; another throws `tier_unknown`. */
  readonly tier?: string | undefined;
  /** Only those whose tier an admin has pinned, or only the others. */
  readonly pinned?: boolean | undefined;
  readonly sort: MembersSort;
}

const listing = (
  asked: MembersAsked,
  marks: readonly bigint[],
): Listing<MemberRow & { sort_value: string }, MemberSummary, SortPlace> => {
  const { creatorId, q, tier, pinned, sort } = asked;
  return {
    asked: { creatorId },
    rows: (schema, { settings, period: { at } }, { limit, after }) =>
      memberRows(schema, {
        creatorId,
        q: q === undefined ? undefined : { text: q, marks },
        at,
        tier: tier === undefined ? undefined : boundsOf(settings, at, tier),
        pinned,
        sort,
        limit,
        after,
      }),
    place: ({ sort_value: value, member_id: memberId }) => ({ value, memberId }),
    item: (row, { settings, period, nameOf }) => ({
      ...named(row, nameOf),
      referralCode: row.referral_code,
      signedUpAt: row.signed_up_at,
      convertedAt: row.converted_at,
      referrer: referrerOf(row, nameOf),
      totalReferrals: BigInt(row.total_referrals),
      tier: shownTier(settings.tiersAt(period.at), BigInt(row.total_referrals), row),
      tierPin: tierPinOf(row),
    }),
  };
};

/** Members of a creator. Throws `tier_unknown`. */
export const membersOf = async (reads: ReadSide, asked: MembersAsked, page: PageAsked<SortPlace>) =>
  pageOf(reads, listing(asked, await marksOf(reads, asked)), page);

export const exportMembers = async (reads: ReadSide, asked: MembersAsked) =>
  exportOf(reads, listing(asked, await marksOf(reads, asked)));

const marksOf = async (reads: ReadSide, { creatorId, q }: MembersAsked) =>
  q === undefined ? [] : reads.searchMarks(creatorId, q);

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
