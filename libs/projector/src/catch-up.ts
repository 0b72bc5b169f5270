/**
 * Writes into a schema that serves nobody yet: what a replay folds, and what has come since. Every
 * write moves the replay's own checkpoint by compare and set, as the live loop moves its own.
 */
import type { Database, Transaction } from '#libs/database';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { type ApplyOptions, apply } from './apply.js';
import { BATCH_EVENTS, Batches, type Projecting } from './batches.js';
import type { Folded } from './fold.js';
import { moveReplayCheckpoint, readReplayCheckpoint } from './schemas.js';

export interface CatchUpOptions<E> extends Projecting<E> {
  readonly db: Database;
  readonly store: Pick<EventStore, 'readAll'>;
  readonly signal: AbortSignal;
  /** Events a read. */
  readonly batchSize?: number;
}

/** Rows, and the replay's own checkpoint, in one transaction. */
export async function writeReplayed(
  db: Database,
  schema: string,
  from: bigint,
  upTo: Pick<RecordedEvent, 'position' | 'recordedAt'>,
  folded: Folded,
  options: ApplyOptions = {},
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await moveReplayCheckpoint(tx, schema, from, upTo);
    await apply(tx, schema, folded, options);
  });
}

/**
 * Brings a built schema to the head, or to a position and not beyond, with recomputed columns.
 * Answers where it stands then. Throws ReplayLost, and ProjectionFailed for an event that came since.
 */
export async function catchUp<E>(
  options: CatchUpOptions<E>,
  schema: string,
  upTo?: bigint,
): Promise<bigint> {
  const { db, store, signal, batchSize = BATCH_EVENTS } = options;
  const batches = new Batches(options);
  let { position } = await readReplayCheckpoint(db, schema);
  for (;;) {
    signal.throwIfAborted();
    const limit = upTo === undefined ? batchSize : atMost(batchSize, upTo - position);
    if (limit <= 0) return position;
    const events = await store.readAll({ after: position, limit });
    for (let next = 0; next < events.length; ) {
      const { folded, end } = batches.fold(events, next);
      const last = events[end - 1] as RecordedEvent;
      await writeReplayed(db, schema, position, last, folded);
      position = last.position;
      next = end;
    }
    if (events.length < limit) return position;
  }
}

/** Events to read, when so many are wanted and so many are left. */
export const atMost = (batchSize: number, left: bigint): number =>
  left < BigInt(batchSize) ? Number(left) : batchSize;

/** Within a transaction: exactly so many events after a position. Answers the last of them. */
export async function applyTail<E>(
  tx: Transaction,
  options: Projecting<E> & Pick<CatchUpOptions<E>, 'store'>,
  schema: string,
  after: bigint,
  missing: bigint,
): Promise<RecordedEvent> {
  const events = await options.store.readAll({ after, limit: Number(missing) });
  const last = events.at(-1);
  if (last === undefined || last.position !== after + missing)
    throw new Error(`the log ends at ${last?.position ?? after}, before what was projected`);
  const batches = new Batches(options);
  await moveReplayCheckpoint(tx, schema, after, last);
  for (let next = 0; next < events.length; ) {
    const { folded, end } = batches.fold(events, next);
    await apply(tx, schema, folded);
    next = end;
  }
  return last;
}
