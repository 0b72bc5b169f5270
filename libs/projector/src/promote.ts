/**
 * Moves the pointer to a replayed schema. Nothing is renamed and no table is touched: readers name
 * their schema in the statement, so a read sees the old tables or the new ones, whole (moving tables
 * instead is not MVCC-safe: a reader then finds its old checkpoint and no rows).
 *
 * The new schema catches up while the old one goes on serving, until less than a batch is missing.
 * Then `projections` is locked: the live projector waits, readers do not. The rest of the events is
 * applied, so that the position never goes back, and the pointer moves in the same transaction.
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { RecordedEvent } from '#libs/event-store';
import { apply } from './apply.js';
import { BATCH_EVENTS, Batches, type Projecting } from './batches.js';
import { type Checkpoint, POINTER, PROJECTED, type Register } from './checkpoint.js';
import { buildReplay, type ReplayOptions, writeReplayed } from './replay.js';
import {
  dropSchema,
  markSchema,
  moveReplayCheckpoint,
  REPLAY_CHECKPOINT,
  readReplayCheckpoint,
} from './schemas.js';
import { run, tableName } from './tables.js';

/** Events that may be applied while the projector waits. */
const TAIL_EVENTS = 1_000;

/** Builds and promotes. What it built is dropped when it cannot be promoted. */
export async function replay<E>(options: ReplayOptions<E>): Promise<Checkpoint> {
  const built = await buildReplay(options);
  try {
    return await promote(options, built.schema);
  } catch (error) {
    await dropSchema(options.db, built.schema).catch(() => false);
    throw error;
  }
}

/**
 * Catches up and switches. Throws ReplayLost when the schema is not one that waits to be promoted,
 * and ProjectionFailed when an event that came since cannot be projected.
 */
export async function promote<E>(options: ReplayOptions<E>, schema: string): Promise<Checkpoint> {
  for (;;) {
    options.signal.throwIfAborted();
    await catchUp(options, schema);
    const moved = await options.db.transaction().execute((tx) => moveIn(tx, options, schema));
    if (moved === undefined) continue;
    options.log.info({ schema, position: moved.position }, 'the pointer has moved');
    options.onProgress?.({
      ...moved,
      phase: 'promotion',
      head: moved.position,
      eventsPerSecond: 0,
    });
    return moved;
  }
}

/** Brings a built schema to the head, with recomputed columns. */
export async function catchUp<E>(options: ReplayOptions<E>, schema: string): Promise<bigint> {
  const { db, store, signal, batchSize = BATCH_EVENTS } = options;
  const batches = new Batches(options);
  let { position } = await readReplayCheckpoint(db, schema);
  for (;;) {
    signal.throwIfAborted();
    const events = await store.readAll({ after: position, limit: batchSize });
    for (let next = 0; next < events.length; ) {
      const { folded, end } = batches.fold(events, next);
      const last = events[end - 1] as RecordedEvent;
      await writeReplayed(db, schema, position, last, folded);
      position = last.position;
      next = end;
    }
    if (events.length < batchSize) return position;
  }
}

/** Undefined: too much came in between; catch up again. */
async function moveIn<E>(
  tx: Transaction,
  options: ReplayOptions<E>,
  schema: string,
): Promise<Checkpoint | undefined> {
  // Waits for a projector in the middle of its batch, and then has it wait; readers go on.
  await run(tx, 'lock table projections in share row exclusive mode');
  const serving = await servingCheckpoint(tx);
  const own = await readReplayCheckpoint(tx, schema);
  const missing = (serving?.position ?? 0n) - own.position;
  if (missing > BigInt(TAIL_EVENTS)) return undefined;
  const to = missing > 0n ? await applyTail(tx, options, schema, own.position, missing) : own;
  if (serving !== undefined) await markSchema(tx, serving.schema, 'retired');
  await markSchema(tx, schema, 'serving');
  await run(tx, `drop table ${tableName(schema, REPLAY_CHECKPOINT)}`);
  const checkpoint = { schema, position: to.position, recordedAt: to.recordedAt };
  await writeCheckpoint(tx, options.register, checkpoint);
  return checkpoint;
}

async function applyTail<E>(
  tx: Transaction,
  options: Projecting<E> & Pick<ReplayOptions<E>, 'store'>,
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

async function servingCheckpoint(
  tx: Transaction,
): Promise<{ schema: string; position: bigint } | undefined> {
  const { rows } = await sql<{ schema: string; position: string }>`
    select schema, position from projections order by position desc limit 1`.execute(tx);
  const row = rows[0];
  return row && { schema: row.schema, position: BigInt(row.position) };
}

/** Makes the rows of `projections` exactly those of the register, and tells who reads and who waits. */
export async function writeCheckpoint(
  tx: Database | Transaction,
  register: Register,
  { schema, position, recordedAt }: Checkpoint,
): Promise<void> {
  const names = register.map((projection) => projection.name);
  const versions = register.map((projection) => projection.version);
  await sql`delete from projections where name <> all(${names}::text[])`.execute(tx);
  await sql`
    insert into projections (name, version, schema, position, recorded_at)
    select name, version, ${schema}, ${position.toString()}::bigint, ${String(recordedAt)}::bigint
    from unnest(${names}::text[], ${versions}::integer[]) as r(name, version)
    on conflict (name) do update set version = excluded.version, schema = excluded.schema,
      position = excluded.position, recorded_at = excluded.recorded_at`.execute(tx);
  await sql`
    select pg_notify(${POINTER}, ${schema}), pg_notify(${PROJECTED}, ${position.toString()})`.execute(
    tx,
  );
}
