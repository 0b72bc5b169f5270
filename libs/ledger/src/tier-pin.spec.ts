import { describe, expect, it } from '@jest/globals';
import type { MemberEvent } from './events.js';
import { memberDecider } from './member.js';
import { type PinTier, pinAt } from './tier-pin.js';

const assigned: MemberEvent = {
  type: 'ReferralCodeAssigned',
  effectiveAt: 50,
  data: { code: 'ABCD-EFGH' },
};
const pinned = (effectiveAt: number, tier: string | null, reason = 'agreed'): MemberEvent => ({
  type: 'TierPinned',
  effectiveAt,
  data: { tier, reason },
});
const stateOf = (events: readonly MemberEvent[]) =>
  events.reduce(memberDecider.evolve, memberDecider.initial('member-biz_a.user_b'));
const order = (changes: Partial<PinTier> = {}): PinTier => ({
  type: 'PinTier',
  at: 100,
  tier: 'Gold',
  reason: 'agreed',
  tiers: ['Silver', 'Gold'],
  ...changes,
});
const decide = (command: PinTier, ...past: MemberEvent[]) =>
  memberDecider.decide(command, stateOf([assigned, ...past]));
const refusal = (code: string) => expect.objectContaining({ code });

describe('a tier pin', () => {
  it('is an event of the instant at which it was ordered', () => {
    expect(decide(order())).toEqual([pinned(100, 'Gold')]);
    expect(decide(order({ tier: 'Unranked' }))).toEqual([pinned(100, 'Unranked')]);
    expect(decide(order({ tier: null }), pinned(90, 'Gold'))).toEqual([pinned(100, null)]);
  });

  it('is no event when it is so already', () => {
    expect(decide(order(), pinned(90, 'Gold'))).toEqual([]);
    expect(decide(order(), pinned(100, 'Gold'))).toEqual([]);
    expect(decide(order({ tier: null }))).toEqual([]);
    expect(decide(order({ tier: null }), pinned(90, 'Gold'), pinned(95, null, 'over'))).toEqual([]);
  });

  it('is ordered anew for another tier, for another reason, and after it was taken away', () => {
    expect(decide(order(), pinned(90, 'Silver'))).toHaveLength(1);
    expect(decide(order(), pinned(90, 'Gold', 'by mistake'))).toHaveLength(1);
    expect(decide(order(), pinned(90, 'Gold'), pinned(95, null))).toHaveLength(1);
  });

  it('asked twice is decided once', () => {
    const events = decide(order());
    expect(decide(order({ at: 101 }), ...events)).toEqual([]);
  });

  it('is refused to somebody who is no member', () => {
    const nobody = memberDecider.initial('member-biz_a.user_b');
    expect(() => memberDecider.decide(order(), nobody)).toThrow(refusal('member_not_found'));
  });

  it('is refused for a tier that the creator does not have', () => {
    for (const tier of ['Bronze', 'gold', '', ' Gold'])
      expect(() => decide(order({ tier }))).toThrow(refusal('tier_unknown'));
  });

  it.each([
    ['empty', ''],
    ['blank', '  '],
    ['too long', 'x'.repeat(501)],
    ['of two lines', 'a\nb'],
    ['with a NUL', 'a\u0000'],
    ['with half a character', 'a\ud800'],
  ])('is refused when its reason is %s', (_, reason) => {
    expect(() => decide(order({ reason }))).toThrow(refusal('reason_required'));
    expect(() => decide(order({ tier: null, reason }))).toThrow(refusal('reason_required'));
  });

  it('takes a reason of 500 characters', () => {
    expect(decide(order({ reason: 'x'.repeat(500) }))).toHaveLength(1);
  });

  it('is in force from its instant until the next order', () => {
    const { pins } = stateOf([pinned(300, null), pinned(100, 'Silver'), pinned(200, 'Gold')]);
    const tierAt = (at: number) => pinAt(pins, at)?.tier;
    expect([99, 100, 199, 200, 299, 300].map(tierAt)).toEqual([
      undefined,
      'Silver',
      'Silver',
      'Gold',
      'Gold',
      undefined,
    ]);
    expect(pinAt(pins, 250)).toEqual({ tier: 'Gold', reason: 'agreed', since: 200 });
  });

  it('of one instant is the last one ordered', () => {
    const { pins } = stateOf([pinned(100, 'Silver'), pinned(100, 'Gold')]);
    expect(pinAt(pins, 100)?.tier).toBe('Gold');
  });
});
