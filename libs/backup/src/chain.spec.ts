import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { canonicalBytes, type RecordedEvent } from '#libs/event-store';
import { CHECKPOINT_EVENTS, Chain, relationOf } from './chain.js';
import { eventReader } from './event-rows.js';

const event = (n: number, text = 'as it was'): RecordedEvent => ({
  position: BigInt(n),
  stream: 'thing-a',
  revision: BigInt(n - 1),
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  type: 'SomethingHappened',
  effectiveAt: 1_700_000_000 + n,
  recordedAt: 1_700_000_000_123,
  data: { n, text },
  metadata: {},
});

/** So many events; one of them may have been altered. */
function chainOf(length: number, { altered = 0, mark = -1n } = {}) {
  const chain = new Chain(mark);
  for (let n = 1; n <= length; n++) chain.add(event(n, n === altered ? 'altered' : undefined));
  return chain.state;
}

describe('the chain over a log', () => {
  it('is what its definition says', () => {
    let hash: Buffer = Buffer.alloc(32);
    for (let n = 1; n <= 3; n++)
      hash = createHash('sha256')
        .update(hash)
        .update(canonicalBytes(event(n)))
        .digest();
    expect(chainOf(3)).toEqual({
      events: 3n,
      hash: hash.toString('hex'),
      checkpoints: [],
      marked: undefined,
    });
    expect(chainOf(0).hash).toBe('0'.repeat(64));
  });

  it('is the same for ever: backups of earlier releases are compared with it', () => {
    expect(chainOf(3).hash).toBe(GOLDEN);
  });

  it('tells equal logs, a beginning and what goes on', () => {
    const short = chainOf(7);
    expect(relationOf(short, chainOf(7, { mark: 7n }))).toEqual({ is: 'equal' });
    const long = chainOf(12, { mark: 7n });
    expect(relationOf(short, long)).toEqual({ is: 'prefix', missing: 5n });
    expect(relationOf(long, short)).toEqual({ is: 'continuation', missing: 5n });
    const nothing = chainOf(0);
    expect(relationOf(nothing, chainOf(2, { mark: 0n }))).toEqual({ is: 'prefix', missing: 2n });
  });

  it('tells between which events two logs part', () => {
    const length = 2 * CHECKPOINT_EVENTS + 5;
    const log = chainOf(length, { mark: BigInt(length) });
    for (const [altered, from, to] of [
      [1, 1n, 10_000n],
      [10_000, 1n, 10_000n],
      [10_001, 10_001n, 20_000n],
      [length, 20_001n, 20_005n],
    ] as const)
      expect(relationOf(chainOf(length, { altered }), log)).toEqual({ is: 'different', from, to });
  });
});

describe('an event of a backup', () => {
  it('is read as it was recorded', () => {
    const columns = ['position', 'stream', 'revision', 'id', 'type', 'effective_at', 'recorded_at'];
    const read = eventReader([...columns, 'data', 'metadata']);
    const id = event(1).id;
    const line = [
      ...['1', 'thing-a', '0', id, 'SomethingHappened'],
      ...['2023-11-14 22:13:21+00', '2023-11-14 22:13:20.123+00'],
      ...['{"n": 1, "text": "as it\\\\n was\\\\\\\\ \\\\tx"}', '{}'],
    ].join('\t');
    expect(read(Buffer.from(`${line}\n`))).toEqual([event(1, 'as it\n was\\ \tx')]);
  });

  it('that cannot be read is no event', () => {
    expect(() => eventReader(['position'])).toThrow('lack a column');
    const read = eventReader([
      ...['position', 'stream', 'revision', 'id', 'type', 'effective_at', 'recorded_at'],
      ...['data', 'metadata'],
    ]);
    for (const line of [
      '',
      '1\tthing-a',
      `x\tthing-a\t0\t1\tT\t${'2025-01-01 00:00:00+02\t'.repeat(2)}{}\t{}`,
    ])
      expect(() => read(Buffer.from(`${line}\n`))).toThrow('cannot be read');
  });
});

const GOLDEN = 'cc40fc3fe860498182862c846ada0c6657da6b45e9af5fad8d6a150faac9237d';
