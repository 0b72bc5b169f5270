import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatheredReads } from './gathered-reads.js';

interface Page {
  readonly page: string;
}

/** Statements are numbered from 1 in the order in which they were begun, and answer when told to. */
class Statements {
  private readonly begun: {
    readonly asks: readonly string[];
    readonly answer: (answers: readonly string[] | undefined) => void;
    readonly fail: (error: Error) => void;
  }[] = [];

  readonly begin = (asks: readonly Page[]): Promise<readonly string[] | undefined> =>
    new Promise((answer, fail) =>
      this.begun.push({ asks: asks.map(({ page }) => page), answer, fail }),
    );

  get asks(): readonly (readonly string[])[] {
    return this.begun.map(({ asks }) => asks);
  }
  async answer(n: number): Promise<void> {
    const { asks, answer } = this.at(n);
    answer(asks.map((page) => `${page} of ${n}`));
    await settled();
  }
  async answerNothing(n: number): Promise<void> {
    this.at(n).answer(undefined);
    await settled();
  }
  async fail(n: number): Promise<void> {
    this.at(n).fail(new Error(`statement ${n} failed`));
    await settled();
  }
  private at(n: number) {
    const one = this.begun[n - 1];
    if (one === undefined) throw new Error(`statement ${n} was not begun`);
    return one;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reads of one kind', () => {
  let statements: Statements;
  let reads: GatheredReads;
  const ask = (page: string, kind = 'ten rows'): Promise<string | undefined> =>
    reads.read(kind, { page }, statements.begin);

  beforeEach(() => {
    statements = new Statements();
    reads = new GatheredReads();
  });

  it('wait for each other when two are under way, and are asked by one statement, equal ones once', async () => {
    const first = [ask('a'), ask('a')];
    const waiting = [ask('a'), ask('b'), ask('a'), ask('c')];
    expect(statements.asks).toEqual([['a'], ['a']]);
    await statements.answer(2);
    expect(statements.asks[2]).toEqual(['a', 'b', 'c']);
    await statements.answer(3);
    await statements.answer(1);
    expect(await Promise.all(first)).toEqual(['a of 1', 'a of 2']);
    expect(await Promise.all(waiting)).toEqual(['a of 3', 'b of 3', 'a of 3', 'c of 3']);
  });

  it('are never answered by a statement that was begun before they were asked', async () => {
    const first = [ask('a'), ask('b'), ask('c')];
    await statements.answer(1);
    const late = ask('c');
    await statements.answer(2);
    expect(statements.asks).toEqual([['a'], ['b'], ['c'], ['c']]);
    await statements.answer(3);
    await statements.answer(4);
    expect(await Promise.all(first)).toEqual(['a of 1', 'b of 2', 'c of 3']);
    expect(await late).toBe('c of 4');
  });

  it('keep nothing: who asks alone has a statement of their own, at once', async () => {
    for (const n of [1, 2, 3]) {
      const read = ask('a');
      expect(statements.asks).toHaveLength(n);
      await statements.answer(n);
      expect(await read).toBe(`a of ${n}`);
    }
  });

  it('share a failure, and that there is no answer, only with those of the same statement', async () => {
    const failing = [ask('a'), ask('b')].map((read) => expect(read).rejects.toThrow(/ failed/));
    const nothing = [ask('c'), ask('d')];
    await statements.fail(1);
    const after = ask('e');
    await statements.answerNothing(3);
    await statements.answer(4);
    expect(await Promise.all(nothing)).toEqual([undefined, undefined]);
    expect(await after).toBe('e of 4');
    await statements.fail(2);
    await Promise.all(failing);
  });

  it('are at most fifty to a statement: who came first is answered first', async () => {
    const reading = Array.from({ length: 2 + 60 }, (_, n) => ask(`page ${n}`));
    await statements.answer(1);
    await statements.answer(3);
    expect(statements.asks.map((asks) => asks.length)).toEqual([1, 1, 50, 10]);
    await statements.answer(4);
    await statements.answer(2);
    const from = (n: number): number => [1, 2][n] ?? (n < 52 ? 3 : 4);
    expect(await Promise.all(reading)).toEqual(reading.map((_, n) => `page ${n} of ${from(n)}`));
  });

  it('do not wait for those of another kind', () => {
    for (const kind of ['ten rows', 'twenty rows'])
      for (const page of ['a', 'b', 'c']) void ask(page, kind);
    expect(statements.asks).toEqual([['a'], ['b'], ['a'], ['b']]);
  });
});
