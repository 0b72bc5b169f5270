/**
 * Figures of the reference model that follow from its payments and reversals alone: the lines of
 * every member's account with the balance after each. Written from the product page, as plain as it
 * can be.
 */
import { bytewise } from './facts.js';
import type { Figures } from './shapes.js';

/** Key: creatorId, memberId (who earns), paymentId, reversalId. */
export interface AccountLine {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
  readonly day: string;
  readonly at: number;
  readonly paymentId: string;
  /** Refund or dispute; null: a commission. */
  readonly reversalId: string | null;
  readonly payerId: string;
  readonly kind: 'initial' | 'recurring';
  readonly currency: string;
  readonly saleMinor: bigint;
  readonly amountMinor: bigint;
  /** Of the currency, after this line. */
  readonly balanceMinor: bigint;
}

/** In order: by time, then by the payment or reversal. */
export function accountLinesOf({
  payments,
  reversals,
}: Pick<Figures, 'payments' | 'reversals'>): AccountLine[] {
  const kinds = new Map(payments.map((row) => [`${row.creatorId} ${row.paymentId}`, row.kind]));
  const balances = new Map<string, bigint>();
  return [
    ...payments.map((row) => ({ ...row, at: row.paidAt, reversalId: null, sign: 1n })),
    ...reversals.map((row) => ({ ...row, sign: -1n })),
  ]
    .filter((row) => row.referrerId !== null)
    .sort((a, b) => a.at - b.at || bytewise(idOf(a), idOf(b)))
    .map(({ sign, memberMinor, referrerId, ...row }) => {
      const amountMinor = sign * memberMinor;
      const memberId = referrerId ?? '';
      const account = `${row.creatorId} ${memberId} ${row.currency}`;
      const balanceMinor = (balances.get(account) ?? 0n) + amountMinor;
      balances.set(account, balanceMinor);
      return {
        creatorId: row.creatorId,
        memberId,
        month: row.month,
        day: row.day,
        at: row.at,
        paymentId: row.paymentId,
        reversalId: row.reversalId,
        payerId: row.memberId,
        kind: kinds.get(`${row.creatorId} ${row.paymentId}`) ?? 'initial',
        currency: row.currency,
        saleMinor: row.saleMinor,
        amountMinor,
        balanceMinor,
      };
    });
}

const idOf = ({ reversalId, paymentId }: { reversalId: string | null; paymentId: string }) =>
  reversalId ?? paymentId;

/** A text for each line, sorted: two accounts are the same if these are. */
export const textsOfLines = (lines: readonly AccountLine[]): string[] =>
  lines
    .map((line) =>
      [
        ...[line.creatorId, line.memberId, line.month, line.day, line.at, line.paymentId],
        ...[line.reversalId, line.payerId, line.kind, line.currency],
        `${line.saleMinor} → ${line.amountMinor} = ${line.balanceMinor}`,
      ].join(' '),
    )
    .sort(bytewise);
