import { describe, expect, it } from '@jest/globals';
import { violationPathOf } from './violation-explained.js';

const MEMBER = { creatorId: 'biz_a', memberId: 'user_b' };
const OF_MEMBER = '/api/creators/biz_a/members/user_b/explain';

describe('a row that contradicts a check', () => {
  it('of a read model leads to the first field in which it differs from the log', () => {
    const key = { ...MEMBER, month: '2026-03', currency: 'usd' };
    const expected = { referrals: '1', earnedMinor: '500' };
    const rest = { reversedMinor: '0' };
    const row = { key, expected: { ...expected, ...rest }, actual: { ...expected, ...rest } };
    expect(
      violationPathOf('table-member-months', {
        ...row,
        actual: { ...row.actual, earnedMinor: '1' },
      }),
    ).toBe(`${OF_MEMBER}?figure=earnedMinor&currency=usd&month=2026-03`);
    expect(violationPathOf('table-member-months', { ...row, actual: null })).toBe(
      `${OF_MEMBER}?figure=referrals&month=2026-03`,
    );
  });

  it('of a lost row of zero referrals leads to what it earned: a sum of zero is none', () => {
    const key = { ...MEMBER, month: '2026-03', currency: 'usd' };
    const expected = { referrals: '0', earnedMinor: '500' };
    expect(violationPathOf('table-member-months', { key, expected, actual: null })).toBe(
      `${OF_MEMBER}?figure=earnedMinor&currency=usd&month=2026-03`,
    );
  });

  it('of a sum over all months leads to the total', () => {
    const referrals = { expected: { referrals: '47' }, actual: { referrals: '46' } };
    expect(violationPathOf('monthly-referrals', { key: MEMBER, ...referrals })).toBe(
      `${OF_MEMBER}?figure=totalReferrals`,
    );
    const earnings = { expected: { earningsMinor: '2' }, actual: { earningsMinor: '1' } };
    const key = { ...MEMBER, currency: 'eur' };
    expect(violationPathOf('earnings-equal-commission', { key, ...earnings })).toBe(
      `${OF_MEMBER}?figure=totalEarningsMinor&currency=eur`,
    );
  });

  it('of a creator’s month leads to that month', () => {
    const key = { creatorId: 'biz_a', month: '2026-03' };
    const both = { expected: { referrals: '3' }, actual: null };
    expect(violationPathOf('monthly-referrals', { key, ...both })).toBe(
      '/api/creators/biz_a/explain?figure=referrals&month=2026-03',
    );
  });

  it('that names an event, a stream or a delivery leads there', () => {
    const none = { expected: null, actual: null };
    const share = { creatorId: 'biz_a', paymentId: 'pay_1', position: '12', n: '0' };
    expect(violationPathOf('shares-sum-to-sale', { key: share, ...none })).toBe(
      '/api/audit/events/12',
    );
    expect(violationPathOf('revisions-without-gap', { key: { stream: 'a-b' }, ...none })).toBe(
      '/api/audit/streams/a-b',
    );
    expect(violationPathOf('unresolved-deliveries', { key: { delivery: '7' }, ...none })).toBe(
      '/api/admin/deliveries/7',
    );
    const unsent = { delivery: 'of membership mem_1' };
    expect(violationPathOf('deliveries-accounted-for', { key: unsent, ...none })).toBeUndefined();
  });

  it('that is about no figure leads to the events of whom it is about', () => {
    const referrer = { expected: { referrerId: '' }, actual: { referrerId: 'user_c' } };
    expect(violationPathOf('organic-without-referrer', { key: MEMBER, ...referrer })).toBe(
      '/api/audit/streams/member-biz_a.user_b',
    );
    const shared = { expected: { members: '1' }, actual: { members: '2' } };
    expect(
      violationPathOf('referral-codes-unique', { key: { referralCode: 'AAAA' }, ...shared }),
    ).toBeUndefined();
  });
});
