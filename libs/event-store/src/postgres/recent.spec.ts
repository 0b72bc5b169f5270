import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../event-store.js';
import { RecentEvents } from './recent.js';

const at = (...positions: number[]) => ({
  events: positions.map((position) => ({
    id: `${position}`,
    position: BigInt(position),
    stream: 'thing-1',
    revision: BigInt(position),
    type: 'ThingDone',
    effectiveAt: 0,
    recordedAt: 0,
    data: {},
    metadata: {},
  })) satisfies RecordedEvent[],
});
const positions = (events: readonly RecordedEvent[]) => events.map((e) => Number(e.position));

describe('what a process has appended itself', () => {
  it('is given from behind any position of it, in order, up to the limit', async () => {
    const recent = new RecentEvents();
    recent.expect(Promise.resolve(at(4, 5)));
    recent.expect(Promise.resolve(at(6)));
    expect(positions(await recent.after(3n, 10))).toEqual([4, 5, 6]);
    expect(positions(await recent.after(4n, 1))).toEqual([5]);
    expect(await recent.after(6n, 10)).toEqual([]);
  });

  it('is not known before its commit has succeeded, and never if that failed', async () => {
    const recent = new RecentEvents();
    let commit = (_: ReturnType<typeof at>): void => {};
    recent.expect(new Promise((resolve) => (commit = resolve)));
    let answered = false;
    const asked = recent.after(0n, 10).then((events) => {
      answered = true;
      return events;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    commit(at(1));
    expect(positions(await asked)).toEqual([1]);
    recent.expect(Promise.reject(new Error('the connection broke')));
    expect(await recent.after(1n, 10)).toEqual([]);
  });

  it('says nothing of a position before it, or when somebody else appended in between', async () => {
    const recent = new RecentEvents();
    recent.expect(Promise.resolve(at(4, 5)));
    expect(await recent.after(2n, 10)).toEqual([]);
    recent.expect(Promise.resolve(at(8)));
    expect(await recent.after(5n, 10)).toEqual([]);
    expect(positions(await recent.after(7n, 10))).toEqual([8]);
  });

  it('answered out of order leaves no gap', async () => {
    const recent = new RecentEvents();
    recent.expect(Promise.resolve(at(8)));
    recent.expect(Promise.resolve(at(6, 7)));
    expect(await recent.after(5n, 10)).toEqual([]);
    expect(positions(await recent.after(7n, 10))).toEqual([8]);
  });

  it('is kept within bounds', async () => {
    const recent = new RecentEvents();
    for (let n = 1; n <= 60; n++)
      recent.expect(Promise.resolve(at(...Array.from({ length: 100 }, (_, i) => n * 100 + i))));
    expect(await recent.after(99n, 10)).toEqual([]);
    expect(await recent.after(1_099n, 10_000)).toHaveLength(5_000);
  });
});
