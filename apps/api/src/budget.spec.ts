import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Budget, Recent } from './budget.js';

/** A budget and the clock that it goes by. */
function budgetOf(burst: number, perSecond: number, maxKeys?: number) {
  const clock = { ms: 0 };
  const budget = new Budget({ burst, perSecond }, () => clock.ms, maxKeys);
  const takes = (n: number, key = 'a'): number[] =>
    Array.from({ length: n }, () => budget.take(key));
  return { clock, budget, takes };
}

describe('a budget', () => {
  it('lets a burst through, and says after how many seconds there is more', () => {
    const { takes, clock } = budgetOf(3, 0.5);
    expect(takes(5)).toEqual([0, 0, 0, 2, 2]);
    clock.ms = 1_999;
    expect(takes(1)).toEqual([1]);
    clock.ms = 2_000;
    expect(takes(2)).toEqual([0, 2]);
  });

  it('is whole again after a rest, and never more than whole', () => {
    const { takes, clock } = budgetOf(3, 1);
    takes(3);
    clock.ms = 1_000_000;
    expect(takes(4)).toEqual([0, 0, 0, 1]);
  });

  it('is of each key apart', () => {
    const { takes } = budgetOf(1, 1);
    expect([takes(2, 'a'), takes(2, 'b')]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('can be larger for some', () => {
    const { budget } = budgetOf(2, 1);
    expect(Array.from({ length: 7 }, () => budget.take('a', 3))).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it('is looked at without taking anything', () => {
    const { budget, clock } = budgetOf(1, 1);
    expect([budget.wait('a'), budget.wait('a'), budget.take('a'), budget.wait('a')]).toEqual([
      0, 0, 0, 1,
    ]);
    clock.ms = 1_000;
    expect(budget.wait('a')).toBe(0);
  });

  it('never lets more through in any span than its burst and what the span brings', () => {
    const asked = fc.array(fc.nat({ max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: 9 }), (pauses, perSecond) => {
        const { budget, clock } = budgetOf(5, perSecond);
        const through = pauses.flatMap((ms) => {
          clock.ms += ms;
          return budget.take('a') === 0 ? [clock.ms] : [];
        });
        through.forEach((to, last) => {
          through.slice(0, last + 1).forEach((from, first) => {
            const most = 5 + ((to - from) / 1000) * perSecond;
            expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
          });
        });
      }),
    );
  });

  it('remembers a bounded number of keys, the latest', () => {
    const { budget, takes } = budgetOf(1, 0.001, 2);
    takes(1, 'a');
    takes(1, 'b');
    takes(1, 'c');
    expect(budget.size).toBe(2);
    expect([budget.wait('a') > 0, budget.wait('b') > 0, budget.wait('c') > 0]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('what was recent', () => {
  it('is bounded, and the one that was not seen the longest goes', () => {
    const recent = new Recent(2);
    for (const key of ['a', 'b', 'a', 'c']) recent.add(key);
    expect(['a', 'b', 'c'].map((key) => recent.has(key))).toEqual([true, false, true]);
    recent.forget('a');
    expect(recent.has('a')).toBe(false);
  });
});
