import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { areRates, DEFAULT_RATES, type Rates, ratesOf, type Shares, split } from './rates.js';

const anyRates: fc.Arbitrary<Rates> = fc
  .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }))
  .map(([a, b]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    return { memberBps: low, creatorBps: high - low, platformBps: 10_000 - high };
  });
const anyAmount = fc.oneof(
  fc.bigInt({ min: 0n, max: 50n }),
  fc.bigInt({ min: 0n, max: 1_000_000_000_000n }),
);
const values = ({ member, creator, platform }: Shares): bigint[] => [member, creator, platform];
const bps = (rates: Rates): bigint[] =>
  [rates.memberBps, rates.creatorBps, rates.platformBps].map((n) => BigInt(n));

describe('rates', () => {
  it('are whole basis points, none negative, that sum to ten thousand', () => {
    expect(DEFAULT_RATES).toEqual({ memberBps: 1000, creatorBps: 7000, platformBps: 2000 });
    expect(ratesOf(DEFAULT_RATES)).toEqual(DEFAULT_RATES);
    const refused: Rates[] = [
      { memberBps: 1000, creatorBps: 7000, platformBps: 1999 },
      { memberBps: -1, creatorBps: 10_000, platformBps: 1 },
      { memberBps: 0.5, creatorBps: 9999, platformBps: 0.5 },
      { memberBps: Number.NaN, creatorBps: 7000, platformBps: 3000 },
    ];
    for (const rates of refused) {
      expect(areRates(rates)).toBe(false);
      expect(() => ratesOf(rates)).toThrow(expect.objectContaining({ code: 'rates_invalid' }));
      expect(() => split(1n, rates)).toThrow(expect.objectContaining({ code: 'rates_invalid' }));
    }
  });
});

describe('the shares of a sale', () => {
  it('are 10, 70 and 20 % by default, to the unit', () => {
    expect(split(4999n, DEFAULT_RATES)).toEqual({ member: 500n, creator: 3499n, platform: 1000n });
    expect(split(10_000n, DEFAULT_RATES)).toEqual({
      member: 1000n,
      creator: 7000n,
      platform: 2000n,
    });
    expect(split(0n, DEFAULT_RATES)).toEqual({ member: 0n, creator: 0n, platform: 0n });
  });

  it('give equal remainders to the member, then the creator, then the platform', () => {
    const thirds = { memberBps: 2500, creatorBps: 2500, platformBps: 5000 };
    // Remainders ¼ ¼ ½: one unit, to the platform; then ½ ½ 0: one unit, to the member.
    expect(split(1n, thirds)).toEqual({ member: 0n, creator: 0n, platform: 1n });
    expect(split(2n, thirds)).toEqual({ member: 1n, creator: 0n, platform: 1n });
    const noMember = { memberBps: 0, creatorBps: 5000, platformBps: 5000 };
    expect(split(1n, noMember)).toEqual({ member: 0n, creator: 1n, platform: 0n });
    // 2 × 3333, 3333, 3334: remainders 6666, 6666, 6668 leave two units, platform's and member's.
    const near = { memberBps: 3333, creatorBps: 3333, platformBps: 3334 };
    expect(split(2n, near)).toEqual({ member: 1n, creator: 0n, platform: 1n });
  });

  it('sum to the sale, are never negative and lie within a unit of the exact share', () => {
    fc.assert(
      fc.property(anyAmount, anyRates, (amount, rates) => {
        const shares = values(split(amount, rates));
        expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(amount);
        shares.forEach((share, n) => {
          const away = share * 10_000n - amount * (bps(rates)[n] ?? 0n);
          expect(share >= 0n).toBe(true);
          expect(away > -10_000n && away < 10_000n).toBe(true);
        });
        expect(split(amount, rates)).toEqual(split(amount, rates));
      }),
      { numRuns: 3000 },
    );
  });

  it('round up only shares whose remainders are the largest', () => {
    fc.assert(
      fc.property(anyAmount, anyRates, (amount, rates) => {
        const exact = bps(rates).map((share) => share * amount);
        const shares = values(split(amount, rates));
        const raised = exact.flatMap((e, n) => ((shares[n] ?? 0n) > e / 10_000n ? [n] : []));
        const kept = [0, 1, 2].filter((n) => !raised.includes(n));
        for (const up of raised) {
          for (const down of kept) {
            const [high, low] = [(exact[up] ?? 0n) % 10_000n, (exact[down] ?? 0n) % 10_000n];
            expect(high > low || (high === low && up < down)).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('fall by at most a unit when the sale grows by one, and never by ten thousand', () => {
    fc.assert(
      fc.property(anyAmount, anyRates, (amount, rates) => {
        const before = values(split(amount, rates));
        const next = values(split(amount + 1n, rates));
        const whole = values(split(amount + 10_000n, rates));
        before.forEach((share, n) => {
          const step = (next[n] ?? 0n) - share;
          expect(step >= -1n && step <= 2n).toBe(true);
          expect((whole[n] ?? 0n) - share).toBe(bps(rates)[n]);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('come back whole in however many parts the sale is reversed', () => {
    fc.assert(
      fc.property(
        anyAmount,
        anyRates,
        fc.array(anyAmount, { maxLength: 6 }),
        (sale, rates, cuts) => {
          const nets = [sale, ...cuts.filter((cut) => cut < sale), 0n].sort((a, b) =>
            a > b ? -1 : 1,
          );
          const reversed = [0n, 0n, 0n];
          for (let n = 1; n < nets.length; n += 1) {
            const before = values(split(nets[n - 1] ?? 0n, rates));
            const after = values(split(nets[n] ?? 0n, rates));
            before.forEach((share, i) => {
              reversed[i] = (reversed[i] ?? 0n) + share - (after[i] ?? 0n);
            });
          }
          expect(reversed).toEqual(values(split(sale, rates)));
        },
      ),
    );
  });

  it('are refused for a negative amount', () => {
    expect(() => split(-1n, DEFAULT_RATES)).toThrow(
      expect.objectContaining({ code: 'amount_negative' }),
    );
  });
});
