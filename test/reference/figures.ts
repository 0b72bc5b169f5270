/**
 * Figures of the reference model that follow from its payments alone: the lines of every member's
 * account with the balance after each. Written from the product page, as plain as it can be.
 */
import { bytewise } from './facts.js';
import type { PaymentRow } from './shapes.js';

/** Key: creatorId, memberId (who earns), paymentId. */
export interface AccountLine {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
  readonly day: string;
  readonly at: number;
  readonly paymentId: string;
  readonly payerId: string;
  readonly kind: 'initial' | 'recurring';
  readonly currency: string;
  readonly saleMinor: bigint;
  readonly amountMinor: bigint;
  /** Of the currency, after this line. */
  readonly balanceMinor: bigint;
}

/** In order: by creator, member, time and payment. */
export function accountLinesOf(payments: readonly PaymentRow[]): AccountLine[] {
  const balances = new Map<string, bigint>();
  return [...payments]
    .filter((payment) => payment.referrerId !== null)
    .sort((a, b) => a.paidAt - b.paidAt || bytewise(a.paymentId, b.paymentId))
    .map((payment) => {
      const memberId = payment.referrerId ?? '';
      const account = `${payment.creatorId} ${memberId} ${payment.currency}`;
      const balanceMinor = (balances.get(account) ?? 0n) + payment.memberMinor;
      balances.set(account, balanceMinor);
      return {
        creatorId: payment.creatorId,
        memberId,
        month: payment.month,
        day: payment.day,
        at: payment.paidAt,
        paymentId: payment.paymentId,
        payerId: payment.memberId,
        kind: payment.kind,
        currency: payment.currency,
        saleMinor: payment.saleMinor,
        amountMinor: payment.memberMinor,
        balanceMinor,
      };
    });
}

/** A text for each line, sorted: two accounts are the same if these are. */
export const textsOfLines = (lines: readonly AccountLine[]): string[] =>
  lines
    .map((line) =>
      [
        ...[line.creatorId, line.memberId, line.month, line.day, line.at, line.paymentId],
        ...[line.payerId, line.kind, line.currency],
        `${line.saleMinor} → ${line.amountMinor} = ${line.balanceMinor}`,
      ].join(' '),
    )
    .sort(bytewise);
