import { describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { creatorStream } from '#libs/ledger';
import { Decisions, StreamMemory } from './decisions.js';

const DEFAULTS = { timeZone: 'UTC', graceHours: 72, currency: 'usd' } as const;
const stream = creatorStream('biz_a');
const known = {
  type: 'CreatorRegistered',
  effectiveAt: 1,
  data: DEFAULTS,
} as const;

/** A store that holds nothing and counts how often it is read. */
function emptyStore() {
  const asked: string[][] = [];
  const readStreams = (streams: readonly string[]): Promise<Map<string, RecordedEvent[]>> => {
    asked.push([...streams]);
    return Promise.resolve(new Map());
  };
  return { asked, store: { readStreams } as unknown as EventStore };
}

describe('what decisions remember', () => {
  const decided = async (memory: StreamMemory, store: EventStore): Promise<void> => {
    const decisions = new Decisions(store, memory);
    await decisions.load([stream]);
    decisions.accept(stream, [known], {});
    decisions.remember();
  };

  it('is not read again, and must not have moved even if nothing is appended to it', async () => {
    const { asked, store } = emptyStore();
    const memory = new StreamMemory();
    await decided(memory, store);
    const decisions = new Decisions(store, memory);
    await decisions.load([stream]);
    expect(asked).toEqual([[stream]]);
    expect(decisions.appends()).toEqual([{ stream, expectedRevision: 0n, events: [] }]);
  });

  it('is gone while somebody decides on it, so that a failed append leaves nothing behind', async () => {
    const { asked, store } = emptyStore();
    const memory = new StreamMemory();
    await decided(memory, store);
    await new Decisions(store, memory).load([stream]);
    await new Decisions(store, memory).load([stream]);
    expect(asked).toEqual([[stream], [stream]]);
  });

  it('makes room by forgetting what was used longest ago', async () => {
    const { asked, store } = emptyStore();
    const memory = new StreamMemory(1n);
    await decided(memory, store);
    const other = new Decisions(store, memory);
    await other.load([creatorStream('biz_b')]);
    other.accept(creatorStream('biz_b'), [known], {});
    other.remember();
    await new Decisions(store, memory).load([stream, creatorStream('biz_b')]);
    expect(asked.at(-1)).toEqual([stream]);
  });
});
