/** How far a replay reads, and the reading: to the head, to where the live tables stand, or to a moment of the past. */

import type { Database } from '#libs/database';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { atMost } from './catch-up.js';
import { type Register, RegisterNotServed, readCheckpoint } from './checkpoint.js';

/**
 * A position: the last event of the replay. `live`: the position of the tables that serve, at the
 * end of the replay. An instant (unix milliseconds): what was recorded up to then.
 */
export type ReplayEnd = bigint | 'live' | { readonly recordedAt: number };

/** A replay up to a moment of the past can be looked at and never serves. */
export const isPast = (until: ReplayEnd | undefined): boolean =>
  until !== undefined && until !== 'live';

interface Reading {
  readonly db: Database;
  readonly store: Pick<EventStore, 'readAll'>;
  readonly register: Register;
  readonly until?: ReplayEnd;
}

/** Reads the events after a position; none: the end is reached. */
export function readerOf(
  { db, store, register, until }: Reading,
  batchSize: number,
): (after: bigint) => Promise<RecordedEvent[]> {
  let bound = typeof until === 'bigint' ? until : undefined;
  return async (after) => {
    // Asked again at every end, because the live tables have moved on.
    if (until === 'live' && (bound === undefined || after >= bound))
      bound = await livePosition(db, register);
    const limit = bound === undefined ? batchSize : atMost(batchSize, bound - after);
    if (limit <= 0) return [];
    const events = await store.readAll({ after, limit });
    if (typeof until !== 'object') return events;
    const late = events.findIndex(({ recordedAt }) => recordedAt > until.recordedAt);
    return late < 0 ? events : events.slice(0, late);
  };
}

/** Undefined: no tables of this register serve. */
async function livePosition(db: Database, register: Register): Promise<bigint | undefined> {
  try {
    return (await readCheckpoint(db, register)).position;
  } catch (error) {
    if (error instanceof RegisterNotServed) return undefined;
    throw error;
  }
}
