/**
 * At the start of a process: there are read models for this register, or there will be. Several
 * processes may start at once; one does the work, the others wait for it and find it done.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { pause } from './backoff.js';
import { BATCH_EVENTS } from './batches.js';
import { type Checkpoint, RegisterNotServed, readCheckpoint } from './checkpoint.js';
import { replay, writeCheckpoint } from './promote.js';
import type { ReplayOptions } from './replay.js';
import { nextSchema } from './schemas.js';
import { shapeOf } from './shape.js';

const ENSURE_LOCK = 7_390_203;
const ASK_AGAIN_MS = 200;

/**
 * Empty tables at position 0 when there are none and the log is short; otherwise a replay and a
 * switch, during which the old tables serve. Uses up to four connections at once.
 */
export async function ensureReadModels<E>(options: ReplayOptions<E>): Promise<Checkpoint> {
  const served = await servedCheckpoint(options);
  if (typeof served !== 'string') return served;
  return options.db.connection().execute(async (session) => {
    await lock(session, options.signal);
    try {
      const now = await servedCheckpoint(options);
      if (typeof now !== 'string') return now;
      options.log.info({ reason: now }, 'the read models are made from the log');
      const short = now === 'missing' && (await options.store.head()) <= BigInt(BATCH_EVENTS);
      return short ? await createEmpty(options) : await replay(options);
    } finally {
      await sql`select pg_advisory_unlock(${ENSURE_LOCK}::integer, 0)`
        .execute(session)
        .catch(() => undefined);
    }
  });
}

async function servedCheckpoint<E>(
  options: ReplayOptions<E>,
): Promise<Checkpoint | RegisterNotServed['reason']> {
  try {
    return await readCheckpoint(options.db, options.register);
  } catch (error) {
    if (error instanceof RegisterNotServed) return error.reason;
    throw error;
  }
}

/** Tried again and again rather than waited for, so that the process can be stopped meanwhile. */
async function lock(session: Database, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await sql<{ held: boolean }>`
      select pg_try_advisory_lock(${ENSURE_LOCK}::integer, 0) as held`.execute(session);
    if (rows[0]?.held) return;
    await pause(ASK_AGAIN_MS, signal);
  }
}

async function createEmpty<E>({ db, register }: ReplayOptions<E>): Promise<Checkpoint> {
  return db.transaction().execute(async (tx) => {
    const schema = await nextSchema(tx, register.map(shapeOf), { logged: true });
    const checkpoint = { schema, position: 0n, recordedAt: 0 };
    await writeCheckpoint(tx, register, checkpoint);
    return checkpoint;
  });
}
