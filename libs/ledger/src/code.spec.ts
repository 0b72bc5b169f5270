import { describe, expect, it } from '@jest/globals';
import { at, CREATOR, givenCode, MEMBER, reserveCode } from '#libs/testing';

describe('a referral code', () => {
  const reserved = {
    type: 'ReferralCodeReserved',
    effectiveAt: at('2026-02-01T12:00:00Z'),
    data: { creator: CREATOR, member: MEMBER },
  } as const;

  it('belongs to the first who reserves it', () => {
    givenCode().when(reserveCode()).then(reserved);
    givenCode()
      .when(reserveCode({ vanity: true }))
      .then({ ...reserved, data: { ...reserved.data, vanity: true } });
  });

  it('is theirs already when they ask again, at whatever time', () => {
    givenCode(reserved)
      .when(reserveCode({ at: at('2027-01-01T00:00:00Z'), vanity: true }))
      .then();
  });

  it('is never given to another member, nor to one of another creator', () => {
    givenCode(reserved)
      .when(reserveCode({ memberId: 'user_tom' }))
      .thenRefused('code_taken');
    givenCode(reserved)
      .when(reserveCode({ creatorId: 'biz_b' }))
      .thenRefused('code_taken');
  });

  it('remembers whose it is', () => {
    const { state } = givenCode(reserved).when(reserveCode());
    expect(state.owner).toEqual({ creatorId: CREATOR, memberId: MEMBER });
  });
});
