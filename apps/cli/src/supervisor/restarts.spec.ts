import { describe, expect, it } from '@jest/globals';
import { RestartBudgets, Restarts } from './restarts.js';

describe('restarts', () => {
  it('come ever later, and end after five in a minute', () => {
    const restarts = new Restarts();
    const delays = [0, 1_000, 2_000, 3_000, 4_000, 5_000].map((at) => restarts.next(at));
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, undefined]);
  });

  it('are forgotten after a minute', () => {
    const restarts = new Restarts();
    for (let at = 0; at < 5; at++) restarts.next(at);
    expect(restarts.next(59_999)).toBeUndefined();
    expect(restarts.next(60_010)).toBe(250);
  });

  it('of one part take nothing from another', () => {
    const budgets = new RestartBudgets();
    for (let at = 0; at < 5; at++) budgets.next('api', at);
    expect(budgets.next('api', 5)).toBeUndefined();
    expect(budgets.next('worker', 5)).toBe(250);
    expect(budgets.next('database', 5)).toBe(250);
    expect(new RestartBudgets(0).next('api', 0)).toBeUndefined();
  });

  it('never happen where something else restarts', () => {
    expect(new Restarts(0).next(0)).toBeUndefined();
  });
});
