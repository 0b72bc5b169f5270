/**
 * The live loop: what is appended to the log becomes rows.
 *
 * A batch is whatever has come since the last one. It is read once, folded through every projection
 * in memory, and written together with the checkpoint in one transaction, which first moves the
 * checkpoint by compare and set. So a crash at any point leaves rows and checkpoint together; two
 * projectors at once are safe (the one that comes second rolls back and reads the checkpoint again),
 * and so is a replay that moves the pointer under a running batch.
 *
 * Nothing is ever skipped. An event that a projection cannot take stops the projector before it: the
 * status and the log name the event and the projection, and it is tried again, with backoff, because
 * the remedy (a fixed projection) comes with a restart. A lost database is waited for in the same way.
 */
import type { Database } from '#libs/database';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { apply } from './apply.js';
import { backoff } from './backoff.js';
import { BATCH_EVENTS, BATCH_ROWS, Batches, type Projecting } from './batches.js';
import {
  type Checkpoint,
  CheckpointMoved,
  moveCheckpoint,
  RegisterNotServed,
  readCheckpoint,
} from './checkpoint.js';
import { ProjectionFailed } from './fold.js';
import type { Log } from './log.js';

export interface ProjectorStatus {
  /** `waiting`: no tables for this register yet; `failing`: see `error`. */
  state: 'starting' | 'running' | 'waiting' | 'failing' | 'stopped';
  schema: string | undefined;
  /** Of the last event projected by anyone, as far as this loop knows. */
  position: bigint;
  /** Unix milliseconds of that event's record; 0 before the first. */
  recordedAt: number;
  /** Written by this loop. */
  batches: number;
  events: number;
  error: ProjectorError | undefined;
}

export interface ProjectorError {
  readonly message: string;
  /** The event at fault and the projection that refused it (or `decode`). */
  readonly position?: bigint;
  readonly projection?: string;
  /** Failures in a row. */
  readonly attempts: number;
}

export const projectorStatus = (): ProjectorStatus => ({
  state: 'starting',
  schema: undefined,
  position: 0n,
  recordedAt: 0,
  batches: 0,
  events: 0,
  error: undefined,
});

export interface ProjectedBatch {
  readonly events: readonly RecordedEvent[];
  readonly position: bigint;
}

export interface ProjectorOptions<E> extends Projecting<E> {
  readonly db: Database;
  readonly store: EventStore;
  readonly signal: AbortSignal;
  /** Events a batch, at most. */
  readonly batchSize?: number;
  /** Folded rows a batch, at most (about: an event is never cut). */
  readonly maxBatchRows?: number;
  /** After the commit; must not throw. */
  readonly onBatch?: (batch: ProjectedBatch) => void;
  /** Kept up to date, for health and metrics. */
  readonly status?: ProjectorStatus;
  readonly log: Log;
}

/** Projects until the signal aborts. Never throws for what may pass. */
export async function runProjector<E>(options: ProjectorOptions<E>): Promise<void> {
  const { signal, log, status = projectorStatus() } = options;
  const loop = { ...options, status };
  while (!signal.aborted) {
    try {
      await projectOn(loop, await readCheckpoint(options.db, options.register));
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof CheckpointMoved) continue;
      const attempts = (status.error?.attempts ?? 0) + 1;
      const before = status.error?.message;
      Object.assign(status, failure(error, attempts));
      if (status.error?.message !== before)
        log.error({ err: error }, 'the projector stands still and tries again');
      await backoff(attempts, signal);
    }
  }
  status.state = 'stopped';
}

type Loop<E> = ProjectorOptions<E> & { readonly status: ProjectorStatus };

async function projectOn<E>(loop: Loop<E>, start: Checkpoint): Promise<void> {
  const { store, signal, batchSize = BATCH_EVENTS, maxBatchRows = BATCH_ROWS } = loop;
  const batches = new Batches(loop, maxBatchRows);
  let checkpoint = start;
  Object.assign(loop.status, { ...start });
  // A checkpoint that could be read says nothing about the event that failed before.
  if (loop.status.error?.projection === undefined) running(loop.status);
  for await (const events of store.tail({ after: start.position, batchSize, signal })) {
    for (let next = 0; next < events.length; ) {
      const { folded, end } = batches.fold(events, next);
      checkpoint = await writeBatch(loop, checkpoint, folded, events.slice(next, end));
      next = end;
    }
  }
}

async function writeBatch<E>(
  loop: Loop<E>,
  from: Checkpoint,
  folded: Parameters<typeof apply>[2],
  events: readonly RecordedEvent[],
): Promise<Checkpoint> {
  const { db, register, status } = loop;
  const last = events.at(-1) as RecordedEvent;
  const to = { schema: from.schema, position: last.position, recordedAt: last.recordedAt };
  await db.transaction().execute(async (tx) => {
    await moveCheckpoint(tx, register, from, to);
    await apply(tx, from.schema, folded);
  });
  running(status);
  status.position = to.position;
  status.recordedAt = to.recordedAt;
  status.batches++;
  status.events += events.length;
  loop.onBatch?.({ events, position: to.position });
  return to;
}

function running(status: ProjectorStatus): void {
  status.state = 'running';
  status.error = undefined;
}

function failure(error: unknown, attempts: number): Pick<ProjectorStatus, 'state' | 'error'> {
  const message = error instanceof Error ? error.message : String(error);
  const at =
    error instanceof ProjectionFailed
      ? { position: error.position, projection: error.projection }
      : {};
  const state = error instanceof RegisterNotServed ? 'waiting' : 'failing';
  return { state, error: { message, attempts, ...at } };
}
