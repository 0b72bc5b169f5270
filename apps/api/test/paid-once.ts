/** A creator whom a payment has made known. */
import { renderPayment } from '#libs/ingestion';
import type { RealApi } from './real-parts.js';

/** `biz_old` has one payment of `user_a`, booked a day before `now` (unix milliseconds). */
export async function paidOnce({ ledger }: Pick<RealApi, 'ledger'>, now: number): Promise<void> {
  const paidAt = now / 1000 - 86_400;
  await ledger.deliver(
    renderPayment('v1', {
      creatorId: 'biz_old',
      userId: 'user_a',
      membershipId: 'mem_a',
      paymentId: 'pay_1',
      status: 'succeeded',
      amount: '10',
      currency: 'usd',
      paidAt,
      createdAt: paidAt,
    }),
  );
  await ledger.decide();
}
