import { describe, expect, it } from '@jest/globals';
import {
  aLine,
  at,
  booksAfter,
  claimOf,
  claimResolved,
  commissionRestated,
  given,
  MEMBER_STREAM,
  membershipActivated,
  paymentReceived,
  recordMembership,
  recordPayment,
  resolveClaims,
  resolving,
  restatedBy,
  settingsWith,
  stateAfter,
} from '#libs/testing';
import { booksOf, memberDecider, negated } from './index.js';

describe('a payment', () => {
  it('carries the lines that it adds itself', () => {
    given()
      .when(recordPayment({ referrer: 'rui' }))
      .then(claimResolved('rui'), paymentReceived({ referrer: 'rui' }));
    given().when(recordPayment()).then(paymentReceived());
  });

  it('of zero adds a sign-up and nothing else', () => {
    given()
      .when(recordPayment({ amount: '0' }))
      .then(paymentReceived({ amountMinor: 0n }));
  });

  it('after a membership signs nobody up again', () => {
    given(recordMembership({ referrer: 'rui' }))
      .when(recordPayment())
      .then(paymentReceived({ referrer: 'rui', claims: [], signsUp: false }));
  });

  it('that recurs earns and does not count', () => {
    given(claimResolved('rui'), paymentReceived({ referrer: 'rui' }))
      .when(recordPayment({ payment: 'pay_2', paidAt: '2026-03-01T12:00:00Z' }))
      .then(
        paymentReceived({
          payment: 'pay_2',
          paidAt: '2026-03-01T12:00:00Z',
          referrer: 'rui',
          claims: [],
          first: false,
          signsUp: false,
        }),
      );
  });

  it('told again says nothing new', () => {
    given(claimResolved('rui'), paymentReceived({ referrer: 'rui' }))
      .when(recordPayment({ referrer: 'rui' }))
      .then();
  });

  it('that comes after a later one restates what the later one was', () => {
    const later = paymentReceived({ payment: 'pay_2', paidAt: '2026-03-01T12:00:00Z' });
    const was = {
      sourceId: 'pay_2',
      paymentId: 'pay_2',
      at: at('2026-03-01T12:00:00Z'),
      day: '2026-03-01',
    };
    const signUp = aLine({
      ...was,
      kind: 'signUp',
      paymentId: '',
      first: false,
      currency: null,
      saleMinor: 0n,
      creatorMinor: 0n,
    });
    given(later)
      .when(recordPayment())
      .then(
        paymentReceived(),
        commissionRestated(
          'pay_1',
          '2026-02-01T12:00:00Z',
          negated(signUp),
          negated(aLine(was)),
          aLine({ ...was, first: false }),
        ),
      );
  });

  it('is dated on the creator’s calendar, zone and day stamped', () => {
    const zones = [{ fromMonth: null, timeZone: 'America/New_York' }];
    const paidAt = '2026-10-01T03:58:00Z';
    given()
      .when(recordPayment({ paidAt, settings: settingsWith({ zones }) }))
      .then(paymentReceived({ paidAt, timeZone: 'America/New_York' }));
  });
});

describe('a membership', () => {
  it('dates the sign-up and names the referrer of every payment before and after', () => {
    const { events } = given(paymentReceived()).when(recordMembership({ referrer: 'rui' }));
    expect(events.slice(0, 2)).toEqual([
      claimResolved('rui'),
      membershipActivated({ referrer: 'rui' }),
    ]);
    expect(restatedBy(events)).toEqual([
      '-2026-02-01 signUp pay_1 by nobody',
      '-2026-02-01 sale pay_1 by nobody, first: -4999 usd = 0 + -4999 + 0',
      '2026-02-01 sale pay_1 by rui, first: 4999 usd = 500 + 3499 + 1000',
      '2026-02-01 conversion pay_1 by rui',
    ]);
  });

  it('that ends says so once and moves no figure', () => {
    const { events } = given(recordMembership()).when(recordMembership({ status: 'deactivated' }));
    expect(events.map(({ type }) => type)).toEqual(['MembershipDeactivated']);
    expect(events[0]?.data).toMatchObject({ lines: [] });
    given(recordMembership(), recordMembership({ status: 'deactivated' }))
      .when(recordMembership())
      .then();
  });
});

describe('a claim that resolves late', () => {
  const claimed = recordPayment({ claims: [claimOf('rui')] });
  const stands = [
    '2026-02-01 conversion pay_1 by rui',
    '2026-02-01 sale pay_1 by rui, first: 4999 usd = 500 + 3499 + 1000',
    '2026-02-01 signUp pay_1 by rui',
  ];

  it('holds nothing up: the payment is booked organic and restated', () => {
    given()
      .when(claimed)
      .then(paymentReceived({ claims: [claimOf('rui')] }));
    const { events } = given(claimed).when(resolveClaims([resolving('rui')]));
    expect(events[0]).toEqual(claimResolved('rui', { at: '2026-12-02T00:00:00Z' }));
    expect(events[1]?.data).toMatchObject({ because: 'code-of-rui' });
    expect(restatedBy(events)).toEqual([
      '-2026-02-01 signUp pay_1 by nobody',
      '-2026-02-01 sale pay_1 by nobody, first: -4999 usd = 0 + -4999 + 0',
      '2026-02-01 signUp pay_1 by rui',
      '2026-02-01 sale pay_1 by rui, first: 4999 usd = 500 + 3499 + 1000',
      '2026-02-01 conversion pay_1 by rui',
    ]);
    expect(booksAfter(claimed, resolveClaims([resolving('rui')]))).toEqual(stands);
  });

  it('and is withdrawn leaves the books as if it never had', () => {
    const withdrawn = resolveClaims([resolving('rui', { memberId: null })]);
    const past = [claimed, resolveClaims([resolving('rui')])];
    expect(given(...past).when(withdrawn).events[0]).toEqual(
      claimResolved('rui', { at: '2026-12-02T00:00:00Z', member: null }),
    );
    expect(booksAfter(...past, withdrawn)).toEqual(booksAfter(claimed));
    expect(booksAfter(...past, withdrawn, resolveClaims([resolving('rui')]))).toEqual(stands);
  });

  it('or to nobody, or to oneself, is no event', () => {
    const nobody = resolveClaims([resolving('rui', { memberId: null })]);
    given(claimed).when(nobody).then();
    const oneself = resolveClaims([resolving('rui', { memberId: 'user_mia' })]);
    given(claimed).when(oneself).then();
  });

  it('to somebody else than before goes to the new bearer', () => {
    const moved = resolveClaims([resolving('rui', { memberId: 'ana' })]);
    expect(booksAfter(claimed, resolveClaims([resolving('rui')]), moved)).toContain(
      '2026-02-01 conversion pay_1 by ana',
    );
  });

  it('restates at most 200 lines an event, and all of them', () => {
    const payments = Array.from({ length: 300 }, (_, n) =>
      recordPayment({
        payment: `pay_${n}`,
        paidAt: new Date(Date.UTC(2026, 1, 1 + n)).toISOString(),
        claims: n === 0 ? [claimOf('rui')] : [],
      }),
    );
    const { events, state } = given(...payments).when(resolveClaims([resolving('rui')]));
    const sizes = events.flatMap((event) =>
      event.type === 'CommissionRestated' ? [event.data.lines.length] : [],
    );
    // 300 sales and the sign-up taken back and put anew, and the conversion.
    expect(sizes).toEqual([200, 200, 200, 3]);
    expect(state.recorded.differenceTo(booksOf(state.facts, settingsWith()))).toEqual([]);
    expect(restatedBy(events).filter((line) => line.endsWith('conversion pay_0 by rui'))).toEqual([
      '2026-02-01 conversion pay_0 by rui',
    ]);
  });
});

describe('a member’s referral code', () => {
  const assign = (code: string) =>
    ({ type: 'AssignReferralCode', at: at('2026-02-01T12:00:00Z'), code }) as const;
  const assigned = (code: string) =>
    ({
      type: 'ReferralCodeAssigned',
      effectiveAt: at('2026-02-01T12:00:00Z'),
      data: { code },
    }) as const;

  it('is the one assigned last', () => {
    given().when(assign('AAAA-2222')).then(assigned('AAAA-2222'));
    given(assign('AAAA-2222')).when(assign('AAAA-2222')).then();
    given(assign('AAAA-2222'), assign('RUI-2026'))
      .when(assign('AAAA-2222'))
      .then(assigned('AAAA-2222'));
  });
});

describe('the member decider', () => {
  it('changes nothing in the state it decides on', () => {
    const past = [recordPayment({ claims: [claimOf('rui')] }), recordMembership()];
    const state = stateAfter(memberDecider, MEMBER_STREAM, past);
    const ask = () => memberDecider.decide(resolveClaims([resolving('rui')]), state);
    const first = ask();
    memberDecider.decide(recordPayment({ payment: 'pay_9', username: 'u' }), state);
    memberDecider.decide(recordMembership({ membership: 'mem_9' }), state);
    expect(first).toHaveLength(2);
    expect(ask()).toEqual(first);
    expect(state.facts.payments.size + state.facts.memberships.size).toBe(2);
  });

  it('knows whose stream it is by its name', () => {
    const { facts } = memberDecider.initial('member-biz_x.user_y.z');
    expect([facts.creatorId, facts.memberId]).toEqual(['biz_x', 'user_y.z']);
  });
});
