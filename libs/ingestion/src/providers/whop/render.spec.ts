import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MembershipTelling, PaymentTelling, Translation } from '../../provider.js';
import { isLegacy, type MembershipFacts, type PaymentFacts, WHOP_GENERATIONS } from './facts.js';
import { type Rendered, renderMembership, renderPayment, signRendered } from './render.js';
import { whopProvider } from './whop.provider.js';

const secret = `ws_${'0123456789abcdef'.repeat(4)}`;
const NOW = 1_761_955_203;
const provider = whopProvider({ secrets: [secret] });

const id = (prefix: string) =>
  fc.stringMatching(/^[A-Za-z0-9]{1,16}$/).map((rest) => `${prefix}_${rest}`);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,12}$/);
const instant = fc.integer({ min: 86_400, max: NOW });
const person = {
  creatorId: id('biz'),
  userId: some(id('user')),
  name: some(word),
  username: some(word),
  email: some(fc.emailAddress()),
  referralCode: some(word),
  affiliateCode: some(word),
  affiliateUsername: some(word),
  createdAt: instant,
};
const sale = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 9n }), fc.constantFrom('usd', 'eur', 'whop_usd'))
  .map(([minor, currency]) => ({
    currency,
    amount: `${minor / 100n}.${(minor % 100n).toString().padStart(2, '0')}`,
  }));
const payments: fc.Arbitrary<PaymentFacts> = fc
  .record({
    ...person,
    sale,
    paymentId: id('pay'),
    membershipId: some(id('mem')),
    status: fc.constant('succeeded' as const),
    paidAt: instant,
    billingReason: some(fc.constantFrom('one_time', 'subscription_cycle')),
  })
  .map(({ sale, ...facts }) => ({ ...facts, ...sale }));
const memberships: fc.Arbitrary<MembershipFacts> = fc.record({
  ...person,
  membershipId: id('mem'),
  status: fc.constantFrom('activated' as const, 'deactivated' as const),
  joinedAt: some(instant),
});

function tellingOf<T extends PaymentTelling | MembershipTelling>(rendered: Rendered): T {
  const translation: Translation = provider.translate(Buffer.from(rendered.body), NOW);
  if (translation.outcome !== 'telling') throw new Error(JSON.stringify(translation));
  return translation.telling as T;
}

const without = <T extends object>(value: T, ...keys: string[]) =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

describe('one payment', () => {
  it('is the same telling in every generation, but for what a generation leaves out', () => {
    fc.assert(
      fc.property(payments, (facts) => {
        const [v2, v5, v1, pinned] = WHOP_GENERATIONS.map((generation) =>
          tellingOf<PaymentTelling>(renderPayment(generation, facts)),
        ) as [PaymentTelling, PaymentTelling, PaymentTelling, PaymentTelling];
        expect(pinned.person).toEqual(
          facts.userId === undefined && facts.email !== undefined
            ? { ...v1.person, email: facts.email }
            : v1.person,
        );
        expect(without(pinned, 'person')).toEqual(without(v1, 'person'));
        expect(v2.person).toEqual(v1.person);
        expect(without(v2, 'claims')).toEqual(without(v1, 'claims'));
        expect(without(v2.claims, 'affiliateUsername')).toEqual(v1.claims);
        expect(v5.claims).toEqual(v2.claims);
        expect(v5.person).toEqual(without(v2.person, 'name', 'username', 'email'));
        expect(without(v5, 'person')).toEqual(without(v2, 'person', 'billingReason'));
      }),
    );
  });

  it('tells exactly its facts', () => {
    fc.assert(
      fc.property(payments, (facts) => {
        const told = tellingOf<PaymentTelling>(renderPayment('v2', facts));
        const { amount, ...rest } = told;
        expect(Number(amount?.decimal)).toBe(Number(facts.amount));
        expect(amount?.currency).toBe(facts.currency);
        expect(rest).toEqual({
          kind: 'payment',
          paymentId: facts.paymentId,
          status: 'succeeded',
          paidAt: facts.paidAt,
          createdAt: facts.createdAt,
          billingReason: facts.billingReason,
          person: {
            creatorId: facts.creatorId,
            userId: facts.userId,
            membershipId: facts.membershipId,
            name: facts.userId && facts.name,
            username: facts.userId && facts.username?.toLowerCase(),
            email: facts.userId && facts.email,
          },
          claims: {
            metadataCode: facts.referralCode?.toUpperCase(),
            affiliateCode: facts.affiliateCode,
            affiliateUsername: facts.affiliateUsername?.toLowerCase(),
          },
        });
      }),
    );
  });

  it('that failed says so in every generation', () => {
    for (const generation of WHOP_GENERATIONS) {
      const facts = {
        paymentId: 'pay_1',
        creatorId: 'biz_1',
        amount: 'x',
        createdAt: 1_700_000_000,
      };
      const told = tellingOf(renderPayment(generation, { ...facts, status: 'failed' }));
      expect(told).toEqual({
        kind: 'payment',
        paymentId: 'pay_1',
        status: 'failed',
        createdAt: 1_700_000_000,
        person: { creatorId: 'biz_1' },
        claims: {},
      });
    }
  });

  it('in yen or dinar keeps the decimals of its currency', () => {
    for (const generation of WHOP_GENERATIONS)
      for (const [amount, currency] of [
        ['500', 'jpy'],
        ['1.25', 'kwd'],
      ] as const) {
        const facts = {
          paymentId: 'pay_1',
          creatorId: 'biz_1',
          createdAt: 1_700_000_000,
          paidAt: 1_700_000_000,
        };
        const sale = { ...facts, status: 'succeeded', amount, currency } as const;
        expect(tellingOf(renderPayment(generation, sale))).toMatchObject({
          amount: { decimal: amount, currency },
        });
      }
  });
});

describe('one membership', () => {
  it('is the same telling in every generation, but for what a generation leaves out', () => {
    fc.assert(
      fc.property(memberships, (facts) => {
        const [v2, v5, v1, pinned] = WHOP_GENERATIONS.map((generation) =>
          tellingOf<MembershipTelling>(renderMembership(generation, facts)),
        ) as [MembershipTelling, MembershipTelling, MembershipTelling, MembershipTelling];
        expect(pinned).toEqual(v1);
        expect(v1.joinedAt).toBe(facts.joinedAt);
        expect(v2.person).toEqual(v1.person);
        expect(without(v2, 'claims')).toEqual(without(v1, 'claims', 'joinedAt'));
        expect(without(v2.claims, 'affiliateUsername')).toEqual(v1.claims);
        expect(v5.person).toEqual(without(v2.person, 'name', 'username', 'email'));
        expect(without(v5, 'person')).toEqual(without(v2, 'person'));
      }),
    );
  });
});

describe('a rendered request', () => {
  it('is signed the way its generation is, and verifies', () => {
    fc.assert(
      fc.property(payments, fc.constantFrom(...WHOP_GENERATIONS), (facts, generation) => {
        const rendered = renderPayment(generation, facts);
        const { body, headers, deliveryId } = signRendered(rendered, { secret, timestamp: NOW });
        const request = { headers, body: Buffer.from(body), now: NOW * 1000 };
        expect(provider.verify(request)).toEqual({
          ok: true,
          deliveryId,
          generation: isLegacy(generation) ? 'legacy' : 'v1',
        });
      }),
    );
  });

  it('is the same bytes for the same facts, and another message for another', () => {
    const facts = { creatorId: 'biz_1', membershipId: 'mem_1', createdAt: 1_700_000_000 };
    const once = renderMembership('v1', { ...facts, status: 'activated' });
    expect(renderMembership('v1', { ...facts, status: 'activated' })).toEqual(once);
    const ended = renderMembership('v1', { ...facts, status: 'deactivated' });
    expect(ended.messageId).not.toBe(once.messageId);
    const named = { ...facts, status: 'activated', messageId: 'msg_mine' } as const;
    expect(renderMembership('v1', named).body).toContain('"id":"msg_mine"');
  });
});
