import { describe, expect, it } from '@jest/globals';
import {
  checkedAppends,
  MAX_APPEND_BYTES,
  MAX_APPEND_EVENTS,
  MAX_EFFECTIVE_AT,
  MAX_EVENT_BYTES,
} from './append-rules.js';
import { AppendTooLarge, InvalidEvent, type NewEvent } from './event-store.js';

const event = (changes: object = {}): NewEvent => ({
  id: '0198f2c4-7a1b-7c3d-9e5f-a0b1c2d3e4f5',
  type: 'ThingHappened',
  effectiveAt: 1_775_010_600,
  data: {},
  metadata: {},
  ...changes,
});
const append = (events: NewEvent[], stream = 'thing-a') =>
  checkedAppends([{ stream, expectedRevision: 'no_stream', events }]);

describe('what may be appended', () => {
  it('is stored as the text of which it is a copy', () => {
    const lines: unknown[] = [['sale', 1]];
    const [checked] = append([event({ data: { z: undefined, lines, a: 1 } })])[0]?.events ?? [];
    lines.push('later');
    expect(checked?.data).toEqual({ a: 1, lines: [['sale', 1]] });
    expect(checked?.dataText).toBe('{"a":1,"lines":[["sale",1]]}');
  });

  it.each([
    'thing',
    'Thing-a',
    '-a',
    'thing-',
    'thing-a b',
    'thing-ü',
    'thing-\n',
    'th1ng-a',
    `thing-${'x'.repeat(301)}`,
  ])('is not a stream named %j', (stream) =>
    expect(() => append([event()], stream)).toThrow(InvalidEvent),
  );
  it.each(['member-biz_a.user_b', 'code-A-B', `thing-${'x'.repeat(300)}`])(
    'may be a stream named %j',
    (stream) => expect(append([event()], stream)).toHaveLength(1),
  );

  it.each([
    { id: '0198F2C4-7A1B-7C3D-9E5F-A0B1C2D3E4F5' },
    { id: '0198f2c47a1b7c3d9e5fa0b1c2d3e4f5' },
    { type: '' },
    { type: 'Thing Happened' },
    { effectiveAt: 1.5 },
    { effectiveAt: MAX_EFFECTIVE_AT + 1 },
    { data: [] },
    { data: null },
    { data: undefined },
    { metadata: 'x' },
  ])('is not an event with %j', (changes) => {
    expect(() => append([event(changes)])).toThrow(InvalidEvent);
  });

  it('names a stream once', () => {
    const same = { stream: 'thing-a', expectedRevision: 'no_stream', events: [] } as const;
    expect(() => checkedAppends([same, same])).toThrow(TypeError);
  });

  it('has limits: events, bytes of an event, bytes of all', () => {
    expect(append(Array.from({ length: MAX_APPEND_EVENTS }, () => event()))).toHaveLength(1);
    expect(() => append(Array.from({ length: MAX_APPEND_EVENTS + 1 }, () => event()))).toThrow(
      AppendTooLarge,
    );
    // {"t":"…"} and {} are 10 bytes; ä is two.
    const sized = (bytes: number) => event({ data: { t: 'ä'.repeat((bytes - 10) / 2) } });
    expect(append([sized(MAX_EVENT_BYTES)])).toHaveLength(1);
    expect(() => append([sized(MAX_EVENT_BYTES + 2)])).toThrow(AppendTooLarge);
    const many = Math.floor(MAX_APPEND_BYTES / MAX_EVENT_BYTES) + 1;
    const largest = sized(MAX_EVENT_BYTES);
    expect(() => append(Array.from({ length: many }, () => largest))).toThrow(/in one append/);
  });
});
