import { describe, expect, it } from '@jest/globals';
import {
  at,
  booksAfter,
  conflictFound,
  given,
  type PastOfMember,
  paymentReceived,
  recordMembership,
  recordPayment,
  settingsWith,
} from '#libs/testing';
import type { MemberEvent } from './index.js';

const paidAt = at('2026-02-01T12:00:00Z');
const learned = (data: object, effectiveAt = paidAt): MemberEvent => ({
  type: 'PaymentDetailsLearned',
  effectiveAt,
  data: { payment: 'pay_1', ...data },
});

describe('a payment told in pieces', () => {
  it('learns what was missing, each thing once', () => {
    const second = recordPayment({
      membership: 'mem_1',
      billingReason: 'one_time',
      username: 'hash',
      claims: [[1, 'a']],
    });
    given(recordPayment())
      .when(second)
      .then(
        learned({
          membership: 'mem_1',
          billingReason: 'one_time',
          claims: [[1, 'a']],
          username: 'hash',
        }),
      );
    const third = recordPayment({
      billingReason: 'subscription_cycle',
      username: 'other',
      claims: [
        [1, 'a'],
        [3, 'b'],
      ],
    });
    given(recordPayment(), second)
      .when(third)
      .then(learned({ claims: [[3, 'b']], username: 'other' }));
  });

  it('that a telling repeats without some of it loses nothing', () => {
    given(recordPayment({ membership: 'mem_1', claims: [[1, 'a']], username: 'hash' }))
      .when(recordPayment())
      .then();
  });

  it('failed and then succeeded is a sale, and keeps what the failed telling said', () => {
    const failed = recordPayment({
      status: 'failed',
      createdAt: '2026-01-31T00:00:00Z',
      membership: 'mem_1',
      billingReason: 'one_time',
      claims: [[1, 'a']],
    });
    given()
      .when(failed)
      .then({
        type: 'PaymentFailed',
        effectiveAt: at('2026-01-31T00:00:00Z'),
        data: {
          payment: 'pay_1',
          membership: 'mem_1',
          billingReason: 'one_time',
          claims: [[1, 'a']],
        },
      });
    expect(booksAfter(failed)).toEqual([]);
    given(failed)
      .when(recordPayment({ membership: 'mem_1', claims: [[1, 'a']] }))
      .then(paymentReceived());
    given(failed).when(failed).then();
    given(failed)
      .when(recordPayment({ membership: 'mem_2' }))
      .then(conflictFound({ field: 'membership', first: 'mem_1', told: 'mem_2' }));
  });

  it('succeeded and then failed stays a sale', () => {
    given(recordPayment())
      .when(recordPayment({ status: 'failed' }))
      .then();
    given(recordPayment({ currency: null }))
      .when(recordPayment({ status: 'failed', billingReason: 'one_time' }))
      .then(learned({ billingReason: 'one_time' }));
  });

  it.each([
    ['paid_at_missing', recordPayment({ paidAt: null })],
    ['amount_missing', recordPayment({ amount: null })],
    ['amount_too_precise', recordPayment({ amount: '1.001' })],
    ['amount_too_precise', recordPayment({ amount: '1.5', currency: 'jpy' })],
    ['amount_negative', recordPayment({ amount: '-1' })],
    ['currency_unknown', recordPayment({ currency: 'bgn' })],
  ])('is refused with %s', (code, command) => {
    given().when(command).thenRefused(code);
    given(recordPayment({ status: 'failed', payment: 'pay_1' }))
      .when(command)
      .thenRefused(code);
  });

  it('needs neither time nor amount once they are known', () => {
    given(recordPayment())
      .when(recordPayment({ paidAt: null, amount: null }))
      .then();
  });
});

describe('a payment without a currency', () => {
  const euros = settingsWith({ currency: [{ at: 0, value: 'eur' }] });
  const untold = recordPayment({ currency: null, settings: euros });

  it('is in the creator’s, and says that this was assumed', () => {
    given()
      .when(untold)
      .then(paymentReceived({ currency: 'eur', currencyAssumed: true }));
    given(untold).when(untold).then();
  });

  it('is restated when a telling names one, its amount counted in that one’s units', () => {
    const ten = recordPayment({ currency: null, amount: '10.5', settings: euros });
    const dinars = recordPayment({ currency: 'kwd', amount: '10.5', settings: euros });
    expect(given(ten).when(dinars).events[0]).toEqual(
      learned({ currency: 'kwd', amountMinor: '10500' }),
    );
    expect(booksAfter(ten, dinars)).toEqual(booksAfter(dinars));
    expect(booksAfter(dinars, ten)).toEqual(booksAfter(dinars));
    given(ten, dinars).when(ten).then();
  });

  it('is in the one that a failed telling names, before or after', () => {
    const failed = recordPayment({ status: 'failed', currency: 'gbp', settings: euros });
    const expected = booksAfter(recordPayment({ currency: 'gbp' }));
    expect(booksAfter(untold, failed)).toEqual(expected);
    expect(booksAfter(failed, untold)).toEqual(expected);
    expect(booksAfter(recordPayment({ status: 'failed' }), failed, untold)).toEqual(expected);
    given(failed)
      .when(untold)
      .then(paymentReceived({ currency: 'gbp' }));
  });

  it('whose amount does not fit the one named later is refused, not rounded', () => {
    const yen = recordPayment({ amount: '49.99', status: 'failed', currency: 'jpy' });
    given(untold).when(yen).thenRefused('amount_too_precise');
  });

  it('contradicts nothing that it does not name', () => {
    given(recordPayment()).when(untold).then();
    given(untold, recordPayment({ currency: 'eur' }))
      .when(recordPayment())
      .then(conflictFound({ field: 'currency', first: 'eur', told: 'usd' }));
  });
});

describe('a contradiction', () => {
  const first = recordPayment({ membership: 'mem_1', person: 'biz_a.user_mia' });
  const contradictions: [string, PastOfMember & { type: 'RecordPayment' }, string, string][] = [
    ['amount', recordPayment({ amount: '50' }), '49.99', '50'],
    ['currency', recordPayment({ currency: 'eur' }), 'usd', 'eur'],
    ['person', recordPayment({ person: 'biz_a.user_tom' }), 'biz_a.user_mia', 'biz_a.user_tom'],
    ['membership', recordPayment({ membership: 'mem_2' }), 'mem_1', 'mem_2'],
  ];

  it.each(contradictions)(
    'of %s changes nothing and is recorded once',
    (field, command, was, told) => {
      const conflict = conflictFound({ field, first: was, told });
      given(first).when(command).then(conflict);
      given(first, command).when(command).then();
      expect(booksAfter(first, command)).toEqual(booksAfter(first));
    },
  );

  it('of the time is recorded in whole seconds', () => {
    const later = recordPayment({ paidAt: '2026-02-01T12:00:01Z' });
    given(first)
      .when(later)
      .then(
        conflictFound(
          { field: 'paidAt', first: String(paidAt), told: String(paidAt + 1) },
          '2026-02-01T12:00:01Z',
        ),
      );
  });

  it('drops the whole telling, also what would have been new', () => {
    const telling = recordPayment({ amount: '50', username: 'hash', referrer: 'rui' });
    given(first).when(telling).then(conflictFound({}));
    expect(booksAfter(first, telling)).toEqual(booksAfter(first));
  });

  it('in two fields is two conflicts, in another value another', () => {
    const both = recordPayment({ amount: '50', currency: 'eur' });
    const currency = conflictFound({ field: 'currency', first: 'usd', told: 'eur' });
    given(first).when(both).then(currency, conflictFound({}));
    given(first, recordPayment({ amount: '50' }))
      .when(both)
      .then(currency);
    given(first, both)
      .when(recordPayment({ amount: '51' }))
      .then(conflictFound({ told: '51' }));
  });

  it('is not the same amount with zeros at its end, as tellings give it', () => {
    given(recordPayment({ amount: '10.00' }))
      .when(recordPayment({ amount: '10' }))
      .then();
    given(recordPayment({ amount: '1000', currency: 'jpy' }))
      .when(recordPayment({ amount: '1000', currency: 'jpy' }))
      .then();
  });

  it('of the person is found on the first telling too', () => {
    given()
      .when(recordPayment({ person: 'biz_a.user_tom' }))
      .then(conflictFound({ field: 'person', first: 'biz_a.user_mia', told: 'biz_a.user_tom' }));
  });

  it.each([
    ['joinedAt', recordMembership({ joinedAt: '2026-01-16T08:00:00Z' })],
    ['createdAt', recordMembership({ createdAt: '2026-01-16T08:00:00Z' })],
    ['person', recordMembership({ person: 'biz_a.user_tom' })],
  ])('of a membership’s %s changes nothing either', (field, command) => {
    const known = recordMembership({ createdAt: '2026-01-14T08:00:00Z' });
    const { events } = given(known).when(command);
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toMatchObject({ fact: 'mem_1', field });
    given(known, command).when(command).then();
    expect(booksAfter(known, command)).toEqual(booksAfter(known));
  });
});

describe('a membership told in pieces', () => {
  const timeless = recordMembership({ joinedAt: null });

  it('learns its times and moves the sign-up to them', () => {
    const created = recordMembership({ joinedAt: null, createdAt: '2026-01-20T00:00:00Z' });
    expect(given(timeless).when(created).events[0]).toEqual({
      type: 'MembershipDetailsLearned',
      effectiveAt: at('2026-01-20T00:00:00Z'),
      data: { membership: 'mem_1', createdAt: at('2026-01-20T00:00:00Z') },
    });
    expect(booksAfter(timeless, created)).toEqual(['2026-01-20 signUp mem_1 by nobody']);
    const joined = recordMembership();
    expect(booksAfter(timeless, created, joined)).toEqual(['2026-01-15 signUp mem_1 by nobody']);
    expect(booksAfter(joined, created, timeless)).toEqual(['2026-01-15 signUp mem_1 by nobody']);
    given(timeless, created, joined).when(created).then();
  });

  it('learns claims and usernames, each once', () => {
    const telling = recordMembership({ claims: [[2, 'a']], username: 'hash' });
    given(recordMembership())
      .when(telling)
      .then({
        type: 'MembershipDetailsLearned',
        effectiveAt: at('2026-01-15T08:00:00Z'),
        data: { membership: 'mem_1', claims: [[2, 'a']], username: 'hash' },
      });
    given(recordMembership(), telling)
      .when(recordMembership({ username: 'hash' }))
      .then();
  });
});
