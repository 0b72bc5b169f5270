/** What the endpoints answer of a figure, by the very queries that they ask: the other side of an explanation. */
import { type Amounts, DomainError, type StoredTotals } from '#libs/ledger';
import {
  type CellRow,
  cellsKnown,
  cellsPending,
  cellsSealed,
  creatorGrowthInDays,
  memberGrowth,
} from '#projections';
import { earningsOf, earningsOfCreator } from '../earnings.js';
import { creatorOf } from '../figures.js';
import { membersOf, statsOfMember } from '../members.js';
import { paymentsOf } from '../payments.js';
import type { ReadSide } from '../read-side.js';
import { totalsOf } from '../sealed.js';
import { revenueOf } from '../series.js';
import { statementOfMember } from '../statements.js';
import type { ExplainAsked, FigureValue } from './explanation.js';
import type { FigureRule } from './figures.js';

/** What was asked, with everything decided that was left open. */
export interface ExplainedCell extends ExplainAsked {
  readonly rule: FigureRule;
  readonly month: string;
  /** Undefined: of all currencies together. */
  readonly currency: string | undefined;
  /** Of a sealed version. */
  readonly sealed?: { readonly version: number; readonly origin: string } | undefined;
  /** Where the line of the source stands, of figures of one. */
  readonly place?:
    | {
        readonly at: number;
        readonly paymentId: string;
        readonly saleAt: number;
        readonly isSale: boolean;
        /** By the log: no line of it stands any more. */
        readonly isTakenBack: boolean;
      }
    | undefined;
}

/**
 * Null: they know of no such member, version or payment. A number that stands in two places is the one
 * that contradicts the log's, if either does.
 */
export async function readModelValue(
  reads: ReadSide,
  cell: ExplainedCell,
  byLog: FigureValue,
): Promise<FigureValue> {
  try {
    if (cell.state === 'pending') return await pending(reads, cell);
    if (cell.sealed !== undefined) return await sealed(reads, cell, cell.sealed, byLog);
    return await (cell.memberId === undefined
      ? ofCreator(reads, cell)
      : ofMember(reads, cell, cell.memberId, byLog));
  } catch (error) {
    // The log knows them, or nothing would be explained: the read models do not.
    if (error instanceof DomainError && /^(creator|member)_not_found$/.test(error.code))
      return null;
    throw error;
  }
}

const STATS = [
  ...(['monthlyReferrals', 'totalReferrals', 'reversedReferrals', 'monthlyEarningsMinor'] as const),
  ...(['totalEarningsMinor', 'tier', 'rank'] as const),
];
const EARNINGS = ['earnedMinor', 'reversedMinor', 'earningsMinor'] as const;
const GROWTH = ['referrals', 'signUps'] as const;
const isOf = <T extends string>(names: readonly T[], figure: string): figure is T =>
  (names as readonly string[]).includes(figure);
/** A count of one currency alone stands in the rows of months. */
const isNarrowed = ({ rule, currency }: ExplainedCell): boolean =>
  !rule.inCurrency && currency !== undefined;

/** The day that is asked for, else the month. */
const rangeOf = ({ month, day }: ExplainedCell) =>
  day === undefined
    ? { from: month, to: month, by: 'month' as const }
    : { from: day, to: day, by: 'day' as const };

async function ofMember(
  reads: ReadSide,
  cell: ExplainedCell,
  memberId: string,
  byLog: FigureValue,
): Promise<FigureValue> {
  const { creatorId, month, currency, figure } = cell;
  const asked = { creatorId, memberId, month, ...(currency && { currency }) };
  if (isNarrowed(cell) || currency === '') return known(reads, cell);
  if (isOf(STATS, figure)) {
    const stats = await statsOfMember(reads, asked);
    if (figure !== 'totalReferrals' || !stats.period.isCurrent) return stats[figure];
    if (stats[figure] !== byLog) return stats[figure];
    return stats[figure] + (await counterDrift(reads, creatorId, memberId));
  }
  if (isOf(EARNINGS, figure)) {
    const { items } = await earningsOf(reads, {
      ...{ creatorId, memberId, currency },
      ...rangeOf(cell),
    });
    return items[0]?.[figure] ?? null;
  }
  if (isOf(GROWTH, figure)) {
    const { rows } = await reads.ask(asked, (source) =>
      memberGrowth(source, { creatorId, memberId, from: month, to: month }),
    );
    const [row] = rows;
    if (row === undefined) return null;
    return BigInt((figure === 'referrals' ? row.referrals : row.sign_ups) ?? 0);
  }
  return ofStatement(reads, cell, memberId);
}

/** Later than any month that a fact may be dated in. */
const LAST_MONTH = '9999-12';
/** Members whose id contains another's are few. */
const SAME_ID = 50;

/**
 * A total of today is shown twice: summed from the months, and as the counter by which the ranking
 * and the list of members go. By how much the counter is off.
 */
async function counterDrift(reads: ReadSide, creatorId: string, memberId: string): Promise<bigint> {
  const page = { limit: SAME_ID, after: undefined };
  const { items } = await membersOf(reads, { creatorId, q: memberId, sort: 'memberId' }, page);
  const counter = items.find((member) => member.memberId === memberId)?.totalReferrals ?? 0n;
  const { rows } = await reads.ask({ creatorId }, (source) =>
    cellsKnown(source, {
      creatorId,
      memberId,
      month: LAST_MONTH,
      through: true,
      ofReferrers: true,
    }),
  );
  return counter - valueInCells('totalReferrals', cellsFrom(rows), undefined);
}

async function ofStatement(
  reads: ReadSide,
  { creatorId, month, currency, figure, sourceId, place }: ExplainedCell,
  memberId: string,
): Promise<FigureValue> {
  const after = place && { at: place.at, sourceId: sourceId ?? '', paymentId: '' };
  const asked = { creatorId, memberId, month, currency };
  const found = await statementOfMember(reads, asked, { limit: 1, after });
  if (place === undefined) {
    const totals = found.totals[0];
    return (figure === 'openingMinor' ? totals?.openingMinor : totals?.closingMinor) ?? 0n;
  }
  const [line] = found.items;
  if (line === undefined || (line.reversalId ?? line.paymentId) !== sourceId) {
    if (figure !== 'balanceMinor') return 0n;
    if (!place.isTakenBack) return null;
    // It moved nothing: the account is as what comes next found it.
    return line ? line.balanceMinor - line.amountMinor : (found.totals[0]?.closingMinor ?? 0n);
  }
  if (figure === 'saleMinor') return line.saleMinor;
  return figure === 'amountMinor' ? line.amountMinor : line.balanceMinor;
}

const ALIASES: Readonly<Record<string, string>> = {
  referrals: 'monthlyReferrals',
  signUps: 'monthlySignUps',
};
const OF_REVENUE = ['organicPayments', 'referredPayments'] as const;
const SHARES = ['saleMinor', 'memberMinor', 'creatorMinor', 'platformMinor'] as const;

async function ofCreator(reads: ReadSide, cell: ExplainedCell): Promise<FigureValue> {
  const { creatorId, month, currency, figure, sourceId, throughDay } = cell;
  if (sourceId !== undefined) return ofPayment(reads, cell, sourceId);
  if (throughDay !== undefined && isOf(GROWTH, figure)) {
    const { rows } = await reads.ask({ creatorId, month }, (source) =>
      creatorGrowthInDays(source, { creatorId, from: `${month}-01`, to: throughDay }),
    );
    return BigInt((figure === 'referrals' ? rows[0]?.referrals : rows[0]?.sign_ups) ?? 0);
  }
  const isRow = isNarrowed(cell) || currency === '';
  if (isRow || isOf(['reversedReferrals', 'creatorMinor'], figure)) return known(reads, cell);
  if (isOf(EARNINGS, figure)) {
    const { items } = await earningsOfCreator(reads, { creatorId, currency, ...rangeOf(cell) });
    return items[0]?.[figure] ?? null;
  }
  if (isOf(OF_REVENUE, figure)) {
    const { items } = await revenueOf(reads, { creatorId, from: month, to: month, currency });
    return items[0]?.[figure] ?? null;
  }
  const found = await creatorOf(reads, { creatorId, month, ...(currency && { currency }) });
  const value = found[(ALIASES[figure] ?? figure) as keyof typeof found];
  return typeof value === 'bigint' ? value : null;
}

async function ofPayment(
  reads: ReadSide,
  { creatorId, figure, place }: ExplainedCell,
  sourceId: string,
): Promise<FigureValue> {
  if (place === undefined) return null;
  // Newest first: what comes after a place just above the payment begins with it.
  const after = { at: place.saleAt, id: `${place.paymentId} ` };
  const { items } = await paymentsOf(reads, { creatorId }, { limit: 1, after });
  const [payment] = items;
  const share = SHARES.find((one) => one === figure);
  if (share === undefined) return null;
  // What was taken back altogether is in no list: it is worth nothing.
  if (payment?.paymentId !== place.paymentId) return 0n;
  if (place.isSale) return payment[share];
  return payment.reversals.find(({ reversalId }) => reversalId === sourceId)?.[share] ?? 0n;
}

/** Cells by figure, as rows of months hold them: earnings are earned − reversed, revenue is both kinds of sales. */
export function valueInCells(
  figure: string,
  rows: readonly { readonly currency: string; readonly amounts: Partial<Amounts<string>> }[],
  currency: string | undefined,
): bigint {
  const sum = (name: string): bigint =>
    rows
      .filter((row) => currency === undefined || row.currency === currency)
      .reduce((total, { amounts }) => total + (amounts[name] ?? 0n), 0n);
  switch (figure) {
    case 'monthlyEarningsMinor':
    case 'totalEarningsMinor':
    case 'earningsMinor':
      return sum('earnedMinor') - sum('reversedMinor');
    case 'revenueMinor':
      return sum('organicMinor') + sum('referredMinor');
    case 'monthlyReferrals':
    case 'totalReferrals':
      return sum('referrals');
    case 'monthlySignUps':
      return sum('signUps');
    default:
      return sum(figure);
  }
}

/** Figures of members as referrers; the others are those of the creator. */
export const isOfReferrers = ({ memberId, figure }: ExplainAsked): boolean =>
  memberId !== undefined || isOf(EARNINGS, figure);

const cellsFrom = (rows: readonly CellRow[]) =>
  rows.map(({ currency, amounts }) => ({
    currency,
    amounts: Object.fromEntries(
      Object.entries(amounts).map(([name, amount]) => [name, BigInt(amount)]),
    ),
  }));

async function known(reads: ReadSide, cell: ExplainedCell): Promise<bigint> {
  const { creatorId, memberId, month, figure, currency, rule } = cell;
  const ofReferrers = isOfReferrers(cell);
  const through = rule.time === 'through';
  const { rows } = await reads.ask({ creatorId, month }, (source) =>
    cellsKnown(source, { creatorId, memberId, month, through, ofReferrers }),
  );
  return valueInCells(figure, cellsFrom(rows), currency);
}

async function pending(reads: ReadSide, cell: ExplainedCell): Promise<bigint> {
  const { creatorId, memberId, month, figure, currency } = cell;
  const ofReferrers = isOfReferrers(cell);
  const { rows } = await reads.ask({ creatorId, month }, (source) =>
    cellsPending(source, { creatorId, memberId, month, ofReferrers }),
  );
  return valueInCells(figure, cellsFrom(rows), currency);
}

/** As `asClosed` and the sealed ranking say it; of the creator by the seal's totals. */
async function sealed(
  reads: ReadSide,
  cell: ExplainedCell,
  { version, origin }: NonNullable<ExplainedCell['sealed']>,
  byLog: FigureValue,
): Promise<FigureValue> {
  const { creatorId, memberId, month, figure, currency, rule } = cell;
  const { rows } = await reads.ask({ creatorId, month }, (source) =>
    cellsSealed(source, { creatorId, memberId, month, version, origin }),
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (memberId !== undefined) {
    if (rule.unit === 'tier') return row.tier;
    if (rule.unit === 'rank') return row.rank === null ? null : Number(row.rank);
    if (rule.time === 'through') return BigInt(row.total_referrals ?? 0);
    return valueInCells(figure, cellsFrom(row.referrer ?? []), currency);
  }
  const totals = totalsOf(month, JSON.parse(row.totals) as StoredTotals);
  if (figure === 'members') return totals.members;
  if (figure === 'totalReferrals') return totals.totalReferrals;
  const [own, carried] = isOfReferrers(cell)
    ? [totals.referrers, totals.carriedReferrers]
    : [totals.creator, totals.carriedCreator];
  const cells = origin === month ? own : carried.filter((one) => one.origin === origin);
  const told = valueInCells(figure, cells, currency);
  // The table of the same cells: who exports the snapshot reads it.
  const inTable = isOfReferrers(cell)
    ? told
    : valueInCells(figure, cellsFrom(row.creator ?? []), currency);
  return told === byLog ? inTable : told;
}
