import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalBytes } from './canonical.js';
import type { JsonObject, RecordedEvent } from './event-store.js';

interface Golden {
  readonly event: Omit<RecordedEvent, 'position' | 'revision'> &
    Record<'position' | 'revision', string>;
  readonly canonical: string;
  readonly sha256: string;
}

const golden = JSON.parse(
  readFileSync(new URL('./canonical.golden.json', import.meta.url), 'utf8'),
) as Golden[];

const eventOf = ({ event }: Golden): RecordedEvent => ({
  ...event,
  position: BigInt(event.position),
  revision: BigInt(event.revision),
});

/** Values that an event may hold. */
const { object: data } = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(
    fc
      .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 })
      .filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 5, noNullPrototype: true },
  ) as fc.Arbitrary<JsonObject>,
}));

const someEvent: fc.Arbitrary<RecordedEvent> = fc.record({
  position: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
  stream: fc.constant('member-biz_a.user_b'),
  revision: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  id: fc.uuid(),
  type: fc.constantFrom('PaymentReceived', 'RatesSet'),
  effectiveAt: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  recordedAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  data,
  metadata: data,
});

describe('the canonical form of an event', () => {
  for (const vector of golden)
    it(`of ${vector.event.type} at ${vector.event.position} is what it was at the first release`, () => {
      const bytes = canonicalBytes(eventOf(vector));
      expect(bytes.toString()).toBe(vector.canonical);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(vector.sha256);
    });

  it('is a fixpoint: what is parsed from it has the same form', () => {
    fc.assert(
      fc.property(someEvent, (event) => {
        const bytes = canonicalBytes(event);
        expect(canonicalBytes(parsed(bytes))).toEqual(bytes);
      }),
    );
  });

  it('does not depend on the order in which members were written', () => {
    fc.assert(
      fc.property(someEvent, (event) => {
        const turned = { ...event, data: reversed(event.data), metadata: reversed(event.metadata) };
        expect(canonicalBytes(turned)).toEqual(canonicalBytes(event));
      }),
    );
  });

  it('differs when any part of the event differs', () => {
    const vector = golden.find(({ event }) => event.type === 'PaymentReceived');
    if (vector === undefined) throw new Error('no payment among the golden vectors');
    const event = eventOf(vector);
    const others: RecordedEvent[] = [
      { ...event, position: event.position + 1n },
      { ...event, stream: `${event.stream}x` },
      { ...event, revision: event.revision + 1n },
      { ...event, id: event.id.replace(/.$/, 'f') },
      { ...event, type: 'PaymentFailed' },
      { ...event, effectiveAt: event.effectiveAt + 1 },
      { ...event, recordedAt: event.recordedAt + 1 },
      { ...event, data: { ...event.data, amountMinor: '5000' } },
      { ...event, metadata: {} },
    ];
    const forms = new Set([event, ...others].map((other) => canonicalBytes(other).toString()));
    expect(forms.size).toBe(others.length + 1);
  });
});

function parsed(bytes: Buffer): RecordedEvent {
  const [version, position, id, stream, revision, type, effectiveAt, recordedAt, ...rest] =
    JSON.parse(bytes.toString());
  expect(version).toBe(1);
  return {
    position: BigInt(position),
    id,
    stream,
    revision: BigInt(revision),
    type,
    effectiveAt: Date.parse(effectiveAt) / 1000,
    recordedAt: Date.parse(recordedAt),
    data: rest[0],
    metadata: rest[1],
  };
}

function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, reversed(member)]);
  return Object.fromEntries(members.reverse()) as T;
}
