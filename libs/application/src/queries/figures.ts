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
  rankingSealed,
  type SealedRankedRow,
  sealedRankingRows,
  settingsOf,
} from '#projections';
import {
  type AsClosed,
  type CreatorAsClosed,
  creatorCounts,
  creatorIn,
  creatorsAsClosed,
} from './as-closed.js';
import { type Framed, frameOf, type Named, named, shownTier } from './framed.js';
import { type Exported, exportOf } from './listing.js';
import type { Answer, ReadSide, View } from './read-side.js';

export * from './earnings.js';
export type { Framed, Named, TimePlace } from './framed.js';
export type { Exported } from './listing.js';
export * from './members.js';
export * from './month-lists.js';
export * from './months.js';
export * from './payments.js';
export { MAX_DAYS, MAX_MONTHS } from './ranges.js';
export * from './referrals.js';
export * from './sealed.js';
export * from './series.js';
export * from './snapshots.js';
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
  /** Of a closed month, whose sealed order and figures the others are: what is known of it now. */
  readonly asNowKnown?: Pick<
    Ranked,
    'tier' | 'totalReferrals' | 'monthlyReferrals' | 'monthlyEarningsMinor'
  >;
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
  const answer = await reads.ask<RankedRow>(asked, (source, period, currency) => {
    const { month, before, at, isCurrent } = period;
    const args = {
      creatorId: asked.creatorId,
      month,
      before,
      at,
      currency,
      limit: limit + 1,
      ...(after && { after }),
    };
    const place = after && [after.rank, String(after.total), after.reachedAt, after.memberId];
    const page = JSON.stringify([source.schema, asked.creatorId, month, currency, limit, place]);
    return reads.kept.read(page, `${at} ${isCurrent}`, () =>
      rankingPage(reads, source, args, isCurrent),
    );
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

async function rankingPage(
  reads: ReadSide,
  source: ReadSource,
  args: RankingArgs & { after?: RankPlace },
  isCurrent: boolean,
): Promise<Read<RankedRow> | undefined> {
  const { after } = args;
  const sealedArgs = { ...args, afterRank: after?.rank ?? 0 };
  if (!isCurrent) {
    const sealed = await rankingSealed(source, sealedArgs);
    return sealed === undefined || sealed.beside?.length ? sealed : rankingAsOf(source, args);
  }
  const now = await (after === undefined
    ? firstPage(reads, source, args)
    : nextRankingNow(source, { ...args, after }));
  // Closed by force before it had ended.
  if (now?.rows[0]?.is_sealed) return rankingSealed(source, sealedArgs);
  // A page without rows does not say; the first page of today's ranking is empty only if any is.
  const hasLater = now?.rows[0]?.has_later ?? after !== undefined;
  return now !== undefined && hasLater ? rankingAsOf(source, args) : now;
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

const rankedOf = (row: RankedRow | SealedRankedRow, view: View, rank: number): Ranked =>
  'now_total' in row ? sealedRanked(row, view) : rankedNow(row, view, rank);

function sealedRanked(row: SealedRankedRow, { settings, period, nameOf }: View): Ranked {
  const known = BigInt(row.now_total);
  return {
    ...named(row, nameOf),
    rank: Number(row.rank),
    referralCode: row.referral_code,
    tier: row.tier,
    pinned: row.pinned,
    totalReferrals: BigInt(row.total_referrals),
    reachedAt: row.reached_at,
    monthlyReferrals: BigInt(row.monthly_referrals),
    monthlyEarningsMinor: BigInt(row.monthly_minor),
    asNowKnown: {
      tier: shownTier(settings.tiersAt(period.at), known, row),
      totalReferrals: known,
      monthlyReferrals: BigInt(row.now_monthly),
      monthlyEarningsMinor: BigInt(row.now_minor),
    },
  };
}

const rankedNow = (row: RankedRow, { settings, period, nameOf }: View, rank: number): Ranked => ({
  ...named(row, nameOf),
  rank,
  referralCode: row.referral_code,
  tier: shownTier(settings.tiersAt(period.at), BigInt(row.total_referrals), row),
  pinned: row.pin_tier !== null,
  totalReferrals: BigInt(row.total_referrals),
  reachedAt: row.reached_at,
  monthlyReferrals: BigInt(row.monthly_referrals),
  monthlyEarningsMinor: BigInt(row.monthly_minor),
});

/** The whole ranking as of the end of a month, of the current one too; of a closed one as it was sealed. */
export async function exportTopReferrers(
  reads: ReadSide,
  asked: { creatorId: string; month?: string | undefined; currency?: string | undefined },
): Promise<Exported<Ranked>> {
  const { creatorId } = asked;
  // What is sealed stays sealed: the position of the list may be a later one.
  const found = await reads.ask(asked, (source, { month, at }, currency) =>
    rankingSealed(source, { creatorId, month, at, currency, limit: 0, afterRank: 0 }),
  );
  const isSealed = (found.beside?.length ?? 0) > 0;
  return exportOf<RankedRow | SealedRankedRow, Ranked, RankPlace>(reads, {
    asked,
    rows: (schema, { period: { month, before, at }, currency }) => {
      const args = { creatorId, month, before, at, currency, limit: null };
      return isSealed
        ? sealedRankingRows(schema, { ...args, afterRank: 0 })
        : rankingRows(schema, args);
    },
    item: (row, view, n) => rankedOf(row, view, n + 1),
  });
}

export interface Creator {
  readonly creatorId: string;
  readonly registeredAt: Instant;
}

/** Every creator, by id; `only`: that one, where it is known. */
export async function creatorsOf(
  reads: ReadSide,
  asked: { limit: number; after?: string | undefined; only?: string | undefined },
): Promise<Pick<Answer<never>, 'asOf'> & { items: Creator[]; next: string | undefined }> {
  const { limit, after, only } = asked;
  const read = await reads.withSource((source) =>
    creatorsList(source, { limit: limit + 1, after, only }),
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
  /** Members whose referrals those of the month are. */
  readonly referrers: bigint;
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
  /** Of a closed month: what its latest version says. */
  readonly asClosed?: AsClosed &
    Omit<
      CreatorFigures,
      'creatorId' | 'settings' | 'currency' | 'otherCurrencies' | 'referrers' | 'asClosed'
    >;
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
    referrers: BigInt(rows[0]?.referrers ?? 0),
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
    ...figuresAsClosed(creatorsAsClosed(answer.beside).get(answer.period.month), currency),
  };
}

function figuresAsClosed(
  sealed: CreatorAsClosed | undefined,
  currency: string,
): Pick<CreatorFigures, 'asClosed'> {
  if (sealed === undefined) return {};
  const { version, digest, totals } = sealed;
  const counts = creatorCounts(sealed);
  const own = creatorIn(sealed, currency);
  return {
    asClosed: {
      version,
      digest,
      members: totals.members,
      totalReferrals: totals.totalReferrals,
      monthlyReferrals: counts.referrals,
      monthlySignUps: counts.signUps,
      initialPayments: own.initialPayments,
      recurringPayments: own.recurringPayments,
      revenueMinor: own.organicMinor + own.referredMinor,
      organicMinor: own.organicMinor,
      referredMinor: own.referredMinor,
      initialMinor: own.initialMinor,
      recurringMinor: own.recurringMinor,
      refundsMinor: own.refundsMinor,
    },
  };
}

const hasAmounts = (row: {
  organic_minor: string;
  referred_minor: string;
  refunds_minor: string;
}): boolean => row.organic_minor !== '0' || row.referred_minor !== '0' || row.refunds_minor !== '0';
