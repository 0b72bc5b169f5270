/** What is appended to a stream, in pieces of a size that the cluster takes. A decision is in one piece. */
import type { CheckedAppend } from '../append-rules.js';
import { AppendTooLarge } from '../event-store.js';
import { MAX_STORED_BYTES, type StoredEvent, storedEvent } from './stored-event.js';

/** Events in one append to the cluster. */
const MAX_EVENTS_AT_ONCE = 500;

/** One append to one stream of the cluster. */
export interface Piece {
  readonly stream: string;
  readonly expectedRevision: bigint | 'no_stream';
  readonly events: readonly StoredEvent[];
}

/** Appends of a size that the cluster takes, cut between decisions. Throws AppendTooLarge. */
export function piecesOf(append: CheckedAppend, recordedAt: number): Piece[] {
  const { stream, events, decided = [events.length] } = append;
  const pieces: Piece[] = [];
  let held: StoredEvent[] = [];
  let revision = append.expectedRevision;
  const put = () => {
    if (held.length === 0) return;
    const piece = { stream, expectedRevision: revision, events: held };
    pieces.push(piece);
    revision = revisionAfter(piece);
    held = [];
  };
  let next = 0;
  for (const count of decided) {
    const together = events.slice(next, next + count).map((e) => storedEvent(e, recordedAt));
    next += count;
    if (sizeOf(together) > MAX_STORED_BYTES && together.length > 1)
      throw new AppendTooLarge(
        `one decision on ${stream} has ${sizeOf(together)} bytes: at most ${MAX_STORED_BYTES} where a cluster keeps the log`,
      );
    const isFull =
      sizeOf(held) + sizeOf(together) > MAX_STORED_BYTES ||
      held.length + together.length > MAX_EVENTS_AT_ONCE;
    if (isFull) put();
    held.push(...together);
  }
  put();
  if (next !== events.length) throw new TypeError(`decisions on ${stream} do not add up`);
  return pieces;
}

const sizeOf = (events: readonly StoredEvent[]): number =>
  events.reduce((sum, { bytes }) => sum + bytes, 0);

export const revisionAfter = ({ expectedRevision, events }: Piece): bigint =>
  (expectedRevision === 'no_stream' ? -1n : expectedRevision) + BigInt(events.length);

/** All of them, at most so many at a time. */
export async function atOnce<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (;;) {
      const item = items[next++];
      if (item === undefined) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
