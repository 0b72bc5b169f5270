import { describe, expect, it } from '@jest/globals';
import { assignMembership, givenMembership, membershipAssigned } from '#libs/testing';

describe('a membership that an admin assigns', () => {
  it('belongs to that person', () => {
    const { state } = givenMembership().when(assignMembership()).then(membershipAssigned());
    expect(state.owner).toEqual({ creatorId: 'biz_a', memberId: 'user_mia' });
  });

  it('is theirs already when it is assigned again, for whatever reason', () => {
    givenMembership(membershipAssigned())
      .when(assignMembership({ reason: 'again' }))
      .then();
  });

  it('is never given to another: its payments are booked', () => {
    for (const other of [{ memberId: 'user_tom' }, { creatorId: 'biz_b' }])
      givenMembership(assignMembership())
        .when(assignMembership(other))
        .thenRefused('membership_assigned');
  });

  it.each(['', '  ', 'two\nlines', 'x'.repeat(501)])(
    'is not assigned for the reason %j',
    (reason) => {
      givenMembership().when(assignMembership({ reason })).thenRefused('reason_required');
      givenMembership(membershipAssigned())
        .when(assignMembership({ reason }))
        .thenRefused('reason_required');
    },
  );
});
