/**
 * The live tables and those of a replay at one position, without anybody being stopped for longer
 * than a bounded tail takes.
 *
 * A guard locks `projections`: the live projector waits, readers do not. LOCK takes no snapshot, so
 * the tail can be written and committed by another session, up to exactly the live position. Only
 * then the guard takes its snapshot and hands it to the session that will read, and the lock is gone.
 * What is read afterwards, for however long, is both schemas at that one position.
 *
 * Hazards: a guard whose process stands still would hold the projector up, so the server ends it
 * after HELD_MS; and a replay may be ahead of the live tables, which is waited for, boundedly.
 */
import { performance } from 'node:perf_hooks';
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { pause } from './backoff.js';
import type { Projecting } from './batches.js';
import { applyTail, type CatchUpOptions, catchUp } from './catch-up.js';
import { type Checkpoint, readCheckpoint } from './checkpoint.js';
import { readReplayCheckpoint } from './schemas.js';
import { run } from './tables.js';

/** Events that may be applied while the projector waits. */
export const TAIL_EVENTS = 1_000;
const HELD_MS = 10_000;
const WAIT_MS = 60_000;
const ASK_AGAIN_MS = 50;

export interface LivePositionOptions<E> extends CatchUpOptions<E> {
  /** How long the live tables may take to reach a replay that is ahead of them. */
  readonly waitMs?: number;
  /** Of `register`, what the replay's schema holds so far; default: all of it. */
  readonly rebuilt?: Projecting<E>['register'];
}

/** The replay is ahead of the live tables, and they did not reach it in time. */
export class ReadModelsBehind extends Error {
  readonly code = 'read_models_behind';
  constructor(
    readonly live: bigint,
    readonly replayed: bigint,
  ) {
    super(
      `the live tables stand at ${live} and the replay at ${replayed}: they are compared when the` +
        ' projector has come so far; see that a worker runs and that its projector does not fail',
    );
  }
}

/**
 * Runs `read` in a transaction of `session` (repeatable read) in which the live tables and those of
 * the schema stand at the position of the checkpoint that it is given. Uses two connections beside
 * the session. Throws RegisterNotServed, ReadModelsBehind, ReplayLost.
 */
export async function atLivePosition<E, T>(
  options: LivePositionOptions<E>,
  schema: string,
  session: Database,
  read: (tx: Transaction, live: Checkpoint) => Promise<T>,
): Promise<T> {
  const { db, register, signal, waitMs = WAIT_MS } = options;
  const tail = { ...options, register: options.rebuilt ?? register };
  const began = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const live = await readCheckpoint(db, register);
    const position = await catchUp(tail, schema, live.position);
    if (position > live.position) {
      if (performance.now() - began >= waitMs) throw new ReadModelsBehind(live.position, position);
      await pause(ASK_AGAIN_MS, signal);
      continue;
    }
    const found = await session
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (tx) => {
        const equal = await takeSnapshot(options, tail, schema, tx);
        return equal && { value: await read(tx, equal) };
      });
    if (found !== undefined) return found.value;
  }
}

/** Undefined: too much came in between; catch up again. */
async function takeSnapshot<E>(
  { db, register }: LivePositionOptions<E>,
  tail: CatchUpOptions<E>,
  schema: string,
  reader: Transaction,
): Promise<Checkpoint | undefined> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (guard) => {
      await run(guard, `set local idle_in_transaction_session_timeout = ${HELD_MS}`);
      await run(guard, 'lock table projections in share row exclusive mode');
      const live = await readCheckpoint(db, register);
      const own = await readReplayCheckpoint(db, schema);
      const missing = live.position - own.position;
      if (missing < 0n || missing > BigInt(TAIL_EVENTS)) return undefined;
      if (missing > 0n)
        await db.transaction().execute((tx) => applyTail(tx, tail, schema, own.position, missing));
      const { rows } = await sql<{ name: string }>`
        select pg_export_snapshot() as name`.execute(guard);
      await run(reader, `set transaction snapshot '${rows[0]?.name}'`);
      return live;
    });
}
