/** What following the log must do, whatever it is kept in. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { anEvent, aStream, opening } from './things.js';

export interface ContractSubject {
  /** A store whose tails do not poll more often than every 10 s: the contract is about being woken. */
  readonly store: EventStore;
  /** The same log, as another process has it. */
  readonly other: EventStore;
  /** Breaks every connection that the store has open. */
  breakConnections(): Promise<void>;
  close(): Promise<void>;
}

export type Given = () => { store: EventStore; subject: ContractSubject };

export function following(given: Given): void {
  it('wakes a tail within a second of an append', async () => {
    const { store } = given();
    await besideTail(store, async (next) => {
      for (let i = 0; i < 5; i++) {
        const event = anEvent();
        const began = performance.now();
        await store.append([opening(aStream(), event)]);
        expect((await next()).map((e) => e.id)).toEqual([event.id]);
        expect(performance.now() - began).toBeLessThan(1_000);
      }
    });
  });

  it('delivers what there is already, in batches of the size asked for', async () => {
    const { store } = given();
    const after = await store.head();
    await store.append([opening(aStream(), ...Array.from({ length: 25 }, () => anEvent()))]);
    const sizes: number[] = [];
    const stop = new AbortController();
    for await (const batch of store.tail({ after, batchSize: 10, signal: stop.signal })) {
      sizes.push(batch.length);
      if (sizes.length === 3) break;
    }
    expect(sizes).toEqual([10, 10, 5]);
  });

  it('carries a tail over a broken connection without missing or repeating', async () => {
    const { store, subject } = given();
    await besideTail(store, async (next) => {
      for (let i = 0; i < 3; i++) {
        const [before, after] = [anEvent(), anEvent()];
        await store.append([opening(aStream(), before)]);
        expect((await next()).map((e) => e.id)).toEqual([before.id]);
        await subject.breakConnections();
        await answering(store);
        await store.append([opening(aStream(), after)]);
        expect((await next()).map((e) => e.id)).toEqual([after.id]);
      }
    });
  });

  it('delivers what other processes append between the own appends, each once and in order', async () => {
    const { store, subject } = given();
    const writers = [store, subject.other, store, subject.other];
    await besideTail(store, async (next) => {
      for (let n = 0; n < 40; n++) {
        const appending = writers.map((writer) => writer.append([opening(aStream(), anEvent())]));
        // Every other time there is a run of theirs and ours before anybody looks.
        if (n % 2 === 0) await Promise.all(appending);
        const delivered: RecordedEvent[] = [];
        while (delivered.length < writers.length) delivered.push(...(await next()));
        const appended = (await Promise.all(appending)).flatMap(({ events }) => events);
        appended.sort((a, b) => Number(a.position - b.position));
        expect(delivered).toEqual(appended);
      }
    });
  });

  it('ends a tail promptly when it is aborted, waiting or not yet begun', async () => {
    const { store } = given();
    const stop = new AbortController();
    const tail = store.tail({ after: await store.head(), signal: stop.signal });
    const ending = tail[Symbol.asyncIterator]().next();
    await delay(100);
    const began = performance.now();
    stop.abort();
    expect(await ending).toEqual({ done: true, value: undefined });
    expect(performance.now() - began).toBeLessThan(500);
    for await (const _ of store.tail({ after: 0n, signal: AbortSignal.abort() }))
      throw new Error('delivered after the end');
  });
}

/** Runs `steps` beside a tail from the head; `next` is its next batch. */
async function besideTail(
  store: EventStore,
  steps: (next: () => Promise<RecordedEvent[]>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const tail = store.tail({ after: await store.head(), signal: stop.signal });
  const batches = tail[Symbol.asyncIterator]();
  try {
    await steps(async () => {
      const { value, done } = await batches.next();
      if (done) throw new Error('the tail ended');
      return value;
    });
  } finally {
    stop.abort();
    await batches.return?.();
  }
}

async function answering(store: EventStore): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answered = await store.head().then(
      () => true,
      () => false,
    );
    if (answered) return;
    await delay(10);
  }
  throw new Error('the store did not come back');
}
