import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { caseExpectations } from './case-expectations.js';
import { demoCorrections } from './corrections.js';
import type { DemoDelivery } from './deliveries.js';
import { demoExpectations } from './expectations.js';
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

describe('the later planted cases', () => {
  const { tally, deliveries } = load('small');
  const caseOf = (id: string) => {
    const found = plantedCases.find((planted) => planted.id === id);
    if (!found) throw new Error(`no case ${id}`);
    const told = deliveries.filter(({ deliveryId }) => found.deliveryIds.includes(deliveryId));
    const payments = [...(tally.members.get(found.userId)?.payments.values() ?? [])].sort(byTime);
    return { ...found, told, payments };
  };
  const statesOf = (id: string) =>
    caseOf(id)
      .told.map(({ type, payload }) => ({ type, data: payload.data as Record<string, unknown> }))
      .filter(({ type }) => /^(refund|dispute)/.test(type))
      .map(({ type, data }) => `${type} ${data.status}`);
  const host = plantedCases.find(({ id }) => id === 'thirds-that-do-not-divide')?.userId ?? '';

  it('tell of refunds and disputes in the states they go through', () => {
    expect(statesOf('refunded-in-a-later-month')).toEqual([
      'refund.created pending',
      'refund.updated succeeded',
    ]);
    expect(statesOf('refund-that-fails')).toEqual([
      'refund.created succeeded',
      'refund.updated failed',
    ]);
    expect(statesOf('dispute-lost')).toEqual([
      'dispute.created needs_response',
      'dispute.updated under_review',
      'dispute.updated lost',
    ]);
    expect(statesOf('dispute-won').at(-1)).toBe('dispute.updated won');
  });

  it('take back what was paid in an earlier month, in the month of the refund', () => {
    const { told, payments, paymentIds } = caseOf('refunded-in-a-later-month');
    expect(payments.map(({ month, minor }) => [month, minor])).toEqual([['2025-09', 5900n]]);
    const data = told.at(-1)?.payload.data as Record<string, unknown>;
    expect(data).toMatchObject({ amount: 59, currency: 'usd', payment: { id: paymentIds[0] } });
    expect(monthIn(Date.parse(String(data.created_at)) / 1000)).toBe('2025-10');
  });

  it('refund a part before the payment arrives', () => {
    const types = caseOf('refund-arrives-before-its-payment').told.map(({ type }) => type);
    expect(types).toEqual(['membership.activated', 'refund.created', 'payment.succeeded']);
  });

  it('pay in euros and yen, to the minor unit that there is', () => {
    const paid = (id: string) =>
      caseOf(id).payments.map(({ minor, currency }) => [minor, currency]);
    expect(paid('in-euros')).toEqual([[4900n, 'eur']]);
    expect(paid('in-yen')).toEqual([[4900n, 'jpy']]);
  });

  it('make persons known later, or never', () => {
    const { told, payments } = caseOf('person-known-later');
    expect(told.map(({ type }) => type)).toEqual(['payment.succeeded', 'membership.activated']);
    expect(told[0]?.body).not.toContain('user_');
    expect(payments).toHaveLength(1);
    const nobody = caseOf('nobody-knows-whose');
    expect(nobody.told.map(({ type }) => type)).toEqual(['payment.succeeded']);
    expect(tally.members.has(nobody.userId)).toBe(false);
    expect(tally.parked).toBe(demoExpectations('small').unresolved.parked);
  });

  it('contradict what was told first', () => {
    const { told, payments } = caseOf('contradiction');
    const totals = told.slice(1).map(({ payload }) => (payload.data as { total: number }).total);
    expect(totals).toEqual([39, 390]);
    expect(payments.map(({ minor }) => minor)).toEqual([3900n]);
  });

  it('leave those organic who name themselves, or somebody too late', () => {
    const { referrers } = tally.books('biz_demo', '2025-10');
    const converted = [...referrers].flatMap(([referrerId, { conversions }]) =>
      conversions.map(({ id }) => [id, referrerId] as const),
    );
    const referrerOf = (id: string) => new Map(converted).get(caseOf(id).paymentIds[0] ?? '');
    expect(referrerOf('names-itself')).toBeUndefined();
    expect(referrerOf('claim-after-the-first-payment')).toBeUndefined();
    expect(caseOf('claim-after-the-first-payment').told[2]?.body).toContain('referral_code');
    expect(referrerOf('in-euros')).toBe(host);
    expect(referrerOf('person-known-later')).toBe(host);
  });

  it('refer nobody to the ten of the table, and nobody in October', () => {
    const { referrers } = tally.books('biz_demo', '2025-10');
    const months = referrers.get(host)?.conversions.map(({ month }) => month) ?? [];
    expect(months).toHaveLength(7);
    expect(months).not.toContain('2025-10');
  });

  it('are what an admin would put right', () => {
    for (const correction of demoCorrections) {
      const id = 'memberId' in correction ? correction.memberId : correction.userId;
      expect(plantedCases.map(({ userId }) => userId)).toContain(id);
    }
    const [referrer, person] = demoCorrections;
    expect(referrer).toMatchObject({ what: 'referrer', referrerId: host });
    expect(person).toMatchObject({ membershipId: caseOf('nobody-knows-whose').membershipId });
  });

  it('are all described in the docs, word by word', () => {
    const text = readFileSync(path.resolve('docs/demo.md'), 'utf8').replace(/\s+/g, ' ');
    for (const { id, what, userId } of plantedCases) {
      expect(text).toContain(`| \`${id}\` | ${what} | \`${userId}\` |`);
    }
  });

  it('have an expectation each, in their order', () => {
    expect(caseExpectations.map(({ id }) => id)).toEqual(plantedCases.map(({ id }) => id));
  });

  it('are put right in the docs as an admin would, and the sizes are the real ones', () => {
    const text = readFileSync(path.resolve('docs/demo.md'), 'utf8');
    for (const { what: _what, ...correction } of demoCorrections) {
      const ids = Object.values(correction).filter((value) => !value.includes(' '));
      for (const id of ids) expect(text).toContain(id);
    }
    for (const scale of ['small', 'full', '100k'] as const) {
      const { members, deliveries: sent } = demoExpectations(scale);
      const [m, d] = [members, sent].map((n) => n.toLocaleString('en'));
      expect(text).toContain(`| \`${scale}\` | ${m} | ${d} |`);
    }
  });
});

const isOf = ({ body }: DemoDelivery, paymentId: string): boolean =>
  body.includes(`"id":"${paymentId}"`);
