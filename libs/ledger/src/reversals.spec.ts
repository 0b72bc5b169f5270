import { describe, expect, it } from '@jest/globals';
import {
  booksAfter,
  given,
  type PastOfMember,
  recordMembership,
  recordPayment,
  recordReversal,
  restatedBy,
  settingsWith,
} from '#libs/testing';
import { currencyGap, higherState, type ReversalState } from './index.js';

const paid = recordPayment({ referrer: 'rui' });
const SALE = '2026-02-01 sale pay_1 by rui, first: 4999 usd = 500 + 3499 + 1000';
const WHOLE = '2026-03-05 reversal rf_1 by rui, first: 4999 usd = 500 + 3499 + 1000';
const reversals = (...past: PastOfMember[]): string[] =>
  booksAfter(...past).filter((line) => line.includes('revers'));

describe('a refund', () => {
  it('takes the sale back in the month of its own time, and undoes the referral but not its count', () => {
    const past = [paid, recordReversal()];
    expect(booksAfter(...past)).toEqual([
      '2026-02-01 conversion pay_1 by rui',
      SALE,
      '2026-02-01 signUp pay_1 by rui',
      WHOLE,
      '2026-03-05 reversedConversion rf_1 by rui',
    ]);
  });

  it('moves money only once it has succeeded, and no longer when it is canceled or fails after', () => {
    const state = (...states: ReversalState[]) =>
      reversals(paid, ...states.map((one) => recordReversal({ state: one }))).length > 0;
    expect(state('pending')).toBe(false);
    expect(state('pending', 'requires_action')).toBe(false);
    expect(state('succeeded', 'pending')).toBe(true);
    expect(state('succeeded', 'failed')).toBe(false);
    expect(state('canceled', 'succeeded')).toBe(false);
    expect(state('failed', 'canceled', 'succeeded', 'pending')).toBe(false);
  });

  it('that fails is taken back in its own month, by a restatement that says because of which', () => {
    const { events } = given(paid, recordReversal()).when(recordReversal({ state: 'failed' }));
    expect(events.map(({ type }) => type)).toEqual(['RefundTold', 'CommissionRestated']);
    expect(restatedBy(events)).toEqual([
      `-${WHOLE.replace('4999 usd = 500 + 3499 + 1000', '-4999 usd = -500 + -3499 + -1000')}`,
      '-2026-03-05 reversedConversion rf_1 by rui',
    ]);
  });

  it('in parts leaves what a sale of the rest would be split into, and is never more than the sale', () => {
    const part = (n: number, amount: string) =>
      recordReversal({ id: `rf_${n}`, amount, createdAt: `2026-03-0${n}T00:00:00Z` });
    expect(reversals(paid, part(3, '49.99'), part(1, '0.05'), part(2, '20'), part(4, '1'))).toEqual(
      [
        '2026-03-01 reversal rf_1 by rui, first: 5 usd = 1 + 3 + 1',
        '2026-03-02 reversal rf_2 by rui, first: 2000 usd = 200 + 1400 + 400',
        '2026-03-03 reversal rf_3 by rui, first: 2994 usd = 299 + 2096 + 599',
        '2026-03-03 reversedConversion rf_3 by rui',
      ],
    );
  });

  it('that is told late restates the ones after it', () => {
    const later = recordReversal({ id: 'rf_2', amount: '40' });
    const early = recordReversal({ amount: '30', createdAt: '2026-03-01T00:00:00Z' });
    expect(reversals(paid, later)).toEqual([
      '2026-03-05 reversal rf_2 by rui, first: 4000 usd = 400 + 2800 + 800',
    ]);
    expect(reversals(paid, later, early)).toEqual(reversals(paid, early, later));
    expect(reversals(paid, later, early)).toEqual([
      '2026-03-01 reversal rf_1 by rui, first: 3000 usd = 300 + 2100 + 600',
      '2026-03-05 reversal rf_2 by rui, first: 1999 usd = 200 + 1399 + 400',
      '2026-03-05 reversedConversion rf_2 by rui',
    ]);
  });

  it('goes by id where two are of the same second, bytewise', () => {
    const two = [recordReversal({ id: 'rf_a' }), recordReversal({ id: 'rf_Z' })];
    expect(reversals(paid, ...two)).toEqual([
      WHOLE.replace('rf_1', 'rf_Z'),
      '2026-03-05 reversedConversion rf_Z by rui',
    ]);
  });

  it('of an organic sale takes from the creator alone and reverses no referral', () => {
    expect(reversals(recordPayment(), recordReversal({ amount: '10' }))).toEqual([
      '2026-03-05 reversal rf_1 by nobody, first: 1000 usd = 0 + 1000 + 0',
    ]);
    expect(reversals(recordPayment(), recordReversal())).toHaveLength(1);
  });

  it('of a recurring payment reverses no referral', () => {
    const second = recordPayment({ payment: 'pay_2', paidAt: '2026-02-20T00:00:00Z' });
    expect(reversals(paid, second, recordReversal({ payment: 'pay_2' }))).toEqual([
      '2026-03-05 reversal rf_1 by rui: 4999 usd = 500 + 3499 + 1000',
    ]);
  });

  it('of a payment that turns out not to be the first no longer reverses a referral', () => {
    const earlier = recordPayment({ payment: 'pay_0', paidAt: '2026-01-20T00:00:00Z' });
    const claim = recordMembership({ referrer: 'rui' });
    expect(reversals(claim, paid, recordReversal(), earlier)).toEqual([
      WHOLE.replace(', first', ''),
    ]);
  });

  it('splits by the rates of the sale, whatever is in force when it is given back', () => {
    const settings = settingsWith({
      rates: [
        { at: 0, value: { memberBps: 1000, creatorBps: 7000, platformBps: 2000 } },
        { at: 1_772_000_000, value: { memberBps: 5000, creatorBps: 4000, platformBps: 1000 } },
      ],
    });
    expect(reversals(paid, recordReversal({ settings }))).toContain(WHOLE);
  });

  it('lies in the month of the creator’s zone', () => {
    const settings = settingsWith({ zones: [{ fromMonth: null, timeZone: 'America/New_York' }] });
    const night = recordReversal({ createdAt: '2026-04-01T03:59:59Z', settings });
    expect(reversals(recordPayment({ settings }), night)).toEqual([
      '2026-03-31 reversal rf_1 by nobody, first: 4999 usd = 0 + 4999 + 0',
    ]);
  });

  it('is dated by created_at, else by the earliest envelope time told', () => {
    const told = (toldAt: string) => recordReversal({ createdAt: null, toldAt });
    const [late, early] = [told('2026-04-02T00:00:00Z'), told('2026-03-30T00:00:00Z')];
    const dayOf = (...past: PastOfMember[]) => reversals(paid, ...past)[0]?.slice(0, 10);
    expect(dayOf(late)).toBe('2026-04-02');
    expect(dayOf(late, early)).toBe('2026-03-30');
    expect(dayOf(early, late)).toBe('2026-03-30');
    expect(dayOf(early, late, recordReversal())).toBe('2026-03-05');
    expect(dayOf(recordReversal(), early)).toBe('2026-03-05');
  });

  it('of a payment that is not known to have succeeded waits', () => {
    given().when(recordReversal()).thenRefused('payment_unknown');
    given(recordPayment({ status: 'failed' }))
      .when(recordReversal())
      .thenRefused('payment_unknown');
  });

  it('of a zero sale, or of nothing, adds no line', () => {
    expect(reversals(recordPayment({ amount: '0' }), recordReversal())).toEqual([]);
    expect(reversals(paid, recordReversal({ amount: '0' }))).toEqual([]);
  });
});

describe('a refund in another currency than the sale', () => {
  const euros = { amount: '46', currency: 'eur' };
  const original = { decimal: '49.99', currency: 'usd' };

  it('counts as its original amount', () => {
    expect(reversals(paid, recordReversal({ ...euros, original }))).toContain(WHOLE);
  });

  it('takes nothing without an original amount in the currency of the sale, and says why', () => {
    const pounds = { decimal: '40', currency: 'gbp' };
    for (const told of [euros, { ...euros, original: pounds }]) {
      const { state } = given(paid).when(recordReversal(told));
      expect(currencyGap(state.facts, 'rf_1')).toBe('eur cannot be taken from a sale in usd');
      expect(reversals(paid, recordReversal(told))).toEqual([]);
    }
    expect(currencyGap(given(paid).when(recordReversal()).state.facts, 'rf_1')).toBeUndefined();
  });

  it('that learns its original amount from another telling agrees with both', () => {
    const whole = recordReversal({ ...euros, original, state: 'pending' });
    expect(reversals(paid, whole, recordReversal(euros))).toContain(WHOLE);
    expect(reversals(paid, recordReversal(euros), whole)).toContain(WHOLE);
  });

  it('and without a currency is in that of the sale, even if that is learned later', () => {
    const yen = recordPayment({ amount: '700', currency: null });
    const refund = recordReversal({ amount: '700', currency: null });
    const named = recordPayment({ amount: '700', currency: 'jpy' });
    const expected = '2026-03-05 reversal rf_1 by nobody, first: 700 jpy = 0 + 700 + 0';
    expect(reversals(yen, refund)).toEqual([
      '2026-03-05 reversal rf_1 by nobody, first: 70000 usd = 0 + 70000 + 0',
    ]);
    expect(reversals(yen, refund, named)).toEqual([expected]);
    expect(reversals(named, refund)).toEqual([expected]);
  });

  it('than the sale is learned to be in takes nothing back', () => {
    const assumed = recordPayment({ amount: '50', currency: null });
    const named = recordPayment({ amount: '50', currency: 'eur' });
    const silent = recordReversal({ currency: null });
    expect(reversals(assumed, recordReversal(), named, silent)).toEqual([]);
    expect(reversals(named, silent, recordReversal())).toEqual([]);
  });
});

describe('a dispute', () => {
  const dispute = (state: ReversalState, rest = {}) =>
    recordReversal({ id: 'dspt_1', state, ...rest });

  it('holds nothing while it is open, reverses when lost and restores when won', () => {
    expect(reversals(paid, dispute('open'))).toEqual([]);
    const lost = [WHOLE.replace('rf_1', 'dspt_1'), '2026-03-05 reversedConversion dspt_1 by rui'];
    expect(reversals(paid, dispute('lost'), dispute('open'))).toEqual(lost);
    for (const end of ['won', 'warning_closed'] as const) {
      expect(reversals(paid, dispute('lost'), dispute(end))).toEqual([]);
      expect(reversals(paid, dispute(end), dispute('lost'))).toEqual([]);
    }
  });

  it('and a refund of one payment do not reverse twice', () => {
    const refund = recordReversal({ amount: '30' });
    const later = dispute('lost', { createdAt: '2026-03-06T00:00:00Z' });
    expect(reversals(paid, later, refund)).toEqual([
      '2026-03-05 reversal rf_1 by rui, first: 3000 usd = 300 + 2100 + 600',
      '2026-03-06 reversal dspt_1 by rui, first: 1999 usd = 200 + 1399 + 400',
      '2026-03-06 reversedConversion dspt_1 by rui',
    ]);
  });
});

describe('a telling of a refund that contradicts the first', () => {
  const field = (told: Parameters<typeof recordReversal>[0]) => {
    const { events } = given(paid, recordReversal()).when(recordReversal(told));
    return events.map((event) => (event.type === 'ConflictFound' ? event.data.field : event.type));
  };

  it('changes nothing and is recorded', () => {
    expect(field({ amount: '49.98' })).toEqual(['amount']);
    expect(field({ currency: 'eur' })).toEqual(['currency']);
    expect(field({ payment: 'pay_2' })).toEqual(['payment']);
    expect(field({ createdAt: '2026-03-05T12:00:01Z', state: 'failed' })).toEqual(['createdAt']);
    expect(field({ person: 'biz_a.user_tom' })).toEqual(['person']);
    expect(field({ payment: null, state: 'failed' })).toEqual(['RefundTold', 'CommissionRestated']);
  });
});

describe('the states of reversals', () => {
  it('merge by rank, in any order', () => {
    const refund = ['pending', 'requires_action', 'succeeded', 'canceled', 'failed'] as const;
    const dispute = ['open', 'lost', 'warning_closed'] as const;
    for (const [kind, states] of [
      ['refund', refund],
      ['dispute', dispute],
    ] as const) {
      states.forEach((high, n) => {
        for (const low of states.slice(0, n + 1)) {
          expect(higherState(kind, low, high)).toBe(high);
          expect(higherState(kind, high, low)).toBe(high);
        }
      });
    }
    expect(higherState('dispute', 'won', 'warning_closed')).toBe('warning_closed');
    expect(higherState('dispute', 'warning_closed', 'won')).toBe('warning_closed');
    expect(() => higherState('refund', 'lost', 'failed')).toThrow('never');
  });
});
