/** The product's figures as typed queries (product.md, "Figures" and "The HTTP interface"). Amounts are bigint minor units. */
import type { Instant, Settings } from '#libs/ledger';
import {
  creatorMonth,
  creatorsList,
  firstRankingsNow,
  nextRankingNow,
  type RankedRow,
  type RankingArgs,
  type Read,
  type ReadSource,
  rankingAsOf,
  rankingRows,
  settingsOf,
} from '#projections';
import { type Framed, frameOf, type Named, named, shownTier } from './framed.js';
import { exportOf } from './listing.js';
import type { Answer, ReadSide, View } from './read-side.js';

export type { Framed, Named, TimePlace } from './framed.js';
export type { Exported } from './listing.js';
export * from './members.js';
export * from './payments.js';
export { MAX_DAYS, MAX_MONTHS } from './ranges.js';
export * from './referrals.js';
export * from './series.js';
export * from './statements.js';

export interface Ranked extends Named {
  readonly rank: number;
  readonly referralCode: string;
  readonly tier: string;
  /** The tier is an admin's order. */
  readonly pinned: boolean;
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
      at: period.at,
      currency,
      limit: limit + 1,
      ...(after && { after }),
    };
    if (!period.isCurrent) return rankingAsOf(source, args);
    const now = await (after === undefined
      ? firstPage(reads, source, args)
      : nextRankingNow(source, { ...args, after }));
    // A page without rows does not say; the first page of today's ranking is empty only if any is.
    const hasLater = now?.rows[0]?.has_later ?? after !== undefined;
    return now !== undefined && hasLater ? rankingAsOf(source, args) : now;
  });
  const items = answer.rows
    .slice(0, limit)
    .map((row, n) => rankedOf(row, answer, (after?.rank ?? 0) + n + 1));
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

/** Who opens the first page while others do is answered together with them. */
const firstPage = (
  reads: ReadSide,
  source: ReadSource,
  { creatorId, month, at, currency, limit }: RankingArgs,
): Promise<Read<RankedRow> | undefined> =>
  reads.gathered.read(`${source.schema} ${limit}`, { creatorId, month, at, currency }, (asks) =>
    firstRankingsNow(source, limit, asks),
  );

const rankedOf = (row: RankedRow, { settings, period }: View, rank: number): Ranked => {
  const totalReferrals = BigInt(row.total_referrals);
  return {
    ...named(row),
    rank,
    referralCode: row.referral_code,
    tier: shownTier(settings.tiersAt(period.at), totalReferrals, row),
    pinned: row.pin_tier !== null,
    totalReferrals,
    reachedAt: row.reached_at,
    monthlyReferrals: BigInt(row.monthly_referrals),
    monthlyEarningsMinor: BigInt(row.monthly_minor),
  };
};

/** The whole ranking as of the end of a month, of the current one too. */
export const exportTopReferrers = (
  reads: ReadSide,
  asked: { creatorId: string; month?: string | undefined; currency?: string | undefined },
) =>
  exportOf<RankedRow, Ranked, RankPlace>(reads, {
    asked,
    rows: (schema, { period: { month, before, at }, currency }) =>
      rankingRows(schema, {
        creatorId: asked.creatorId,
        month,
        before,
        at,
        currency,
        limit: null,
      }),
    item: (row, view, n) => rankedOf(row, view, n + 1),
  });

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
