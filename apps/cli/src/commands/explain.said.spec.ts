import { describe, expect, it } from '@jest/globals';
import { type Explained, explanationSaid } from './explain.said.js';

const nicole: Explained = {
  figure: 'monthlyReferrals',
  unit: 'count',
  subject: { creatorId: 'biz_a', name: 'Nicole King' },
  month: '2025-10',
  day: null,
  currency: null,
  state: 'known',
  source: null,
  total: 1,
  sum: 1,
  readModel: 1,
  agrees: true,
  rule: { says: 'A referral counts once.', section: 'Conversion' },
  counted: [
    {
      why: 'Cy made the first payment above zero, pay_1, on 2025-10-03',
      at: '2025-10-03T12:00:00Z',
      currency: 'usd',
      contribution: 1,
      events: [{ position: 7, type: 'PaymentReceived' }],
    },
  ],
  countedFacts: 3,
  notCounted: [
    {
      code: 'not_paid',
      why: 'Fay signed up on 2025-10-04 and has not paid anything above zero',
      at: '2025-10-04T12:00:00Z',
      currency: null,
      events: [],
    },
  ],
  notCountedBy: [{ code: 'not_paid', facts: 1 }],
  asOf: { position: 12_345 },
  nextCursor: null,
  timeZone: 'UTC',
};

describe('flywheel explain', () => {
  it('says the number, what makes it, and what does not', () => {
    expect(explanationSaid(nicole, 'UTC').split('\n')).toEqual([
      'Nicole King: 1 referrals in October 2025, because:',
      '  +1  2025-10-03 12:00:00 UTC  Cy made the first payment above zero, pay_1, on 2025-10-03 [PaymentReceived 7]',
      '  … and 2 more',
      'Not counted (1 not_paid):',
      '  −  2025-10-04 12:00:00 UTC  Fay signed up on 2025-10-04 and has not paid anything above zero',
      'Rule: A referral counts once. (product.md, “Conversion”)',
      'The read model says the same, at position 12\u202f345.',
    ]);
  });

  it('says that the read model is wrong, and what to do', () => {
    const wrong = { ...nicole, readModel: null, agrees: false };
    expect(explanationSaid(wrong, 'UTC')).toMatch(
      /The read model says nothing: it is wrong\. flywheel replay rebuilds it/,
    );
  });

  it('writes money in its currency, and of a sealed figure its seal', () => {
    const seal = { version: 2, digest: 'abc', position: 9, throughPosition: 8, stated: 499 };
    const sealed: Explained = {
      ...nicole,
      ...{ figure: 'revenueMinor', unit: 'money', currency: 'usd', state: 'closed' },
      ...{ total: 498, sum: 498, readModel: 498, agrees: false, seal },
    };
    const said = explanationSaid(sealed, 'UTC');
    expect(said).toContain(
      'Nicole King: $4.98 revenue in October 2025, as closed in version 2, because:',
    );
    expect(said).toContain('Sealed: version 2, event 9, of the log through 8, digest abc');
    expect(said).toContain('The snapshot’s pages say $4.99.');
  });

  it('shows who stands around, and the thresholds with who set them', () => {
    const around = [
      { rank: 1, name: 'Ann', totalReferrals: 4, reachedAt: '2025-10-01T00:00:00Z' },
      { rank: 2, name: 'Nicole King', totalReferrals: 1, reachedAt: '2025-10-03T12:00:00Z' },
    ];
    const ranked = explanationSaid(
      { ...nicole, figure: 'rank', unit: 'rank', total: 2, rank: { around } },
      'UTC',
    );
    expect(ranked).toContain('Together: 1 referral\n  1. Ann: 4, reached 2025-10-01');
    const pin = { tier: 'Gold', reason: 'as agreed', position: 5 };
    const tier = { tiers: [{ name: 'Bronze', from: 5 }], setBy: null, pin };
    const pinned = explanationSaid(
      { ...nicole, figure: 'tier', unit: 'tier', total: 'Gold', tier },
      'UTC',
    );
    expect(pinned).toContain('Thresholds: Bronze from 5 (the default)');
    expect(pinned).toContain('Pinned: Gold, by event 5: as agreed');
  });
});
