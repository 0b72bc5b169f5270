import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  booksAfter,
  claimOf,
  correctReferrer,
  given,
  MEMBER,
  type PastOfMember,
  recordMembership,
  recordPayment,
  referrerCorrected,
  resolveClaims,
  resolving,
  restatedBy,
} from '#libs/testing';
import { sumsChanged } from './index.js';

const payment = recordPayment({ referrer: 'user_ana' });
const renewal = recordPayment({ payment: 'pay_2', paidAt: '2026-03-01T12:00:00Z' });

describe('a corrected referrer', () => {
  it('stands above the claims, for all payments of the member', () => {
    const { events } = given(payment, renewal).when(correctReferrer());
    expect(events[0]).toEqual(referrerCorrected());
    expect(restatedBy(events)).toEqual([
      '-2026-02-01 signUp pay_1 by user_ana',
      '-2026-02-01 sale pay_1 by user_ana, first: -4999 usd = -500 + -3499 + -1000',
      '-2026-02-01 conversion pay_1 by user_ana',
      '-2026-03-01 sale pay_2 by user_ana: -4999 usd = -500 + -3499 + -1000',
      '2026-02-01 signUp pay_1 by user_rui',
      '2026-02-01 sale pay_1 by user_rui, first: 4999 usd = 500 + 3499 + 1000',
      '2026-02-01 conversion pay_1 by user_rui',
      '2026-03-01 sale pay_2 by user_rui: 4999 usd = 500 + 3499 + 1000',
    ]);
  });

  it('may be nobody: the member is organic', () => {
    expect(booksAfter(payment, correctReferrer({ referrer: null }))).toEqual([
      '2026-02-01 sale pay_1 by nobody, first: 4999 usd = 0 + 4999 + 0',
      '2026-02-01 signUp pay_1 by nobody',
    ]);
  });

  it('is followed by the latest: of several the last stands', () => {
    const corrected = booksAfter(
      payment,
      correctReferrer({ referrer: null }),
      correctReferrer({ referrer: 'user_zoe' }),
      correctReferrer(),
    );
    expect(corrected).toEqual(booksAfter(recordPayment({ referrer: 'user_rui' })));
  });

  it('is not moved by claims that are told or resolved later', () => {
    const books = booksAfter(correctable, correctReferrer(), payment, renewal);
    const earlier = recordMembership({
      joinedAt: '2026-01-15T08:00:00Z',
      claims: [claimOf('user_tom')],
      resolving: [],
    });
    const told = booksAfter(correctable, correctReferrer(), payment, renewal, earlier);
    const resolved = resolveClaims([resolving('user_tom')]);
    expect(booksAfter(correctable, correctReferrer(), payment, renewal, earlier, resolved)).toEqual(
      told,
    );
    expect(books.filter((line) => line.includes('by user_rui'))).toHaveLength(4);
    expect(told.filter((line) => line.includes('by user_rui'))).toHaveLength(4);
  });

  it('is an event of its own also where it says what is so: claims may come that say otherwise', () => {
    given(payment)
      .when(correctReferrer({ referrer: 'user_ana' }))
      .then(referrerCorrected({ referrer: 'user_ana' }));
  });

  it('is so already for the same reason, and is said again for another', () => {
    given(payment, correctReferrer())
      .when(correctReferrer({ at: '2026-07-01T00:00:00Z' }))
      .then();
    given(payment, correctReferrer())
      .when(correctReferrer({ reason: 'seen in writing' }))
      .then(referrerCorrected({ reason: 'seen in writing' }));
  });

  it('is refused for oneself, for nobody known and without a reason', () => {
    given(payment)
      .when(correctReferrer({ referrer: MEMBER }))
      .thenRefused('referrer_is_member');
    given().when(correctReferrer()).thenRefused('member_not_found');
    given(payment)
      .when(correctReferrer({ reason: ' ' }))
      .thenRefused('reason_required');
  });

  it('gives the same books before, between and after what is told', () => {
    const tellings: PastOfMember[] = [
      payment,
      renewal,
      recordMembership({ referrer: 'user_tom' }),
      recordPayment({ payment: 'pay_0', paidAt: '2026-01-20T12:00:00Z', amount: '0' }),
    ];
    const expected = booksAfter(correctable, ...tellings, correctReferrer());
    fc.assert(
      fc.property(
        fc.shuffledSubarray(tellings, { minLength: tellings.length }),
        fc.nat(tellings.length),
        fc.boolean(),
        (order, place, twice) => {
          const past: PastOfMember[] = [correctable, ...order];
          // Another correction first: the latest stands, wherever the tellings come.
          past.splice(1 + place, 0, correctReferrer());
          if (twice) past.splice(1, 0, correctReferrer({ referrer: 'user_zoe' }));
          expect(booksAfter(...past)).toEqual(expected);
        },
      ),
    );
  });
});

/** The member is known, and nothing is booked yet. */
const correctable = recordPayment({ payment: 'pay_f', status: 'failed' });

describe('what a correction changes', () => {
  it('is summed up by month, referrer and currency, before and after', () => {
    const { events, state } = given(payment, renewal).when(correctReferrer());
    const before = given(payment, renewal).when(recordPayment({ payment: 'pay_2', paidAt: null }));
    expect(events).toHaveLength(2);
    const changes = sumsChanged(before.state.recorded.lines(), state.recorded.lines());
    const texts = changes.map(
      ({ month, referrerId, currency, before: b, after: a }) =>
        `${month} ${referrerId} ${currency}: ${b.signUps} ${b.referrals} ${b.memberMinor} -> ${a.signUps} ${a.referrals} ${a.memberMinor}`,
    );
    expect(texts).toEqual([
      '2026-02 user_ana null: 1 0 0 -> 0 0 0',
      '2026-02 user_ana usd: 0 1 500 -> 0 0 0',
      '2026-02 user_rui null: 0 0 0 -> 1 0 0',
      '2026-02 user_rui usd: 0 0 0 -> 0 1 500',
      '2026-03 user_ana usd: 0 0 500 -> 0 0 0',
      '2026-03 user_rui usd: 0 0 0 -> 0 0 500',
    ]);
  });

  it('is nothing where the lines are the same', () => {
    const { state } = given(payment).when(renewal);
    const lines = state.recorded.lines();
    expect(sumsChanged(lines, [...lines].reverse())).toEqual([]);
  });
});
