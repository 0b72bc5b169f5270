import { describe, expect, it } from '@jest/globals';
import type { DemoDelivery } from './deliveries.js';
import { plantedCases } from './planted-cases.js';
import { byTime, load, monthIn, translated } from './tally.fixture.js';

describe('the planted cases', () => {
  const { tally, deliveries } = load('small');
  const caseOf = (id: string) => {
    const found = plantedCases.find((planted) => planted.id === id);
    if (!found) throw new Error(`no case ${id}`);
    const { userId, paymentIds, deliveryIds } = found;
    const told = deliveries.filter(({ deliveryId }) => deliveryIds.includes(deliveryId));
    const payments = [...(tally.members.get(userId)?.payments.values() ?? [])].sort(byTime);
    return { ...found, told, payments, paymentIds };
  };
  const typesOf = (id: string) => caseOf(id).told.map(({ type }) => type);
  const monthsOf = (id: string) => caseOf(id).payments.map(({ month }) => month);

  it('are all sent, under the ids that the docs link to, in that order', () => {
    for (const { id, deliveryIds } of plantedCases) {
      expect(caseOf(id).told.map(({ deliveryId }) => deliveryId)).toEqual(deliveryIds);
    }
    for (const { id, paymentIds } of plantedCases.slice(0, 6)) {
      expect(caseOf(id).payments.map((payment) => payment.id)).toEqual(paymentIds);
    }
  });

  it('are the same for every seed and scale', () => {
    const ids = plantedCases.flatMap(({ deliveryIds }) => deliveryIds);
    for (const other of [load('small', 2), load('full')]) {
      const sent = other.deliveries.map(({ deliveryId }) => deliveryId);
      expect(sent.filter((id) => ids.includes(id)).length).toBe(ids.length);
    }
  });

  it('sign up in one month and pay in another', () => {
    const { userId, payments } = caseOf('sign-up-and-payment-in-different-months');
    expect(monthIn(tally.members.get(userId)?.claims[0]?.at ?? 0)).toBe('2025-01');
    expect(payments.map(({ month }) => month)).toEqual(['2025-02']);
  });

  it('pay in September in New York when it is October in UTC', () => {
    const [payment] = caseOf('last-minutes-of-september').payments;
    expect(payment).toMatchObject({ at: Date.UTC(2025, 9, 1, 3, 58) / 1000, month: '2025-09' });
  });

  it('deliver one payment twice and tell it once more', () => {
    const { deliveryIds, payments, told } = caseOf('duplicate-delivery');
    expect(deliveryIds[1]).toBe(deliveryIds[2]);
    expect(told[1]).toEqual(told[2]);
    expect([deliveryIds.length, new Set(deliveryIds).size, payments.length]).toEqual([4, 3, 1]);
  });

  it('deliver an earlier payment after a later one, of another month', () => {
    const { told, payments } = caseOf('earlier-payment-arrives-later');
    const arrived = told.map((delivery) => payments.findIndex(({ id }) => isOf(delivery, id)));
    expect(arrived).toEqual([-1, 1, 0]);
    expect(monthsOf('earlier-payment-arrives-later')).toEqual(['2025-09', '2025-10']);
  });

  it('deliver the attribution after the payment, dated before it', () => {
    const id = 'attribution-arrives-after-the-payment';
    expect(typesOf(id)).toEqual(['payment.succeeded', 'membership.activated']);
    const { told, userId, payments } = caseOf(id);
    expect(told.map(({ body }) => body.includes('referral_code'))).toEqual([false, true]);
    const named = tally.members.get(userId)?.claims.find(({ words }) => words.length > 0);
    expect(named?.at).toBeLessThan(payments[0]?.at ?? 0);
  });

  it('pay amounts of which no share is whole', () => {
    for (const { minor } of caseOf('thirds-that-do-not-divide').payments) {
      expect((minor * 1000n) % 10_000n).not.toBe(0n);
      expect((minor * 7000n) % 10_000n).not.toBe(0n);
    }
  });

  it('fail for good, and fail before they succeed', () => {
    expect(typesOf('failed-payment')).toEqual(['membership.activated', 'payment.failed']);
    expect(caseOf('failed-payment').payments).toEqual([]);
    expect(typesOf('failed-then-succeeded').slice(1)).toEqual([
      'payment.failed',
      'payment.succeeded',
    ]);
    expect(caseOf('failed-then-succeeded').payments.length).toBe(1);
  });

  it('pay nothing first and something a week later', () => {
    expect(caseOf('free-trial').payments.map(({ minor }) => minor)).toEqual([0n, 2900n]);
  });

  it('make no sense once, in the open month', () => {
    const quarantined = deliveries
      .map((delivery) => ({ id: delivery.deliveryId, ...translated(delivery) }))
      .filter(({ outcome }) => outcome === 'quarantined');
    expect(quarantined).toEqual([
      expect.objectContaining({
        id: caseOf('makes-no-sense').deliveryIds[1],
        outcome: 'quarantined',
        creatorId: 'biz_demo',
        at: Date.UTC(2025, 9, 22, 15) / 1000,
      }),
    ]);
  });
});

const isOf = ({ body }: DemoDelivery, paymentId: string): boolean =>
  body.includes(`"id":"${paymentId}"`);
