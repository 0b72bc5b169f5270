import { beforeEach, describe, expect, it } from '@jest/globals';
import { SharedReads } from './shared-reads.js';

/** A read that is begun when asked for and answers when told: with its number, from 1. */
class Statements {
  private readonly begun: { answer: (n: number) => void; fail: (error: Error) => void }[] = [];

  readonly begin = (): Promise<number> =>
    new Promise((answer, fail) => this.begun.push({ answer, fail }));

  get count(): number {
    return this.begun.length;
  }
  answer(n: number): void {
    this.begun[n - 1]?.answer(n);
  }
  fail(n: number): void {
    this.begun[n - 1]?.fail(new Error(`statement ${n} failed`));
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('equal reads', () => {
  let statements: Statements;
  let reads: SharedReads;
  const ask = (key = 'page'): Promise<number> => reads.read(key, statements.begin);

  beforeEach(() => {
    statements = new Statements();
    reads = new SharedReads();
  });

  it('are never answered by a statement that was begun before they were asked', async () => {
    const first = ask();
    const [second, third] = [ask(), ask()];
    expect(statements.count).toBe(1);
    statements.answer(1);
    expect(await first).toBe(1);
    await settled();
    expect(statements.count).toBe(2);
    const fourth = ask();
    statements.answer(2);
    expect(await Promise.all([second, third])).toEqual([2, 2]);
    await settled();
    statements.answer(3);
    expect(await fourth).toBe(3);
  });

  it('keep nothing: who asks alone has a statement of their own', async () => {
    for (const n of [1, 2]) {
      const read = ask();
      statements.answer(n);
      expect(await read).toBe(n);
    }
  });

  it('share a failure only with those of the same statement', async () => {
    const first = ask();
    const second = ask();
    statements.fail(1);
    await expect(first).rejects.toThrow('statement 1 failed');
    await settled();
    statements.answer(2);
    expect(await second).toBe(2);
  });

  it('do not wait for others', () => {
    void ask('one page');
    void ask('another page');
    expect(statements.count).toBe(2);
  });
});
