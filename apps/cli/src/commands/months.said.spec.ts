import { describe, expect, it } from '@jest/globals';
import { type CreatorAmounts, carriedTable, driftText, figuresTable } from './months.said.js';

const plain = (text: string): string => text;
const terminal = { colors: { bold: plain, dim: plain } } as unknown as Parameters<
  typeof figuresTable
>[0];
const amounts = (some: Partial<CreatorAmounts>): CreatorAmounts => ({
  currency: 'usd',
  signUps: 0,
  referrals: 0,
  reversedReferrals: 0,
  revenueMinor: 0,
  refundsMinor: 0,
  creatorMinor: 0,
  ...some,
});

describe('what is said of a month', () => {
  it('shows as closed and as now known where they differ, and once where they do not', () => {
    const known = [amounts({ referrals: 12, revenueMinor: 9_999 })];
    const sealed = [
      amounts({ referrals: 11, revenueMinor: 9_999 }),
      amounts({ currency: 'eur', refundsMinor: 500 }),
    ];
    const [, usd, eur] = figuresTable(terminal, known, sealed).split('\n');
    expect(usd).toMatch(/^usd +0 +11 → 12 +0 +\$99\.99 +\$0\.00 +\$0\.00$/);
    expect(eur).toMatch(/^eur +0 +0 +0 +€0\.00 +€5\.00 → €0\.00 +€0\.00$/);
    expect(figuresTable(terminal, known)).not.toContain('→');
  });

  it('says nothing of what is not carried and not pending', () => {
    const totals = {
      members: 1,
      totalReferrals: 0,
      creator: [],
      carriedCreator: [],
      carriedReferrers: [],
    };
    expect(carriedTable(terminal, totals)).toBeUndefined();
    const pending = { creator: [], referrers: [], lines: [], isCut: false };
    expect(driftText(terminal, { pending, adjustments: {} })).toBeUndefined();
  });

  it('lists what is pending by member and by event, lines taken back with their sign', () => {
    const line = {
      position: 7,
      eventType: 'CommissionRestated',
      kind: 'sale',
      sourceId: 'pay_1',
      day: '2026-01-31',
      memberId: 'user_bob',
      currency: 'usd',
      count: -1,
      saleMinor: -4_999,
    };
    const said = driftText(terminal, {
      adjustments: {},
      pending: {
        creator: [amounts({ revenueMinor: -4_999 })],
        referrers: [
          {
            memberId: 'user_rui',
            currency: 'usd',
            referrals: -1,
            reversedReferrals: 0,
            earningsMinor: -500,
          },
        ],
        lines: [line],
        isCut: true,
      },
    });
    expect(said).toMatch(/user_rui +usd +-1 +-\$5\.00/);
    expect(said).toMatch(/7 +CommissionRestated +-sale +pay_1 +2026-01-31 +user_bob +-\$49\.99/);
    expect(said).toContain('There is more than this.');
  });

  it('names the month that carried figures belong to', () => {
    const carried = carriedTable(terminal, {
      members: 1,
      totalReferrals: 0,
      creator: [],
      carriedCreator: [{ ...amounts({ creatorMinor: 100 }), origin: '2026-01' }],
      carriedReferrers: [
        {
          origin: '2026-01',
          currency: 'usd',
          referrals: 1,
          reversedReferrals: 0,
          earningsMinor: 20,
        },
      ],
    });
    expect(carried).toMatch(/January 2026 +creator +usd +0 +\$1\.00/);
    expect(carried).toMatch(/January 2026 +members +usd +1 +\$0\.20/);
  });
});
