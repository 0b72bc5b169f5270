import { describe, expect, it } from '@jest/globals';
import { CASES, type Case, casesOf } from './cases.js';
import { compareBooks } from './compare.js';
import { historyOf, plainCodeOf, settingsOf, smallest } from './histories.js';
import { figuresOf } from './model.js';

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed);
const options = { codeOf: plainCodeOf };

/** In how many of a hundred histories a case must occur at least, where it is not 10. */
const RARER: Partial<Record<Case, number>> = {
  'tie in the ranking by total and time': 3,
  'member known by failed payments only': 5,
  'share of a reversal below zero': 0.5,
  'reversals of one payment at the same second': 5,
};

describe('random histories', () => {
  it('contain every interesting case often enough', () => {
    const found = SEEDS.map((seed) => casesOf(historyOf(seed, options), plainCodeOf));
    const percents = CASES.map((name) => ({
      name,
      percent: (100 * found.filter((cases) => cases.has(name)).length) / SEEDS.length,
      least: RARER[name] ?? 10,
    }));
    expect(percents.filter(({ percent, least }) => percent < least)).toEqual([]);
  });

  it('are the same for the same seed and differ between seeds', () => {
    expect(historyOf(7, options)).toEqual(historyOf(7, options));
    expect(historyOf(7, options)).not.toEqual(historyOf(8, options));
  });

  it('bring the same telling under the same delivery id', () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const seen = new Map<string, unknown>();
      for (const delivery of historyOf(seed, options).deliveries) {
        expect(seen.get(delivery.deliveryId) ?? delivery).toEqual(delivery);
        seen.set(delivery.deliveryId, delivery);
      }
    }
  });

  it('shrink to the deliveries that matter to a failure', async () => {
    const history = historyOf(5, options);
    const tellings = (all: typeof history) => all.deliveries.map((one) => one.telling);
    const figures = figuresOf(tellings(history), settingsOf(history), plainCodeOf);
    const wanted = figures.payments.find((payment) => payment.referrerId !== null);
    const least = await smallest(history, (some) =>
      figuresOf(tellings(some), settingsOf(some), plainCodeOf).payments.some(
        (one) => one.paymentId === wanted?.paymentId && one.referrerId === wanted.referrerId,
      ),
    );
    expect(wanted).toBeDefined();
    expect(least.deliveries.length).toBeLessThanOrEqual(4);
  });
});

describe('comparing books', () => {
  const history = historyOf(5, options);
  const tellings = history.deliveries.map((one) => one.telling);
  const expected = figuresOf(tellings, settingsOf(history), plainCodeOf);

  it('finds no difference in equal books, whatever the order of rows and the type of figures', () => {
    const payments = [...expected.payments]
      .reverse()
      .map((row) => ({ ...row, saleMinor: String(row.saleMinor) as unknown as bigint }));
    expect(compareBooks(expected, { ...expected, payments })).toEqual([]);
  });

  it('takes a row of zeros and no row of a sum for the same', () => {
    const zero = { creatorId: 'biz_a0', month: '1999-01', referrals: 0, signUps: 0 };
    const creatorMonths = [...expected.creatorMonths, zero];
    expect(compareBooks(expected, { ...expected, creatorMonths })).toEqual([]);
  });

  it('names table, key, field and both values of a difference', () => {
    const [first, ...rest] = expected.payments;
    if (first === undefined) throw new Error('the history has no payment');
    const payments = [{ ...first, memberMinor: first.memberMinor + 1n }, ...rest];
    expect(compareBooks(expected, { ...expected, payments })).toEqual([
      {
        table: 'payments',
        key: `creatorId=${first.creatorId} paymentId=${first.paymentId}`,
        field: 'memberMinor',
        expected: String(first.memberMinor),
        actual: String(first.memberMinor + 1n),
      },
    ]);
  });

  it('reports a row that is missing and one that is there twice', () => {
    const [first, second, ...rest] = expected.members;
    if (first === undefined || second === undefined) throw new Error('too few members');
    const differences = compareBooks(expected, { ...expected, members: [second, second, ...rest] });
    expect(differences.map(({ table, field }) => ({ table, field }))).toEqual([
      { table: 'members', field: null },
      { table: 'members', field: null },
    ]);
  });

  it('refuses to call a table equal that it was not given', () => {
    expect(() => compareBooks(expected, {})).toThrow('no actual rows given for creators');
    expect(compareBooks(expected, { parked: expected.parked }, { tables: ['parked'] })).toEqual([]);
  });
});
