import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { LedgerEvent } from '#libs/ledger';
import { membersOf } from './about.js';
import { readEventOf } from './browse.js';
import { changesOf } from './changes.js';
import { sentenceOf } from './sentences.js';

/** An example of every event of the catalogue (test/contract/canonical-catalogue.spec.ts). */
const examples = (
  JSON.parse(
    readFileSync(new URL('../../event-store/src/canonical.golden.json', import.meta.url), 'utf8'),
  ) as { event: Parameters<typeof readEventOf>[0] & { position: string; revision: string } }[]
).map(({ event }): LedgerEvent => {
  const read = readEventOf({
    ...event,
    position: BigInt(event.position),
    revision: BigInt(event.revision),
  }).event;
  if (read === undefined) throw new Error(`${event.type} is not known`);
  return read;
});
const example = (type: string, n = 0): LedgerEvent => {
  const found = examples.filter((event) => event.type === type)[n];
  if (found === undefined) throw new Error(`no example of ${type}`);
  return found;
};

describe('what an event says', () => {
  it.each(examples.map((event) => [event.type, event] as const))(
    'is one sentence, for every %s',
    (_, event) => {
      const said = sentenceOf(event);
      expect(said).toMatch(/^\S.*\S[.!?]$/s);
      expect(said).not.toMatch(/undefined|null|NaN|\[object|Infinity/);
    },
  );

  it.each([
    [
      'PaymentReceived',
      'user_Zp41mN paid $49.99 (pay_9Lm3) on 2026-03-31 in America/New_York; it is a referral of user_A7xw0c, who earns $9.99.',
    ],
    [
      'MembershipActivated',
      'The membership mem_XK20aa of user_Zp41mN became valid; they signed up on 2026-03-31, user_A7xw0c referred them.',
    ],
    [
      'DisputeTold',
      'The dispute dspt_4TzQ8n of $39.19 against pay_9Lm3 of user_Zp41mN is lost, dated 2026-04-01; it takes back $39.19, $7.83 of it from user_A7xw0c.',
    ],
    [
      'CommissionRestated',
      'What was known of user_Zp41mN changed because of 41: 2 lines taken back, 1 line added.',
    ],
    [
      'RatesSet',
      'Rates of biz_8hT2kQ: 20 % / 70 % / 10 % to member, creator and platform, from 2026-04-01T02:30:00Z on.',
    ],
    [
      'MonthRestated',
      '2026-03 of biz_8hT2kQ was stated anew as version 2, as of position 9007199254740998: The bank’s late list.',
    ],
  ])('is, of %s, what a person would say', (type, said) => {
    expect(sentenceOf(example(type))).toBe(said);
  });
});

describe('whom an event names', () => {
  it('is its member first, then those whom it says something of', () => {
    const members = (type: string) => membersOf(example(type)).map(({ memberId }) => memberId);
    expect(members('PaymentReceived')).toEqual(['user_Zp41mN', 'user_A7xw0c']);
    expect(members('ClaimResolved')).toEqual(['user_Zp41mN', 'user_A7xw0c']);
    expect(members('MembershipAssigned')).toEqual(['user_A7xw0c']);
    expect(members('RatesSet')).toEqual([]);
  });
});

describe('what an event moves', () => {
  const moved = (type: string) =>
    changesOf(example(type)).map((change) => [
      change.memberId ?? change.creatorId,
      change.field,
      change.kind === 'sum' ? change.delta : change.value,
    ]);

  it('are the figures of the referrer and of the creator', () => {
    expect(moved('PaymentReceived')).toEqual([
      ['user_A7xw0c', 'earnings', 999n],
      ['biz_8hT2kQ', 'revenue', 4999n],
      ['user_A7xw0c', 'referrals', 1n],
      ['biz_8hT2kQ', 'referrals', 1n],
    ]);
    expect(moved('DisputeTold')).toEqual([
      ['user_A7xw0c', 'earnings', -783n],
      ['biz_8hT2kQ', 'refunds', 3919n],
      ['user_A7xw0c', 'reversedReferrals', 1n],
      ['biz_8hT2kQ', 'reversedReferrals', 1n],
    ]);
  });

  it('leaves out what is taken back and added again', () => {
    // The sale of 4,999 moves from one share to another: revenue stays what it was.
    expect(moved('CommissionRestated')).toEqual([
      ['user_A7xw0c', 'earnings', -999n],
      ['biz_8hT2kQ', 'signUps', -1n],
    ]);
  });

  it('is the new value of what is set', () => {
    expect(moved('TierPinned')).toEqual([['user_Zp41mN', 'tierPin', 'Gold']]);
    expect(moved('CurrencySet')).toEqual([['biz_8hT2kQ', 'currency', 'jpy']]);
    expect(moved('MembershipActivated')).toContainEqual(['user_Zp41mN', 'referrer', 'user_A7xw0c']);
    expect(moved('ConflictFound')).toEqual([]);
  });
});
