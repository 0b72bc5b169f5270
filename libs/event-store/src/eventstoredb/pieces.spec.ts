import { describe, expect, it } from '@jest/globals';
import { checkedAppends } from '../append-rules.js';
import { AppendTooLarge, type NewEvent } from '../event-store.js';
import { piecesOf } from './pieces.js';
import { MAX_STORED_BYTES } from './stored-event.js';

let counter = 0;
const event = (bytes: number): NewEvent => {
  counter += 1;
  const id = `00000000-0000-4000-8000-${counter.toString(16).padStart(12, '0')}`;
  return {
    id,
    type: 'ThingHappened',
    effectiveAt: 1,
    data: { t: 'x'.repeat(bytes) },
    metadata: {},
  };
};

function cut(events: NewEvent[], decided: readonly number[] | undefined) {
  const [append] = checkedAppends([
    { stream: 'thing-a', expectedRevision: 4n, events, ...(decided && { decided }) },
  ]);
  if (append === undefined) throw new Error('no append');
  return piecesOf(append, 1);
}

const THIRD = 300 * 1024;

describe('what is appended to one stream of a cluster', () => {
  it('is cut between decisions, each piece at the revision behind the one before', () => {
    const pieces = cut([event(THIRD), event(THIRD), event(THIRD), event(THIRD)], [1, 2, 1]);
    expect(pieces.map((piece) => [piece.expectedRevision, piece.events.length])).toEqual([
      [4n, 1],
      [5n, 2],
      [7n, 1],
    ]);
    for (const { events } of pieces)
      expect(events.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(
        MAX_STORED_BYTES,
      );
  });

  it('is one piece when it fits, and none when nothing is appended', () => {
    expect(cut([event(1), event(1), event(1)], [1, 1, 1])).toHaveLength(1);
    expect(cut([], undefined)).toEqual([]);
  });

  it('is refused where one decision does not fit: half of it would be another decision', () => {
    expect(() => cut([event(THIRD), event(THIRD), event(THIRD)], undefined)).toThrow(
      AppendTooLarge,
    );
    expect(() => cut([event(THIRD), event(THIRD), event(THIRD)], [3])).toThrow(AppendTooLarge);
  });

  it('has decisions that add up to its events', () => {
    expect(() => cut([event(1), event(1)], [1])).toThrow(TypeError);
  });
});
