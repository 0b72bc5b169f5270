/** The product's figures as typed queries (product.md, "Figures" and "The HTTP interface"). Amounts are bigint minor units. */
import { DomainError, type Instant, type Settings, tierOf } from '#libs/ledger';
import {
  creatorMonth,
  creatorReferrals,
  creatorsList,
  type MemberRow,
  type MembersSort,
  memberReferrals,
  memberStats,
  membersList,
  type PaymentKind,
  payments,
  type RankedRow,
  rankingAsOf,
  rankingNow,
  type StatsRow,
  settingsOf,
} from '#projections';
import type { Answer, ReadSide } from './read-side.js';

export interface Named {
  readonly memberId: string;
  /** What to call them: name, else username, else id. */
  readonly name: string;
}

const named = (row: {
  member_id: string;
  name: string | null;
  username: string | null;
}): Named => ({
  memberId: row.member_id,
  name: row.name ?? row.username ?? row.member_id,
});

const referrerOf = (row: MemberRow): Named | null =>
  row.referrer_id === null
    ? null
    : named({
        member_id: row.referrer_id,
        name: row.referrer_name,
        username: row.referrer_username,
      });

/** What every answer carries. */
export type Framed<T> = T & Pick<Answer<never>, 'asOf' | 'period'>;

export interface Ranked extends Named {
  readonly rank: number;
  readonly referralCode: string;
  readonly tier: string;
  readonly totalReferrals: bigint;
  readonly reachedAt: Instant;
  readonly monthlyReferrals: bigint;
  readonly monthlyEarningsMinor: bigint;
}

/** Place of the last row of the page before. */
export interface RankPlace {
  readonly rank: number;
  readonly total: bigint;
  readonly reachedAt: Instant;
  readonly memberId: string;
}

export async function topReferrers(
  reads: ReadSide,
  asked: { creatorId: string; month?: string; currency?: string; limit: number; after?: RankPlace },
): Promise<
  Framed<{
    currency: string;
    otherCurrencies: readonly string[];
    items: Ranked[];
    next: RankPlace | undefined;
  }>
> {
  const { limit, after } = asked;
  const answer = await reads.ask<RankedRow>(asked, async (source, period, currency) => {
    const { creatorId } = asked;
    const args = {
      creatorId,
      month: period.month,
      before: period.before,
      currency,
      limit: limit + 1,
      ...(after && { after }),
    };
    if (!period.isCurrent) return rankingAsOf(source, args);
    const now = await rankingNow(source, args);
    // A page without rows does not say; the first page of today's ranking is empty only if any is.
    const hasLater = now?.rows[0]?.has_later ?? after !== undefined;
    return now !== undefined && hasLater ? rankingAsOf(source, args) : now;
  });
  const tiers = answer.settings.tiersAt(answer.period.at);
  const items = answer.rows.slice(0, limit).map((row, n) => ({
    ...named(row),
    rank: (after?.rank ?? 0) + n + 1,
    referralCode: row.referral_code,
    tier: tierOf(tiers, BigInt(row.total_referrals)),
    totalReferrals: BigInt(row.total_referrals),
    reachedAt: row.reached_at,
    monthlyReferrals: BigInt(row.monthly_referrals),
    monthlyEarningsMinor: BigInt(row.monthly_minor),
  }));
  const last = items.at(-1);
  return {
    ...frameOf(answer),
    currency: answer.currency,
    otherCurrencies: answer.rows[0]?.other_currencies ?? [],
    items,
    next:
      answer.rows.length > limit && last
        ? {
            rank: last.rank,
            total: last.totalReferrals,
            reachedAt: last.reachedAt,
            memberId: last.memberId,
          }
        : undefined,
  };
}

const frameOf = ({ asOf, period }: Answer<unknown>) => ({ asOf, period });

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
  /** Null: no referral, no rank. */
  readonly rank: number | null;
}

/** One member: figures of the month, totals, tier and rank as of its end. Throws `member_not_found`. */
export async function statsOfMember(
  reads: ReadSide,
  asked: { creatorId: string; memberId: string; month?: string; currency?: string },
): Promise<Framed<MemberStats>> {
  const answer = await reads.ask<StatsRow>(asked, (source, period, currency) =>
    memberStats(source, { ...asked, month: period.month, before: period.before, currency }),
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
    tier: tierOf(answer.settings.tiersAt(answer.period.at), total),
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
    (source, period, _currency, settings) =>
      membersList(source, { ...rest, ...boundsOf(settings, period.at, tier), limit: limit + 1 }),
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
      tier: tierOf(tiers, BigInt(row.total_referrals)),
    })),
    next:
      answer.rows.length > limit && last
        ? { value: last.sort_value, memberId: last.member_id }
        : undefined,
  };
}

/** Total referrals that make a tier: from its threshold to below the next. */
function boundsOf(
  settings: Settings,
  at: Instant,
  tier: string | undefined,
): { from?: bigint; below?: bigint } {
  if (tier === undefined) return {};
  const tiers = [...settings.tiersAt(at)].sort((a, b) => a.from - b.from);
  const index = tiers.findIndex((candidate) => candidate.name === tier);
  if (index < 0 && tier !== 'Unranked') {
    const names = ['Unranked', ...tiers.map(({ name }) => name)].join(', ');
    throw new DomainError('tier_unknown', `'${tier}' is not a tier of this creator: ${names}`);
  }
  const own = tiers[index];
  const next = tiers[index + 1];
  return {
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
export interface TimePlace {
  readonly at: Instant;
  readonly id: string;
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

export interface Conversion {
  readonly member: Named;
  readonly referrer: Named;
  readonly convertedAt: Instant;
  readonly month: string;
}

/** A creator's newest conversions ("recent referrals"). */
export async function recentReferrals(
  reads: ReadSide,
  asked: { creatorId: string; limit: number; after?: TimePlace },
): Promise<Framed<{ items: Conversion[]; next: TimePlace | undefined }>> {
  const { creatorId, limit, after } = asked;
  const answer = await reads.ask({ creatorId }, (source) =>
    creatorReferrals(source, {
      creatorId,
      limit: limit + 1,
      ...(after === undefined ? {} : { after: { at: after.at, memberId: after.id } }),
    }),
  );
  const rows = answer.rows.slice(0, limit);
  const last = rows.at(-1);
  return {
    ...frameOf(answer),
    items: rows.map((row) => ({
      member: named(row),
      referrer: named({
        member_id: row.referrer_id,
        name: row.referrer_name,
        username: row.referrer_username,
      }),
      convertedAt: row.at,
      month: row.day.slice(0, 7),
    })),
    next: answer.rows.length > limit && last ? { at: last.at, id: last.member_id } : undefined,
  };
}

export interface Payment {
  readonly paymentId: string;
  readonly member: Named;
  readonly referrerId: string | null;
  readonly kind: 'initial' | 'recurring';
  readonly organic: boolean;
  readonly paidAt: Instant;
  readonly month: string;
  readonly currency: string;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

/** Commission lines by payment, newest first; all months unless one is named. */
export async function paymentsOf(
  reads: ReadSide,
  asked: {
    creatorId: string;
    month?: string;
    memberId?: string;
    kind?: PaymentKind;
    limit: number;
    after?: TimePlace;
  },
): Promise<Framed<{ items: Payment[]; next: TimePlace | undefined }>> {
  const { limit, after, ...filters } = asked;
  const answer = await reads.ask({ creatorId: asked.creatorId }, (source) =>
    payments(source, {
      ...filters,
      limit: limit + 1,
      ...(after === undefined ? {} : { after: { at: after.at, paymentId: after.id } }),
    }),
  );
  const rows = answer.rows.slice(0, limit);
  const last = rows.at(-1);
  return {
    ...frameOf(answer),
    items: rows.map((row) => ({
      paymentId: row.payment_id,
      member: named(row),
      referrerId: row.referrer_id === '' ? null : row.referrer_id,
      kind: row.first ? 'initial' : 'recurring',
      organic: row.referrer_id === '',
      paidAt: row.at,
      month: row.day.slice(0, 7),
      currency: row.currency,
      saleMinor: BigInt(row.sale_minor),
      memberMinor: BigInt(row.member_minor),
      creatorMinor: BigInt(row.creator_minor),
      platformMinor: BigInt(row.platform_minor),
    })),
    next: answer.rows.length > limit && last ? { at: last.at, id: last.payment_id } : undefined,
  };
}

export interface Creator {
  readonly creatorId: string;
  readonly registeredAt: Instant;
}

/** Every creator, by id. */
export async function creatorsOf(
  reads: ReadSide,
  asked: { limit: number; after?: string },
): Promise<Pick<Answer<never>, 'asOf'> & { items: Creator[]; next: string | undefined }> {
  const { limit, after } = asked;
  const read = await reads.withSource((source) =>
    creatorsList(source, { limit: limit + 1, ...(after === undefined ? {} : { after }) }),
  );
  const rows = read.rows.slice(0, limit);
  return {
    asOf: read.asOf,
    items: rows.map((row) => ({ creatorId: row.creator_id, registeredAt: row.registered_at })),
    next: read.rows.length > limit ? rows.at(-1)?.creator_id : undefined,
  };
}

/** A creator's settings, of all times. Throws `creator_not_found`. */
export async function settingsOfCreator(
  reads: ReadSide,
  creatorId: string,
): Promise<Framed<{ settings: Settings }>> {
  const answer = await reads.ask<never>({ creatorId }, (source) => settingsOf(source, creatorId));
  return { ...frameOf(answer), settings: answer.settings };
}

export interface CreatorFigures {
  readonly creatorId: string;
  readonly settings: Settings;
  /** As of the end of the month. */
  readonly members: bigint;
  readonly totalReferrals: bigint;
  readonly monthlyReferrals: bigint;
  /** Of referred members. */
  readonly monthlySignUps: bigint;
  readonly currency: string;
  readonly otherCurrencies: readonly string[];
  readonly initialPayments: bigint;
  readonly recurringPayments: bigint;
  readonly revenueMinor: bigint;
  readonly organicMinor: bigint;
  readonly referredMinor: bigint;
  readonly initialMinor: bigint;
  readonly recurringMinor: bigint;
  readonly refundsMinor: bigint;
}

/** One creator with the figures of a month. */
export async function creatorOf(
  reads: ReadSide,
  asked: { creatorId: string; month?: string; currency?: string },
): Promise<Framed<CreatorFigures>> {
  const { creatorId } = asked;
  const answer = await reads.ask(asked, (source, { month, before }) =>
    creatorMonth(source, { creatorId, month, before }),
  );
  const { rows, currency } = answer;
  const sum = (of: (row: (typeof rows)[number]) => string): bigint =>
    rows.reduce((total, row) => total + BigInt(of(row)), 0n);
  const own = rows.find((row) => row.currency === currency);
  return {
    ...frameOf(answer),
    settings: answer.settings,
    creatorId,
    members: BigInt(rows[0]?.members ?? 0),
    totalReferrals: BigInt(rows[0]?.total_referrals ?? 0),
    monthlyReferrals: sum((row) => row.referrals),
    monthlySignUps: sum((row) => row.sign_ups),
    currency,
    otherCurrencies: rows
      .filter((row) => row.currency !== currency && row.currency !== '' && hasAmounts(row))
      .map((row) => row.currency),
    initialPayments: BigInt(own?.initial_payments ?? 0),
    recurringPayments: BigInt(own?.recurring_payments ?? 0),
    revenueMinor: BigInt(own?.organic_minor ?? 0) + BigInt(own?.referred_minor ?? 0),
    organicMinor: BigInt(own?.organic_minor ?? 0),
    referredMinor: BigInt(own?.referred_minor ?? 0),
    initialMinor: BigInt(own?.initial_minor ?? 0),
    recurringMinor: BigInt(own?.recurring_minor ?? 0),
    refundsMinor: BigInt(own?.refunds_minor ?? 0),
  };
}

const hasAmounts = (row: {
  organic_minor: string;
  referred_minor: string;
  refunds_minor: string;
}): boolean => row.organic_minor !== '0' || row.referred_minor !== '0' || row.refunds_minor !== '0';
