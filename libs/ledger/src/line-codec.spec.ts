import { describe, expect, it } from '@jest/globals';
import {
  aLine,
  commissionRestated,
  MEMBER_STREAM,
  membershipActivated,
  paymentReceived,
  textOf,
} from '#libs/testing';
import { type AnyEvent, type LedgerEvent, linesOf, negated, ownerOf } from './index.js';

const recorded = (event: AnyEvent): LedgerEvent => ({
  ...event,
  position: 1n,
  stream: MEMBER_STREAM,
});

describe('the lines of an event', () => {
  it('of a payment are whole again: sign-up, sale and conversion', () => {
    const event = recorded(paymentReceived({ referrer: 'rui' }));
    const shares = { memberMinor: 500n, creatorMinor: 3499n, platformMinor: 1000n };
    const sale = aLine({ referrerId: 'rui', ...shares });
    const nothing = { saleMinor: 0n, memberMinor: 0n, creatorMinor: 0n, platformMinor: 0n };
    expect(linesOf(event)).toEqual([
      { ...sale, ...nothing, kind: 'signUp', paymentId: '', first: false, currency: null },
      sale,
      { ...sale, ...nothing, kind: 'conversion' },
    ]);
  });

  it('of a membership are its sign-up', () => {
    const event = recorded(membershipActivated({ referrer: 'rui' }));
    expect(linesOf(event).map(textOf)).toEqual(['2026-01-15 signUp mem_1 by rui']);
    expect(linesOf(recorded(membershipActivated({ signsUp: false })))).toEqual([]);
  });

  it('of a restatement are as they were written', () => {
    const lines = [negated(aLine()), aLine({ first: false, referrerId: 'rui' })];
    const event = commissionRestated('pay_2', '2026-02-01T12:00:00Z', ...lines);
    expect(linesOf(recorded(event))).toEqual(lines);
  });

  it('are none for an event that moves no figure', () => {
    const code = { type: 'ReferralCodeAssigned', effectiveAt: 0, data: { code: 'AAAA-2222' } };
    expect(linesOf(recorded(code as AnyEvent))).toEqual([]);
  });

  it('are expanded once', () => {
    const event = recorded(paymentReceived());
    expect(linesOf(event)).toBe(linesOf(event));
  });

  it('belong to the member whose stream it is', () => {
    expect(ownerOf('member-biz_x.user_y.z')).toEqual({ creatorId: 'biz_x', memberId: 'user_y.z' });
    const event = { ...recorded(paymentReceived()), stream: 'member-biz_x.user_y' };
    expect(linesOf(event)[0]).toMatchObject({ creatorId: 'biz_x', memberId: 'user_y' });
  });
});
