/**
 * Moves the pointer to a replayed schema. Nothing is renamed and no table is touched: readers name
 * their schema in the statement, so a read sees the old tables or the new ones, whole (moving tables
 * instead is not MVCC-safe: a reader then finds its old checkpoint and no rows).
 *
 * The new schema catches up while the old one goes on serving, until less than a batch is missing.
 * Then `projections` is locked: the live projector waits, readers do not. The rest of the events is
 * applied, so that the position never goes back, and the pointer moves in the same transaction. So is
 * whatever must be true of a switch looked at in it: that the schema was built for these projections,
 * that the difference is the one that was seen, and what the caller adds (`within`).
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { applyTail, catchUp } from './catch-up.js';
import { type Checkpoint, POINTER, PROJECTED, type Register, registerText } from './checkpoint.js';
import { readDifference } from './difference.js';
import { TAIL_EVENTS } from './live-position.js';
import { buildReplay, type ReplayOptions } from './replay.js';
import {
  dropSchema,
  markSchema,
  REPLAY_CHECKPOINT,
  readReplayCheckpoint,
  schemaState,
} from './schemas.js';
import { run, tableName } from './tables.js';

export interface PromoteOptions<E> extends ReplayOptions<E> {
  /** The difference that was seen: any other refuses the switch. Undefined: none was asked for. */
  readonly differenceHash?: string;
  /** Runs in the switching transaction, after the pointer has moved; what it throws undoes the switch. */
  readonly within?: (tx: Transaction, moved: Checkpoint) => Promise<void>;
}

/** The schema cannot serve these projections, and will not. */
export class ReplayNotPromotable extends Error {
  readonly code = 'replay_not_promotable';
  constructor(
    readonly schema: string,
    readonly reason: 'building' | 'past' | 'retired' | 'register' | 'missing',
  ) {
    super(`${schema} cannot be promoted: ${WHY[reason]}`);
  }
}

const WHY = {
  building: 'it is still being built, or was left unfinished',
  past: 'it was built up to a moment of the past, to be looked at; a replay to the head can serve',
  retired: 'it served before and another has taken its place; build a new replay',
  register: 'it was built for another set of projections or versions; build a new replay',
  missing: 'there is no such schema any more; build a new replay',
};

/** The stored difference is not the one that was seen, or there is none. */
export class DifferenceChanged extends Error {
  readonly code = 'difference_changed';
  constructor(
    readonly schema: string,
    readonly seen: string,
    /** Undefined: no difference is stored. */
    readonly stored: string | undefined,
  ) {
    const now = stored === undefined ? 'none was made' : `it is ${stored}`;
    super(`the difference of ${schema} is not ${seen}: ${now}; look at it and promote that one`);
  }
}

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
 * Catches up and switches; of a schema that serves already, answers where it stands (`within` ran when
 * it was switched to). Throws ReplayNotPromotable, DifferenceChanged, ReplayLost when the tables were
 * lost or dropped meanwhile, and ProjectionFailed when an event that came since cannot be projected.
 */
export async function promote<E>(options: PromoteOptions<E>, schema: string): Promise<Checkpoint> {
  for (;;) {
    options.signal.throwIfAborted();
    const serving = await servingCheckpoint(options.db);
    if (serving?.schema === schema) return serving;
    await refuseUnlessPromotable(options.db, options.register, schema);
    await catchUp(options, schema);
    const moved = await options.db.transaction().execute((tx) => moveIn(tx, options, schema));
    if (moved === undefined) continue;
    options.log.info({ schema, position: moved.position }, 'the pointer has moved');
    const { position } = moved;
    options.onProgress?.({
      schema,
      position,
      phase: 'promotion',
      head: position,
      eventsPerSecond: 0,
    });
    return moved;
  }
}

async function refuseUnlessPromotable(
  db: Database | Transaction,
  register: Register,
  schema: string,
): Promise<void> {
  const state = await schemaState(db, schema);
  if (state === undefined) throw new ReplayNotPromotable(schema, 'missing');
  if (state === 'serving' || state === 'retired') throw new ReplayNotPromotable(schema, 'retired');
  if (state !== 'built') throw new ReplayNotPromotable(schema, state);
  const built = await readReplayCheckpoint(db, schema);
  if (built.register !== registerText(register)) throw new ReplayNotPromotable(schema, 'register');
}

/** Undefined: too much came in between; catch up again. */
async function moveIn<E>(
  tx: Transaction,
  options: PromoteOptions<E>,
  schema: string,
): Promise<Checkpoint | undefined> {
  // Waits for a projector in the middle of its batch, and then has it wait; readers go on.
  await run(tx, 'lock table projections in share row exclusive mode');
  const serving = await servingCheckpoint(tx);
  if (serving?.schema === schema) return serving;
  await refuseUnlessPromotable(tx, options.register, schema);
  await refuseOtherDifference(tx, schema, options.differenceHash);
  const own = await readReplayCheckpoint(tx, schema);
  const missing = (serving?.position ?? 0n) - own.position;
  if (missing > BigInt(TAIL_EVENTS)) return undefined;
  const to = missing > 0n ? await applyTail(tx, options, schema, own.position, missing) : own;
  if (serving !== undefined) await markSchema(tx, serving.schema, 'retired');
  await markSchema(tx, schema, 'serving');
  await run(tx, `drop table ${tableName(schema, REPLAY_CHECKPOINT)}`);
  const checkpoint = { schema, position: to.position, recordedAt: to.recordedAt };
  await writeCheckpoint(tx, options.register, checkpoint);
  await options.within?.(tx, checkpoint);
  return checkpoint;
}

async function refuseOtherDifference(
  tx: Transaction,
  schema: string,
  seen: string | undefined,
): Promise<void> {
  if (seen === undefined) return;
  const stored = await readDifference(tx, schema);
  if (stored?.hash !== seen) throw new DifferenceChanged(schema, seen, stored?.hash);
}

async function servingCheckpoint(db: Database | Transaction): Promise<Checkpoint | undefined> {
  const { rows } = await sql<{ schema: string; position: string; recorded_at: string }>`
    select schema, position, recorded_at from projections order by position desc limit 1`.execute(
    db,
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const { schema, position, recorded_at } = row;
  return { schema, position: BigInt(position), recordedAt: Number(recorded_at) };
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
