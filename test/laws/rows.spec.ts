/**
 * A row depends on what an event says, not on the order in which a store hands its members over: jsonb
 * sorts them by length, another store keeps them as written, the memory of the appender as decided.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decodeEvent } from '#libs/application';
import type { RecordedEvent } from '#libs/event-store';
import { register } from '#projections';

const file = new URL('../../libs/event-store/src/canonical.golden.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as {
  event: Omit<RecordedEvent, 'position' | 'revision'> & { position: string; revision: string };
}[];
const events = vectors.map(
  ({ event }): RecordedEvent => ({
    ...event,
    position: BigInt(event.position),
    revision: BigInt(event.revision),
  }),
);

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe('the rows of an event', () => {
  for (const projection of register)
    it(`in ${projection.name} do not depend on the order of its members`, () => {
      const rows = events.flatMap((event) => [...projection.rows(decodeEvent(event))]);
      const others = events.flatMap((event) => {
        const data = reversed(event.data) as RecordedEvent['data'];
        return [...projection.rows(decodeEvent({ ...event, data }))];
      });
      expect(rows.length).toBeGreaterThan(0);
      expect(others).toEqual(rows);
    });
});
