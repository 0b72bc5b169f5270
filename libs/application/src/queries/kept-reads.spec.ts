import { beforeEach, describe, expect, it } from '@jest/globals';
import { KeptReads } from './kept-reads.js';

/** A database in which one number is written, and a clock that is turned by hand. */
class World {
  number = 0;
  isCertain = true;
  now = 10_000;
  asked = 0;
  reads = 0;
  readonly kept = new KeptReads(
    async () => {
      this.asked += 1;
      return this.isCertain ? `state ${this.number}` : undefined;
    },
    () => this.now,
  );

  page = (key = 'top 10', variant = 'this second'): Promise<string | undefined> =>
    this.kept.read(key, variant, async () => {
      this.reads += 1;
      return `${key} of ${this.number}, ${variant}`;
    });

  /** Until it is kept. */
  async twice(): Promise<void> {
    await this.page();
    await this.page();
    this.reads = 0;
    this.asked = 0;
  }
}

describe('an answer that was kept', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('is given again while the database is the same, and it is asked each time', async () => {
    await world.twice();
    for (let n = 0; n < 5; n++) expect(await world.page()).toBe('top 10 of 0, this second');
    expect(world).toMatchObject({ reads: 0, asked: 5 });
  });

  it('is not given again once anything was written', async () => {
    await world.twice();
    world.number = 1;
    expect(await world.page()).toBe('top 10 of 1, this second');
    world.now += 200;
    expect(await world.page()).toBe('top 10 of 1, this second');
    expect(world.reads).toBe(1);
  });

  it('is of the state before it was read: what is written meanwhile makes it an old one', async () => {
    await world.page();
    const slow = world.kept.read('top 10', 'this second', async () => {
      world.number = 1;
      return 'of both';
    });
    expect(await slow).toBe('of both');
    expect(await world.page()).toBe('top 10 of 1, this second');
  });

  it('is of the second it was asked in', async () => {
    await world.twice();
    expect(await world.page('top 10', 'the next')).toBe('top 10 of 0, the next');
    expect(await world.page('top 10', 'the next')).toBe('top 10 of 0, the next');
    expect(world.reads).toBe(1);
  });

  it('is nobody else’s', async () => {
    await world.twice();
    expect(await world.page('top 20')).toBe('top 20 of 0, this second');
    expect(await world.page('top 20')).toBe('top 20 of 0, this second');
  });

  it('is not given while the state is not certain', async () => {
    await world.twice();
    world.isCertain = false;
    await world.page();
    expect(world.reads).toBe(1);
  });

  it('is forgotten for one that was asked later', async () => {
    await world.twice();
    for (let n = 0; n < 200; n++) await world.page(`page ${n}`);
    await world.page();
    expect(world.reads).toBe(201);
  });
});

describe('a page', () => {
  it('that is asked now and then is read without a question more', async () => {
    const world = new World();
    for (let n = 0; n < 3; n++) {
      await world.page();
      world.now += 1_000;
    }
    expect(world).toMatchObject({ reads: 3, asked: 0 });
  });

  it('is read without a question more for a while, where much is written', async () => {
    const world = new World();
    await world.twice();
    for (let n = 0; n < 50; n++) {
      world.number += 1;
      world.now += 1;
      expect(await world.page()).toBe(`top 10 of ${world.number}, this second`);
    }
    expect(world).toMatchObject({ reads: 50, asked: 1 });
  });

  it('asked by many at once asks for the state twice: for the first, and for those who came later', async () => {
    const world = new World();
    await world.twice();
    await Promise.all(Array.from({ length: 20 }, () => world.page()));
    expect(world).toMatchObject({ reads: 0, asked: 3 });
  });

  it('that could not be read is read again', async () => {
    const world = new World();
    const fail = () => world.kept.read('top 10', '', () => Promise.reject(new Error('gone')));
    await expect(fail()).rejects.toThrow('gone');
    await expect(fail()).rejects.toThrow('gone');
    expect(await world.page()).toBe('top 10 of 0, this second');
  });
});
