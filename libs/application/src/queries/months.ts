/** A creator's months: where each stands, what is sealed of it and what has become known since (product.md, "Months"). */
import {
  addMonths,
  CREATOR_FIGURES,
  type CreatorFigure,
  checkMonth,
  closableAt,
  DomainError,
  type Instant,
  type MonthStatus,
  REFERRER_FIGURES,
  type ReferrerFigure,
  type StoredTotals,
  statusOf,
} from '#libs/ledger';
import {
  amountsFrom,
  type CreatorAmountsRow,
  creatorMonthsStated,
  type MonthRow,
  type MonthsRow,
  monthStated,
  type PendingLineRow,
  type ReferrerAmountsRow,
} from '#projections';
import { type Framed, frameOf } from './framed.js';
import type { ReadSide } from './read-side.js';
import {
  type CarriedAmounts,
  type InCurrency,
  type SealedVersion,
  totalsOf,
  versionOf,
} from './sealed.js';

export interface ListedMonth {
  readonly month: string;
  readonly status: MonthStatus;
  /** From then on it may be closed without force. */
  readonly closableAt: Instant;
  /** The latest version; null: none is sealed. */
  readonly sealed: SealedVersion | null;
  /** What has become known of the creator's figures and is not stated yet. */
  readonly pending: readonly InCurrency<CreatorFigure>[];
}

/** From the first month that was closed, or has an event, to the current one. Throws `creator_not_found`. */
export async function monthsOf(
  reads: ReadSide,
  creatorId: string,
): Promise<Framed<{ readonly items: readonly ListedMonth[] }>> {
  const answer = await reads.ask<MonthsRow>({ creatorId }, (source) =>
    creatorMonthsStated(source, creatorId),
  );
  const row = answer.rows[0];
  const latest = new Map((row?.snapshots ?? []).map((one) => [one.month, versionOf(one)]));
  const pending = inCurrencies(row?.pending ?? []);
  const candidates = [row?.earliest, row?.snapshots[0]?.month, ...pending.keys()];
  const first = candidates.filter((month) => typeof month === 'string').sort()[0];
  const items: ListedMonth[] = [];
  const { now } = reads;
  const firstClosed = row?.snapshots[0]?.month ?? '9999-12';
  for (let month = first; month !== undefined && month <= answer.period.month; ) {
    const sealed = latest.get(month) ?? null;
    const { settings } = answer;
    items.push({
      month,
      status: statusOf(
        { month, now, settings },
        sealed !== null || (month < firstClosed && latest.size > 0),
      ),
      closableAt: closableAt(settings, month),
      sealed,
      pending: pending.get(month) ?? [],
    });
    month = addMonths(month, 1);
  }
  return { ...frameOf(answer), items };
}

function inCurrencies(
  rows: readonly CreatorAmountsRow[],
): Map<string, InCurrency<CreatorFigure>[]> {
  const found = new Map<string, InCurrency<CreatorFigure>[]>();
  for (const { origin, currency, amounts } of rows) {
    const one = { currency, amounts: amountsFrom(CREATOR_FIGURES, amounts) };
    const of = found.get(origin);
    if (of === undefined) found.set(origin, [one]);
    else of.push(one);
  }
  return found;
}

export interface PendingReferrer extends InCurrency<ReferrerFigure> {
  readonly memberId: string;
}

/** A line that came after all that is stated of its month; amounts are signed. */
export interface PendingLine {
  readonly position: bigint;
  readonly eventId: string;
  readonly eventType: string;
  readonly kind: string;
  readonly sourceId: string;
  readonly paymentId: string;
  readonly at: Instant;
  readonly day: string;
  readonly memberId: string;
  readonly referrerId: string | null;
  readonly currency: string;
  readonly count: bigint;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

/** What a later close carries of a month. */
export interface Adjustment<F extends string> extends InCurrency<F> {
  /** The month whose close carries it. */
  readonly closedMonth: string;
}

export interface MonthDetail {
  readonly creatorId: string;
  readonly month: string;
  readonly status: MonthStatus;
  readonly closableAt: Instant;
  /** As now known. */
  readonly live: {
    readonly members: bigint;
    readonly totalReferrals: bigint;
    readonly creator: readonly InCurrency<CreatorFigure>[];
  };
  /** Every version, the first one first; none: it is not closed, or lies before the first month that was. */
  readonly versions: readonly SealedVersion[];
  readonly adjustments: {
    readonly creator: readonly Adjustment<CreatorFigure>[];
    readonly referrers: readonly Adjustment<ReferrerFigure>[];
  };
  readonly pending: {
    readonly creator: readonly InCurrency<CreatorFigure>[];
    readonly referrers: readonly PendingReferrer[];
    readonly lines: readonly PendingLine[];
    /** Either list has more than these. */
    readonly isCut: boolean;
  };
}

/** Rows of each list of what is pending. */
export const MAX_PENDING = 500;

/** One month in full. Throws `month_malformed`, `month_in_future`, `month_unknown`, `creator_not_found`. */
export async function monthOf(
  reads: ReadSide,
  { creatorId, month, limit = MAX_PENDING }: { creatorId: string; month: string; limit?: number },
): Promise<Framed<MonthDetail>> {
  checkMonth(month);
  const answer = await reads.ask<MonthRow>({ creatorId, month }, (source, period, _, settings) =>
    monthStated(source, {
      creatorId,
      month,
      before: period.before,
      from: settings.calendar.startOfMonth(month),
      to: settings.calendar.endOfMonth(month),
      limit: limit + 1,
    }),
  );
  const row = answer.rows[0];
  if (row === undefined) throw new Error('a month is answered by one row');
  refuseUnknown(row, month, answer.period.isCurrent);
  const { settings } = answer;
  const isCovered = row.last !== null && month <= row.last;
  return {
    ...frameOf(answer),
    creatorId,
    month,
    status: statusOf({ month, now: reads.now, settings }, isCovered),
    closableAt: closableAt(settings, month),
    live: {
      members: BigInt(row.members),
      totalReferrals: BigInt(row.total_referrals),
      creator: inCurrencies(row.live).get(month) ?? [],
    },
    versions: row.snapshots.map(versionOf),
    adjustments: adjustmentsOf(row, month),
    pending: {
      creator: inCurrencies(row.pending).get(month) ?? [],
      referrers: row.pending_referrers.slice(0, limit).map(pendingReferrer),
      lines: row.pending_lines.slice(0, limit).map(pendingLine),
      isCut: row.pending_referrers.length > limit || row.pending_lines.length > limit,
    },
  };
}

/** A month before everything is more likely mistyped than meant. */
function refuseUnknown(row: MonthRow, month: string, isCurrent: boolean): void {
  const known = [row.earliest, row.first].filter((one) => one !== null).sort()[0];
  const hasFigures = row.live.length > 0 || row.pending.length > 0;
  if (isCurrent || hasFigures || (known !== undefined && month >= known)) return;
  const says = known === undefined ? 'no event is known yet' : `the first month is ${known}`;
  throw new DomainError('month_unknown', `nothing is known of ${month}: ${says}`);
}

function adjustmentsOf({ carried }: MonthRow, month: string): MonthDetail['adjustments'] {
  const totals = carried.map((one) => ({
    closedMonth: one.month,
    ...totalsOf(one.month, JSON.parse(one.totals) as StoredTotals),
  }));
  const of = <F extends string>(
    closedMonth: string,
    rows: readonly CarriedAmounts<F>[],
  ): Adjustment<F>[] =>
    rows
      .filter(({ origin }) => origin === month)
      .map(({ currency, amounts }) => ({ closedMonth, currency, amounts }));
  return {
    creator: totals.flatMap((one) => of(one.closedMonth, one.carriedCreator)),
    referrers: totals.flatMap((one) => of(one.closedMonth, one.carriedReferrers)),
  };
}

const pendingReferrer = ({
  member_id,
  currency,
  amounts,
}: ReferrerAmountsRow): PendingReferrer => ({
  memberId: member_id,
  currency,
  amounts: amountsFrom(REFERRER_FIGURES, amounts),
});

const pendingLine = (row: PendingLineRow): PendingLine => ({
  position: BigInt(row.position),
  eventId: row.event_id,
  eventType: row.event_type,
  kind: row.kind,
  sourceId: row.source_id,
  paymentId: row.payment_id,
  at: row.at,
  day: row.day,
  memberId: row.member_id,
  referrerId: row.referrer_id === '' ? null : row.referrer_id,
  currency: row.currency,
  count: BigInt(row.count),
  saleMinor: BigInt(row.sale_minor),
  memberMinor: BigInt(row.member_minor),
  creatorMinor: BigInt(row.creator_minor),
  platformMinor: BigInt(row.platform_minor),
});
