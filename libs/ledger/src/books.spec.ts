import { describe, expect, it } from '@jest/globals';
import {
  at,
  booksAfter,
  claimOf,
  type PastOfMember,
  recordMembership,
  recordPayment,
  resolveClaims,
  resolving,
  settingsWith,
} from '#libs/testing';
import { bearingOf, booksOf, claimKeysOf, memberDecider } from './index.js';

const conversions = (...past: PastOfMember[]): string[] =>
  booksAfter(...past).filter((line) => line.includes('conversion'));
const signUps = (...past: PastOfMember[]): string[] =>
  booksAfter(...past).filter((line) => line.includes('signUp'));

describe('a conversion', () => {
  const first = recordPayment({ payment: 'pay_b', referrer: 'rui' });

  it('is the first payment above zero of a referred member, in the month of that payment', () => {
    const joined = recordMembership({ joinedAt: '2026-01-15T08:00:00Z', referrer: 'rui' });
    expect(booksAfter(joined, recordPayment({ payment: 'pay_b' }))).toEqual([
      '2026-01-15 signUp mem_1 by rui',
      '2026-02-01 conversion pay_b by rui',
      '2026-02-01 sale pay_b by rui, first: 4999 usd = 500 + 3499 + 1000',
    ]);
  });

  it('happens once, however many payments follow', () => {
    const later = ['c', 'd', 'e'].map((id, n) =>
      recordPayment({ payment: `pay_${id}`, paidAt: `2026-0${n + 3}-01T12:00:00Z` }),
    );
    expect(conversions(first, ...later)).toEqual(['2026-02-01 conversion pay_b by rui']);
    expect(booksAfter(first, ...later)).toContain(
      '2026-05-01 sale pay_e by rui: 4999 usd = 500 + 3499 + 1000',
    );
  });

  it('moves to an earlier payment that is told later', () => {
    const earlier = recordPayment({
      payment: 'pay_z',
      paidAt: '2026-01-31T23:59:59Z',
      referrer: 'rui',
    });
    expect(conversions(first, earlier)).toEqual(['2026-01-31 conversion pay_z by rui']);
  });

  it('goes by the payment id where two were paid in the same second, bytewise', () => {
    const joined = recordMembership({ referrer: 'rui' });
    const others = ['pay_Z', 'pay_a', 'pay_c'].map((payment) => recordPayment({ payment }));
    const expected = ['2026-02-01 conversion pay_Z by rui'];
    expect(conversions(joined, first, ...others)).toEqual(expected);
    expect(conversions(...others.reverse(), first, joined)).toEqual(expected);
  });

  it('is not a payment of zero, which only signs up', () => {
    const trial = recordPayment({
      payment: 'pay_0',
      paidAt: '2026-01-20T00:00:00Z',
      amount: '0',
      referrer: 'rui',
    });
    expect(booksAfter(trial)).toEqual(['2026-01-20 signUp pay_0 by rui']);
    expect(booksAfter(trial, recordPayment())).toEqual([
      '2026-01-20 signUp pay_0 by rui',
      '2026-02-01 conversion pay_1 by rui',
      '2026-02-01 sale pay_1 by rui, first: 4999 usd = 500 + 3499 + 1000',
    ]);
  });

  it('is nothing of a member whom nobody referred: the sale is the creator’s', () => {
    expect(booksAfter(recordPayment())).toEqual([
      '2026-02-01 sale pay_1 by nobody, first: 4999 usd = 0 + 4999 + 0',
      '2026-02-01 signUp pay_1 by nobody',
    ]);
  });

  it('is decided by time and id, never by the billing reason', () => {
    const renewal = recordPayment({ billingReason: 'subscription_cycle', referrer: 'rui' });
    const create = recordPayment({
      payment: 'pay_2',
      paidAt: '2026-03-01T00:00:00Z',
      billingReason: 'subscription_create',
    });
    expect(conversions(create, renewal)).toEqual(['2026-02-01 conversion pay_1 by rui']);
  });

  it('lies in the month of the creator’s zone', () => {
    const zones = [{ fromMonth: null, timeZone: 'America/New_York' }];
    const night = recordPayment({
      paidAt: '2026-10-01T03:58:00Z',
      referrer: 'rui',
      settings: settingsWith({ zones }),
    });
    expect(conversions(night)).toEqual(['2026-09-30 conversion pay_1 by rui']);
  });
});

describe('the sign-up', () => {
  it('is at joined_at of the membership, else at its created_at', () => {
    const both = recordMembership({ createdAt: '2026-01-01T00:00:00Z' });
    expect(signUps(both)).toEqual(['2026-01-15 signUp mem_1 by nobody']);
    const created = recordMembership({ joinedAt: null, createdAt: '2026-01-02T00:00:00Z' });
    expect(signUps(created)).toEqual(['2026-01-02 signUp mem_1 by nobody']);
    expect(signUps(created, recordMembership({ status: 'deactivated' }))).toEqual([
      '2026-01-15 signUp mem_1 by nobody',
    ]);
  });

  it('is the earliest of the memberships and the succeeded payments, zero amounts included', () => {
    const second = recordMembership({ membership: 'mem_2', joinedAt: '2026-01-10T00:00:00Z' });
    const trial = recordPayment({ paidAt: '2026-01-09T00:00:00Z', amount: '0' });
    const failed = recordPayment({
      payment: 'pay_2',
      status: 'failed',
      createdAt: '2026-01-01T00:00:00Z',
    });
    const all = [recordMembership(), second, trial, failed];
    expect(signUps(...all)).toEqual(['2026-01-09 signUp pay_1 by nobody']);
    expect(signUps(...all.reverse())).toEqual(['2026-01-09 signUp pay_1 by nobody']);
    expect(signUps(second, recordMembership())).toEqual(['2026-01-10 signUp mem_2 by nobody']);
  });

  it('is not dated by a membership without any time, nor by its receipt', () => {
    expect(booksAfter(recordMembership({ joinedAt: null }))).toEqual([]);
  });

  it('is dated by a membership that was deactivated before we heard of it', () => {
    const gone = recordMembership({ status: 'deactivated' });
    expect(signUps(gone)).toEqual(['2026-01-15 signUp mem_1 by nobody']);
    expect(signUps(gone, recordMembership())).toEqual(signUps(gone));
  });
});

describe('a commission', () => {
  const rates = [
    { at: 0, value: { memberBps: 1000, creatorBps: 7000, platformBps: 2000 } },
    {
      at: at('2026-03-01T00:00:00Z'),
      value: { memberBps: 5000, creatorBps: 4000, platformBps: 1000 },
    },
  ];
  const settings = settingsWith({ rates });
  const sale = (paidAt: string, amount = '1.05') =>
    booksAfter(recordPayment({ paidAt, amount, referrer: 'rui', settings })).filter((line) =>
      line.includes('sale'),
    );

  it('splits by the rates in force when it was paid', () => {
    expect(sale('2026-02-28T23:59:59Z', '100')).toEqual([
      '2026-02-28 sale pay_1 by rui, first: 10000 usd = 1000 + 7000 + 2000',
    ]);
    expect(sale('2026-03-01T00:00:00Z', '100')).toEqual([
      '2026-03-01 sale pay_1 by rui, first: 10000 usd = 5000 + 4000 + 1000',
    ]);
  });

  it('gives what is left over to the largest remainder, the member first', () => {
    // 10.5 + 73.5 + 21: the odd unit is the member's.
    expect(sale('2026-02-01T00:00:00Z')).toEqual([
      '2026-02-01 sale pay_1 by rui, first: 105 usd = 11 + 73 + 21',
    ]);
  });

  it('is owed for every payment of the referred member, each in its own currency', () => {
    const euros = recordPayment({
      payment: 'pay_2',
      paidAt: '2026-02-02T00:00:00Z',
      amount: '10',
      currency: 'eur',
    });
    const yen = recordPayment({
      payment: 'pay_3',
      paidAt: '2026-02-03T00:00:00Z',
      amount: '500',
      currency: 'jpy',
    });
    const books = booksAfter(recordPayment({ referrer: 'rui' }), euros, yen);
    expect(books).toContain('2026-02-02 sale pay_2 by rui: 1000 eur = 100 + 700 + 200');
    expect(books).toContain('2026-02-03 sale pay_3 by rui: 500 jpy = 50 + 350 + 100');
  });
});

describe('a claim', () => {
  const referrer = (...past: PastOfMember[]): string | undefined =>
    / by (\w+)/.exec(signUps(...past)[0] ?? '')?.[1];
  const paid = (payment: string, paidAt: string, by?: string) =>
    recordPayment({ payment, paidAt, ...(by === undefined ? {} : { referrer: by }) });

  it('stands if it is the earliest by time, then by id of its fact', () => {
    const ana = recordMembership({ membership: 'mem_9', referrer: 'ana' });
    const rui = recordMembership({ membership: 'mem_8', referrer: 'rui' });
    const early = recordMembership({
      membership: 'mem_a',
      joinedAt: '2026-01-14T00:00:00Z',
      referrer: 'eva',
    });
    expect(referrer(ana, rui)).toBe('rui');
    expect(referrer(rui, ana)).toBe('rui');
    expect(referrer(rui, ana, early)).toBe('eva');
  });

  it('counts on the first payment itself, and not on a later one', () => {
    const first = paid('pay_1', '2026-02-01T12:00:00Z');
    expect(referrer(first, paid('pay_2', '2026-03-01T00:00:00Z', 'rui'))).toBe('nobody');
    expect(referrer(first, paid('pay_2', '2026-02-01T12:00:00Z', 'rui'))).toBe('nobody');
    expect(referrer(first, paid('pay_0', '2026-02-01T12:00:00Z', 'rui'))).toBe('rui');
    const late = recordMembership({ joinedAt: '2026-02-01T12:00:01Z', referrer: 'rui' });
    expect(referrer(first, late)).toBe('nobody');
  });

  it('is not cut off by a payment of zero or a failed one', () => {
    const trial = recordPayment({ payment: 'pay_0', paidAt: '2026-01-01T00:00:00Z', amount: '0' });
    const failed = recordPayment({ payment: 'pay_f', status: 'failed' });
    expect(referrer(trial, failed, paid('pay_1', '2026-02-01T00:00:00Z', 'rui'))).toBe('rui');
  });

  it('that an earlier payment cuts off names nobody any more', () => {
    const claimed = paid('pay_2', '2026-03-01T00:00:00Z', 'rui');
    expect(referrer(claimed)).toBe('rui');
    expect(referrer(claimed, paid('pay_1', '2026-02-01T00:00:00Z'))).toBe('nobody');
  });

  it('is tried within its fact by slot, then bytewise by key, whoever told it first', () => {
    const known = ['a', 'b', 'c'].map((key) => ({ key, memberId: `of_${key}` }));
    const claimed = (claims: readonly (readonly [1 | 2 | 3 | 4 | 5, string])[]) =>
      recordMembership({ claims, resolving: known });
    expect(referrer(claimed([[5, 'a']]), claimed([[3, 'c']]), claimed([[3, 'b']]))).toBe('of_b');
    expect(referrer(claimed([[3, 'c']]), claimed([[2, 'unknown']]), claimed([[5, 'a']]))).toBe(
      'of_c',
    );
  });

  it('of oneself, or of another creator’s member, names nobody', () => {
    const self = recordPayment({
      claims: [claimOf('mia')],
      resolving: [resolving('mia', { memberId: 'user_mia' })],
    });
    expect(referrer(self)).toBe('nobody');
    const foreign = recordPayment({
      claims: [claimOf('tom')],
      resolving: [resolving('tom', { memberId: null })],
    });
    expect(referrer(foreign)).toBe('nobody');
    const next = recordMembership({ joinedAt: '2026-01-31T00:00:00Z', referrer: 'rui' });
    expect(referrer(self, next)).toBe('rui');
  });

  it('that does not resolve makes way for a later one, until it does', () => {
    const unknown = recordMembership({ claims: [claimOf('ana')] });
    const rui = recordPayment({ referrer: 'rui' });
    expect(referrer(unknown, rui)).toBe('rui');
    expect(referrer(unknown, rui, resolveClaims([resolving('ana')]))).toBe('ana');
    const withdrawn = resolveClaims([resolving('ana', { memberId: null })]);
    expect(referrer(unknown, rui, resolveClaims([resolving('ana')]), withdrawn)).toBe('rui');
  });

  it('of a code that was chosen resolves only after it was set', () => {
    const chosen = (notBefore: string) =>
      resolveClaims([resolving('rui', { notBefore: at(notBefore) })]);
    const claimed = recordPayment({ claims: [claimOf('rui')] });
    expect(referrer(claimed, chosen('2026-02-01T12:00:00Z'))).toBe('nobody');
    expect(referrer(claimed, chosen('2026-02-01T11:59:59Z'))).toBe('rui');
  });

  it('of a failed payment counts once the payment succeeds, at the time it was paid', () => {
    const failed = recordPayment({
      status: 'failed',
      createdAt: '2026-01-01T00:00:00Z',
      referrer: 'rui',
    });
    const joined = recordMembership({ referrer: 'ana' });
    expect(referrer(failed, joined)).toBe('ana');
    expect(referrer(failed, recordPayment())).toBe('rui');
    expect(referrer(failed, recordPayment(), joined)).toBe('ana');
  });

  it('of a membership without a time does not count', () => {
    const timeless = recordMembership({ joinedAt: null, referrer: 'rui' });
    expect(referrer(timeless, recordPayment())).toBe('nobody');
  });
});

describe('what others must know of a member', () => {
  const facts = (
    ...past: (ReturnType<typeof recordPayment> | ReturnType<typeof recordMembership>)[]
  ) =>
    past.reduce(
      (state, command) => memberDecider.decide(command, state).reduce(memberDecider.evolve, state),
      memberDecider.initial('member-biz_a.user_mia'),
    ).facts;

  it('is every key that its facts claim', () => {
    const known = facts(
      recordPayment({
        claims: [
          [1, 'a'],
          [4, 'b'],
        ],
      }),
      recordMembership({
        claims: [
          [2, 'c'],
          [3, 'a'],
        ],
      }),
    );
    expect(claimKeysOf(known).sort()).toEqual(['a', 'b', 'c']);
  });

  it('is since when it has borne a username: by time and id of the facts that carry it', () => {
    const known = facts(
      recordPayment({ payment: 'pay_2', username: 'u' }),
      recordPayment({ payment: 'pay_1', username: 'u' }),
      recordPayment({ payment: 'pay_0', paidAt: '2026-01-01T00:00:00Z', username: 'other' }),
      recordPayment({ payment: 'pay_f', status: 'failed', username: 'u' }),
      recordMembership({ joinedAt: null, username: 'u' }),
    );
    const since = at('2026-02-01T12:00:00Z');
    expect(bearingOf(known, 'u')).toEqual({ at: since, sourceId: 'pay_1' });
    expect(bearingOf(known, 'nobody’s')).toBeUndefined();
    const joined = facts(recordPayment({ username: 'u' }), recordMembership({ username: 'u' }));
    const joinedAt = at('2026-01-15T08:00:00Z');
    expect(bearingOf(joined, 'u')).toEqual({ at: joinedAt, sourceId: 'mem_1' });
  });
});

describe('a day', () => {
  it('stays as it was stamped, and is read anew only where its zone changed', () => {
    const settings = settingsWith();
    const state = memberDecider.initial('member-biz_a.user_mia');
    for (const event of memberDecider.decide(recordPayment(), state)) {
      const { type, effectiveAt } = event;
      if (type !== 'PaymentReceived') throw new Error('a payment makes one event');
      // As another time-zone database once said.
      memberDecider.evolve(state, {
        type,
        effectiveAt,
        data: { ...event.data, day: '2026-01-31' },
      });
    }
    const days = (zone: string) =>
      new Set(
        booksOf(state.facts, settingsWith({ zones: [{ fromMonth: null, timeZone: zone }] })).map(
          ({ day, month }) => `${day} of ${month}`,
        ),
      );
    expect(booksOf(state.facts, settings)).toHaveLength(2);
    expect(days('UTC')).toEqual(new Set(['2026-01-31 of 2026-01']));
    expect(days('Pacific/Auckland')).toEqual(new Set(['2026-02-02 of 2026-02']));
  });
});
