import { describe, expect, it } from '@jest/globals';
import type { Facts, PaymentFact } from './books.js';
import { claimsWeighed } from './claims-weighed.js';
import type { StoredClaim } from './events.js';

const paid = (
  paymentId: string,
  at: number,
  claims: StoredClaim[],
  amountMinor = 500n,
): PaymentFact => ({
  paymentId,
  status: 'succeeded',
  claims,
  usernames: [],
  paid: {
    at,
    amountMinor,
    currency: 'usd',
    currencyAssumed: false,
    stamp: { at, day: '2026-01-01', timeZone: 'UTC' },
  },
});
const claim = (key: string): StoredClaim => [1, key];

const facts = (rest: Partial<Facts> = {}): Facts => ({
  creatorId: 'biz_a',
  memberId: 'user_m',
  payments: new Map(
    [
      paid('pay_0', 50, [claim('c:nobody'), claim('c:rui')], 0n),
      paid('pay_1', 100, [claim('c:ana'), claim('c:young')]),
      paid('pay_2', 200, [claim('c:zoe')]),
    ].map((payment) => [payment.paymentId, payment]),
  ),
  memberships: new Map([
    [
      'mem_1',
      {
        membershipId: 'mem_1',
        claims: [claim('c:rui')],
        usernames: [],
        told: [],
        stamp: { at: 1, day: '', timeZone: '' },
      },
    ],
  ]),
  reversals: new Map(),
  resolutions: new Map([
    ['c:rui', { memberId: 'user_rui' }],
    ['c:ana', { memberId: 'user_ana' }],
    ['c:zoe', { memberId: 'user_zoe' }],
    ['c:young', { memberId: 'user_yan', notBefore: 100 }],
  ]),
  ...rest,
});

const verdicts = (of: Facts): string[] =>
  claimsWeighed(of).map(({ factId, key, verdict }) => `${factId} ${key} ${verdict}`);

describe('claims', () => {
  it('are each said to count or not, and why', () => {
    expect(verdicts(facts())).toEqual([
      'pay_0 c:nobody unresolved',
      'pay_0 c:rui stands',
      'pay_1 c:ana later',
      'pay_1 c:young before_code',
      'pay_2 c:zoe after_payment',
      'mem_1 c:rui undated',
    ]);
  });

  it('are all overruled by an admin who says who it was', () => {
    const corrected = facts({ correction: { referrerId: null, reason: 'as they told us' } });
    expect(verdicts(corrected).filter((one) => / (stands|later)$/.test(one))).toEqual([]);
    expect(verdicts(corrected)).toContain('pay_0 c:rui overruled');
  });

  it('of oneself name nobody', () => {
    const resolutions = new Map([['c:rui', { memberId: 'user_m' }]]);
    expect(verdicts(facts({ resolutions }))).not.toContain('pay_0 c:rui stands');
  });
});
