/**
 * Builds all read models again from the log, beside those that serve.
 *
 * One pass over the log feeds every projection, through the fold and the statements of the live
 * loop, except that rows are appended as parts and merged once at the end. While a batch is folded,
 * the next is being read and the one before is being written. Parts are unlogged and without indexes;
 * so is the replay's checkpoint, so that a restart of the server takes both, and the replay notices
 * (ReplayLost) instead of going on with half the rows. Then tables are merged, recomputed columns
 * included, logged, and only then indexed.
 *
 * A built schema serves nobody until it is promoted (promote.ts), so there is time to compare.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { type ApplyOptions, apply, merging } from './apply.js';
import { BATCH_EVENTS, Batches, type Projecting } from './batches.js';
import type { Folded } from './fold.js';
import type { Log } from './log.js';
import {
  dropSchema,
  markSchema,
  moveReplayCheckpoint,
  nextSchema,
  REPLAY_CHECKPOINT,
  releaseBuilding,
} from './schemas.js';
import type { Shape } from './shape.js';
import { analyze, createIndexes, run, tableName } from './tables.js';

export interface ReplayProgress {
  readonly schema: string;
  readonly phase: 'events' | 'tables' | 'promotion';
  readonly position: bigint;
  readonly head: bigint;
  /** Since the start. */
  readonly eventsPerSecond: number;
}

export interface ReplayOptions<E> extends Projecting<E> {
  /** Uses up to three connections at once. */
  readonly db: Database;
  readonly store: EventStore;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly log: Log;
  /** Events a read. */
  readonly batchSize?: number;
  /** Folded rows a write (about). */
  readonly maxBatchRows?: number;
}

export interface Built {
  readonly schema: string;
  /** Of the last event in it. */
  readonly position: bigint;
}

/** Keys repeat, so a replay, which nobody watches, folds more events into one write than the live loop. */
const REPLAY_ROWS = 100_000;
/** Events folded without a look at the sockets. */
const SLICE_EVENTS = 500;
const INDEX_MEMORY = '128MB';
const GROUPING_MEMORY = '64MB';

/** Builds a schema up to the head. What it made is gone when it fails or is aborted. */
export async function buildReplay<E>(options: ReplayOptions<E>): Promise<Built> {
  const { db, log } = options;
  return db.connection().execute(async (session) => {
    const batches = new Batches(options, options.maxBatchRows ?? REPLAY_ROWS);
    let schema: string | undefined;
    try {
      schema = await session
        .transaction()
        .execute((tx) => nextSchema(tx, batches.shapes, { logged: false }));
      log.info({ schema }, 'replay begins');
      const position = await pass(options, session, schema, batches);
      options.onProgress?.({ ...(await progressAt(options, schema, position)), phase: 'tables' });
      await finish(options.signal, session, schema, batches.shapes);
      log.info({ schema, position }, 'replay is built');
      return { schema, position };
    } catch (error) {
      log.warn({ schema, err: error }, 'replay failed');
      if (schema !== undefined) await dropSchema(db, schema).catch(() => false);
      throw error;
    } finally {
      await releaseBuilding(session).catch(() => undefined);
    }
  });
}

async function progressAt<E>(options: ReplayOptions<E>, schema: string, position: bigint) {
  return { schema, position, head: await options.store.head(), eventsPerSecond: 0 };
}

/** Reads, folds and writes, each at its own pace but never more than one batch ahead. */
async function pass<E>(
  options: ReplayOptions<E>,
  session: Database,
  schema: string,
  batches: Batches<E>,
): Promise<bigint> {
  const { store, signal, batchSize = BATCH_EVENTS } = options;
  const head = await store.head();
  const began = performance.now();
  const read = (after: bigint) => handled(store.readAll({ after, limit: batchSize }));
  let written: Promise<void> = Promise.resolve();
  let from = 0n;
  let last: RecordedEvent | undefined;
  const write = async (upTo: RecordedEvent): Promise<void> => {
    const folded = batches.take();
    await written;
    written = handled(writeReplayed(session, schema, from, upTo, folded, { parts: true }));
    from = upTo.position;
    const seconds = (performance.now() - began) / 1_000;
    const eventsPerSecond = Math.round(Number(from) / Math.max(seconds, 0.001));
    options.onProgress?.({ schema, phase: 'events', position: from, head, eventsPerSecond });
  };
  let reading = read(0n);
  try {
    for (;;) {
      const events = await reading;
      signal.throwIfAborted();
      if (events.length === 0) break;
      last = events.at(-1) as RecordedEvent;
      reading = read(last.position);
      for (let next = 0; next < events.length; ) {
        next = batches.fill(events.slice(0, next + SLICE_EVENTS), next);
        // The batch being written takes a dozen answers: each would wait for the whole fold.
        await setImmediate();
        if (batches.full) await write(events[next - 1] as RecordedEvent);
      }
    }
    if (last !== undefined && last.position > from) await write(last);
    await written;
    return from;
  } finally {
    // The session goes back to its pool: nothing may still run on it.
    await Promise.allSettled([reading, written]);
  }
}

/** A failure is seen where it is awaited, perhaps after another one: never as unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Within a schema that serves nobody: rows, and the replay's own checkpoint. */
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

async function finish(
  signal: AbortSignal,
  session: Database,
  schema: string,
  shapes: readonly Shape[],
): Promise<void> {
  await run(session, `set maintenance_work_mem = '${INDEX_MEMORY}'`);
  await run(session, `set work_mem = '${GROUPING_MEMORY}'`);
  try {
    // What a recomputed column looks at has its indexes by then.
    const plain = shapes.filter((shape) => shape.recomputed === undefined);
    const recomputed = shapes.filter((shape) => shape.recomputed !== undefined);
    for (const shape of [...plain, ...recomputed]) {
      signal.throwIfAborted();
      for (const text of merging(schema, shape)) await run(session, text);
      for (const text of createIndexes(schema, shape)) await run(session, text);
      await run(session, analyze(schema, shape));
    }
    await run(session, `alter table ${tableName(schema, REPLAY_CHECKPOINT)} set logged`);
    await markSchema(session, schema, 'built');
  } finally {
    await sql`reset work_mem`.execute(session).catch(() => undefined);
    await sql`reset maintenance_work_mem`.execute(session).catch(() => undefined);
  }
}
