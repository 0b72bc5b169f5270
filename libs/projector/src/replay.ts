/**
 * Builds read models again from the log, beside those that serve: all, or some and a copy of the
 * others.
 *
 * One pass over the log feeds every projection, through the fold and the statements of the live
 * loop, except that rows are appended as parts and merged once at the end. While a batch is folded,
 * the next is being read and the one before is being written. Parts are unlogged and without indexes;
 * so is the replay's checkpoint, so that a restart of the server takes both, and the replay notices
 * (ReplayLost) instead of going on with half the rows. Then tables are merged, recomputed columns
 * included, logged, and only then indexed.
 *
 * A built schema serves nobody until it is promoted (promote.ts), so there is time to compare
 * (difference.ts). One that was built up to a moment of the past is never promoted.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Database } from '#libs/database';
import type { EventStore, RecordedEvent } from '#libs/event-store';
import { merging } from './apply.js';
import { Batches, type Projecting } from './batches.js';
import { writeReplayed } from './catch-up.js';
import { registerText } from './checkpoint.js';
import { copyTables } from './copies.js';
import type { Log } from './log.js';
import { longSession } from './long-session.js';
import { isPast, type ReplayEnd, readerOf } from './replay-end.js';
import {
  dropSchema,
  markSchema,
  nextSchema,
  REPLAY_CHECKPOINT,
  readReplayCheckpoint,
  releaseBuilding,
} from './schemas.js';
import { type Selection, selectProjections } from './selection.js';
import type { Shape } from './shape.js';
import { analyze, createIndexes, run, tableName } from './tables.js';

export interface ReplayProgress {
  readonly schema: string;
  /** `events`: read and folded; `tables`: merged and indexed; `copies`: of those that are not rebuilt. */
  readonly phase: 'events' | 'tables' | 'copies' | 'difference' | 'promotion';
  readonly position: bigint;
  readonly head: bigint;
  /** Since the start; 0 when no events are read any more. */
  readonly eventsPerSecond: number;
  /** At work, in the phases that go table by table. */
  readonly table?: string;
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
  /** Names of the projections to rebuild; the others are copied from the live tables. Default: all. */
  readonly projections?: readonly string[];
  /** Default: the head. `live` is what a difference wants, which needs both at one position. */
  readonly until?: ReplayEnd;
  /** How long the live tables may take to reach a replay that is ahead of them. */
  readonly waitMs?: number;
}

export interface Built {
  readonly schema: string;
  /** Of the last event in it. */
  readonly position: bigint;
}

/**
 * Up to three batches are in memory at once: read, folded and on their way to the server. Twice as
 * much in each is not faster, and takes half as much memory again.
 */
const READ_EVENTS = 5_000;
const REPLAY_ROWS = 50_000;
/** Events folded without a look at the sockets. */
const SLICE_EVENTS = 500;

/**
 * Builds a schema. What it made is gone when it fails or is aborted. Throws UnknownProjection,
 * ProjectionFailed, ReplayLost; for some projections RegisterNotServed and ReadModelsBehind too.
 */
export async function buildReplay<E>(options: ReplayOptions<E>): Promise<Built> {
  const { db, log, register, until } = options;
  const selection = selectProjections(register, options.projections);
  const batches = new Batches(
    { ...options, register: selection.rebuilt },
    options.maxBatchRows ?? REPLAY_ROWS,
  );
  return longSession(db, async (session) => {
    let schema: string | undefined;
    try {
      schema = await session
        .transaction()
        .execute((tx) =>
          nextSchema(tx, batches.shapes, { logged: false, register: registerText(register) }),
        );
      log.info({ schema }, 'replay begins');
      const passed = await pass(options, session, schema, batches);
      await mergeTables(options, session, schema, batches.shapes, passed);
      if (!isPast(until)) await copyOthers(options, session, schema, selection, passed);
      await run(session, `alter table ${tableName(schema, REPLAY_CHECKPOINT)} set logged`);
      await markSchema(session, schema, isPast(until) ? 'past' : 'built');
      const { position } = await readReplayCheckpoint(session, schema);
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

interface Passed {
  readonly position: bigint;
  readonly head: bigint;
}

/** Reads, folds and writes, each at its own pace but never more than one batch ahead. */
async function pass<E>(
  options: ReplayOptions<E>,
  session: Database,
  schema: string,
  batches: Batches<E>,
): Promise<Passed> {
  const { signal } = options;
  const next = readerOf(options, options.batchSize ?? READ_EVENTS);
  const read = (after: bigint) => handled(next(after));
  const head = await headOf(options);
  const began = performance.now();
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
    options.onProgress?.({ schema, phase: 'events', ...reached(from, head), eventsPerSecond });
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
    return reached(from, head);
  } finally {
    // The session goes back to its pool: nothing may still run on it.
    await Promise.allSettled([reading, written]);
  }
}

/** What there is to read, as far as it is known at the start. */
async function headOf<E>({ store, until }: ReplayOptions<E>): Promise<bigint> {
  const head = await store.head();
  return typeof until === 'bigint' && until < head ? until : head;
}

/** The log grows while it is read. */
const reached = (position: bigint, head: bigint): Passed => ({
  position,
  head: head > position ? head : position,
});

/** A failure is seen where it is awaited, perhaps after another one: never as unhandled. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

async function mergeTables<E>(
  { signal, onProgress }: ReplayOptions<E>,
  session: Database,
  schema: string,
  shapes: readonly Shape[],
  passed: Passed,
): Promise<void> {
  // What a recomputed column looks at has its indexes by then.
  const plain = shapes.filter((shape) => shape.recomputed === undefined);
  const recomputed = shapes.filter((shape) => shape.recomputed !== undefined);
  for (const shape of [...plain, ...recomputed]) {
    signal.throwIfAborted();
    onProgress?.({ schema, phase: 'tables', ...passed, eventsPerSecond: 0, table: shape.name });
    for (const text of merging(schema, shape)) await run(session, text);
    for (const text of createIndexes(schema, shape)) await run(session, text);
    await run(session, analyze(schema, shape));
  }
}

async function copyOthers<E>(
  options: ReplayOptions<E>,
  session: Database,
  schema: string,
  { rebuilt, copied }: Selection<E>,
  passed: Passed,
): Promise<void> {
  if (copied.length === 0) return;
  const onTable = (table: string): void =>
    options.onProgress?.({ schema, phase: 'copies', ...passed, eventsPerSecond: 0, table });
  await copyTables({ ...options, rebuilt, copied, onTable }, schema, session);
}
