/**
 * A member's statement: what a bookkeeper would print of their account for a month. Each currency
 * opens with what the months before left, every commission and reversal of the month is a line with
 * the balance after it, and the last balance is what the currency closes with.
 */
import type { Instant } from '#libs/ledger';
import {
  type AccountRow,
  type StatementAnswer,
  type StatementPlace,
  type StatementRow,
  statementOf,
  statementRows,
} from '#projections';
import { type Framed, frameOf, type Named, named } from './framed.js';
import { type Exportable, exportOf, type Page, type PageAsked } from './listing.js';
import { foundMember, statsOfMember } from './members.js';
import type { ReadSide, View } from './read-side.js';

export type { StatementPlace } from '#projections';

export interface StatementAsked {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month?: string | undefined;
  /** Absent: every currency, for an account is only whole with all of them. */
  readonly currency?: string | undefined;
}

export interface StatementLine {
  readonly kind: 'commission' | 'reversal';
  readonly at: Instant;
  readonly day: string;
  readonly paymentId: string;
  /** Refund or dispute; null: it is a commission. */
  readonly reversalId: string | null;
  readonly paymentKind: 'initial' | 'recurring';
  /** Who paid. */
  readonly member: Named;
  readonly currency: string;
  /** The sale, or what of it was reversed; positive. */
  readonly saleMinor: bigint;
  /** Signed: what the account gained. */
  readonly amountMinor: bigint;
  /** Of the currency, after this line. */
  readonly balanceMinor: bigint;
}

export interface StatementTotals {
  readonly currency: string;
  readonly openingMinor: bigint;
  readonly earnedMinor: bigint;
  /** Positive. */
  readonly reversedMinor: bigint;
  /** Opening + earned − reversed. */
  readonly closingMinor: bigint;
}

export interface Statement extends Named, Page<StatementLine, StatementPlace> {
  /** One for each currency with an amount by the end of the month. */
  readonly totals: readonly StatementTotals[];
  /** Those that `currency` leaves out. */
  readonly otherCurrencies: readonly string[];
}

const lines = (asked: StatementAsked): Exportable<StatementRow, StatementLine, StatementPlace> => ({
  asked,
  rows: (schema, { period }, page) =>
    statementRows(schema, { ...asked, month: period.month, ...page }),
  item: lineOf,
});

const lineOf = (row: StatementRow, { nameOf }: Pick<View, 'nameOf'>): StatementLine => ({
  kind: row.kind === 'sale' ? 'commission' : 'reversal',
  at: row.at,
  day: row.day,
  paymentId: row.payment_id,
  reversalId: row.kind === 'sale' ? null : row.source_id,
  paymentKind: row.first ? 'initial' : 'recurring',
  member: named(row, nameOf),
  currency: row.currency,
  saleMinor: BigInt(row.sale_minor),
  amountMinor: BigInt(row.amount_minor),
  balanceMinor: BigInt(row.balance_minor),
});

const totalsOf = (row: AccountRow): StatementTotals => {
  const [openingMinor, earnedMinor, reversedMinor] = [
    BigInt(row.opening_minor),
    BigInt(row.earned_minor),
    BigInt(row.reversed_minor),
  ];
  const closingMinor = openingMinor + earnedMinor - reversedMinor;
  return { currency: row.currency, openingMinor, earnedMinor, reversedMinor, closingMinor };
};

/** Totals and lines as of one position, lines in order of time. Throws `member_not_found`. */
export async function statementOfMember(
  reads: ReadSide,
  asked: StatementAsked,
  { limit, after }: PageAsked<StatementPlace>,
): Promise<Framed<Statement>> {
  const { creatorId, memberId, currency } = asked;
  const answer = await reads.ask<StatementAnswer>(asked, (source, { month }) =>
    statementOf(source, { creatorId, memberId, month, currency, limit: limit + 1, after }),
  );
  const row = foundMember(answer.rows[0], memberId);
  const shown = row.lines.slice(0, limit);
  const last = shown.at(-1);
  const totals = row.accounts.map(totalsOf);
  const isShown = (one: { currency: string }) =>
    currency === undefined || one.currency === currency;
  return {
    ...frameOf(answer),
    ...named({ member_id: memberId, name: row.name }, answer.nameOf),
    totals: totals.filter(isShown),
    otherCurrencies: totals.filter((one) => !isShown(one)).map((one) => one.currency),
    items: shown.map((line) => lineOf(line, answer)),
    next: row.lines.length > limit && last !== undefined ? placeOf(last) : undefined,
  };
}

const placeOf = ({ at, source_id: sourceId, payment_id: paymentId }: StatementRow) => ({
  at,
  sourceId,
  paymentId,
});

/** Every line. Throws `member_not_found`. */
export async function exportStatement(reads: ReadSide, asked: StatementAsked) {
  const { creatorId, memberId } = asked;
  await statsOfMember(reads, { creatorId, memberId });
  return exportOf(reads, lines(asked));
}
