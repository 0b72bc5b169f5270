/**
 * The life of a schema of read models: `rm_<n>` is built by a replay (or made empty), then built,
 * then the pointer names it, then it is retired, and after a grace period, in which the last reads
 * that began on it end, it is dropped. One that was built up to an earlier moment shows the past: it
 * is looked at and never served. What it is stands in the schema's comment, with the time.
 *
 * Who builds a schema holds a session lock named after it, so that what a dead process left behind
 * can be told from what is being built.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CompiledQuery, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { Shape } from './shape.js';
import { createSchema, quoted, run, tableName } from './tables.js';

/** First keys of two-part advisory locks; the second is the number of the schema, or 0. */
const NUMBERING_LOCK = 7_390_201;
export const BUILDING_LOCK = 7_390_202;

/** One row: the position of a schema that the pointer does not name yet. Unlogged while its tables are. */
export const REPLAY_CHECKPOINT = 'replay_checkpoint';

export type SchemaState = 'building' | 'built' | 'past' | 'serving' | 'retired';

/** Makes the next schema. `unlogged`: for a replay, with a checkpoint of its own at 0 and the building lock held by the session. */
export async function nextSchema(
  tx: Transaction,
  shapes: readonly Shape[],
  options: {
    readonly logged: boolean;
    /** What the schema is built for (checkpoint.ts, `registerText`). */
    readonly register?: string;
  },
): Promise<string> {
  await sql`select pg_advisory_xact_lock(${NUMBERING_LOCK}::integer, 0)`.execute(tx);
  const { rows } = await sql<{ n: number }>`
    select coalesce(max(substr(nspname, 4)::integer), 0) + 1 as n
    from pg_namespace where nspname ~ '^rm_[0-9]{1,8}$'`.execute(tx);
  const n = rows[0]?.n ?? 1;
  const schema = `rm_${n}`;
  if (!options.logged)
    await sql`select pg_advisory_lock(${BUILDING_LOCK}::integer, ${n}::integer)`.execute(tx);
  await createSchema(tx, schema, shapes, options);
  if (!options.logged) {
    const table = tableName(schema, REPLAY_CHECKPOINT);
    await run(
      tx,
      `create unlogged table ${table} (position bigint, recorded_at bigint, register text)`,
    );
    const { register = '' } = options;
    await tx.executeQuery(
      CompiledQuery.raw(`insert into ${table} values (0, 0, $1::text)`, [register]),
    );
  }
  await markSchema(tx, schema, options.logged ? 'serving' : 'building');
  return schema;
}

export async function markSchema(
  db: Database | Transaction,
  schema: string,
  state: SchemaState,
): Promise<void> {
  const { rows } = await sql<{ at: string }>`
    select floor(extract(epoch from clock_timestamp()))::text as at`.execute(db);
  await run(db, `comment on schema ${quoted(schema)} is '${state} ${rows[0]?.at}'`);
}

/** What a schema is; undefined: there is none of this name, or it is none of ours. */
export async function schemaState(
  db: Database | Transaction,
  schema: string,
): Promise<SchemaState | undefined> {
  const { rows } = await sql<{ state: SchemaState | null }>`
    select split_part(obj_description(oid, 'pg_namespace'), ' ', 1) as state
    from pg_namespace where nspname = ${schema} and nspname ~ '^rm_[0-9]{1,8}$'`.execute(db);
  return rows[0]?.state ?? undefined;
}

/** On the session that called nextSchema, which holds no other lock. */
export async function releaseBuilding(session: Database): Promise<void> {
  await sql`select pg_advisory_unlock_all()`.execute(session);
}

export interface DropOptions {
  /** How long a retired schema still serves the reads that began on it. */
  readonly graceSeconds?: number;
  /** How long a replay waits to be promoted. */
  readonly builtSeconds?: number;
}

const GRACE_SECONDS = 300;
const BUILT_SECONDS = 86_400;
/** For what is not a table: the schema itself. */
const DROP_LOCK_TIMEOUT_MS = 500;
const DROP_ATTEMPTS = 5;
const DROP_AGAIN_MS = 100;

/** Drops retired schemas after their grace period, replays never promoted, and what dead builders left. Returns their names. */
export async function dropOldSchemas(db: Database, options: DropOptions = {}): Promise<string[]> {
  const { graceSeconds = GRACE_SECONDS, builtSeconds = BUILT_SECONDS } = options;
  const { rows } = await sql<{ schema: string }>`
    with schemas as (
      select nspname as schema, substr(nspname, 4)::integer as n,
        split_part(obj_description(oid, 'pg_namespace'), ' ', 1) as state,
        extract(epoch from clock_timestamp())
          - split_part(obj_description(oid, 'pg_namespace'), ' ', 2)::numeric as age
      from pg_namespace
      where nspname ~ '^rm_[0-9]{1,8}$' and obj_description(oid, 'pg_namespace') ~ '^[a-z]+ [0-9]+$'
    )
    select schema from schemas
    where schema not in (select schema from projections)
      and (state = 'retired' and age >= ${graceSeconds}::integer
        or state in ('built', 'past') and age >= ${builtSeconds}::integer
        or state = 'building' and not exists (
          select from pg_locks l where l.locktype = 'advisory' and l.classid::bigint = ${BUILDING_LOCK}::integer
            and l.objid::bigint = n and l.objsubid = 2 and l.database = (select oid from pg_database where datname = current_database())))
    order by n`.execute(db);
  const dropped: string[] = [];
  for (const { schema } of rows) if (await dropSchema(db, schema)) dropped.push(schema);
  return dropped;
}

/**
 * False: somebody still reads it, or it became the one that serves; another time. Waits for no lock:
 * readers would queue up behind it, and one that goes on to another table would be the victim of a
 * deadlock. Asked for a few times instead, because those who only look are soon gone.
 */
export async function dropSchema(db: Database, schema: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await db.transaction().execute((tx) => dropNow(tx, schema));
      return true;
    } catch (error) {
      if (error instanceof StillServing) return false;
      // Two may sweep at once.
      if (isGone(error)) return true;
      if (!LOCKED.includes(String((error as { code?: unknown }).code))) throw error;
      if (attempt === DROP_ATTEMPTS) return false;
      await delay(DROP_AGAIN_MS);
    }
  }
}

async function dropNow(tx: Transaction, schema: string): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = to_regnamespace(${schema}) and relkind = 'r'`.execute(tx);
  const tables = rows.map(({ name }) => tableName(schema, name)).join(', ');
  if (tables !== '') await run(tx, `lock table ${tables} in access exclusive mode nowait`);
  await run(tx, `set local lock_timeout = ${DROP_LOCK_TIMEOUT_MS}`);
  await run(tx, `drop schema if exists ${quoted(schema)} cascade`);
  // Looked at behind the locks, which no promotion that was under way had left.
  const serving = await sql`select from projections where schema = ${schema}`.execute(tx);
  if (serving.rows.length > 0) throw new StillServing();
}

/** A replay that serves, or served, is no replay any more: it goes when its time has come. */
export class ReplayPromoted extends Error {
  readonly code = 'replay_promoted';
  constructor(readonly schema: string) {
    super(`${schema} was promoted: it cannot be discarded; another replay can take its place`);
  }
}

/**
 * Drops what was built and shall not serve. True: it is gone, also when it was before. False: somebody
 * reads or builds it just now; another time. Throws ReplayPromoted.
 */
export async function discardReplay(db: Database, schema: string): Promise<boolean> {
  const state = await schemaState(db, schema);
  if (state === undefined) return true;
  if (state === 'serving' || state === 'retired') throw new ReplayPromoted(schema);
  return dropSchema(db, schema);
}

class StillServing extends Error {}
/** Lock not available, deadlock detected. */
const LOCKED: readonly string[] = ['55P03', '40P01'];

export interface ReplayCheckpoint {
  readonly position: bigint;
  readonly recordedAt: number;
  /** What it was built for (checkpoint.ts, `registerText`). */
  readonly register: string;
}

/** Position of a schema that was not promoted. Throws ReplayLost when the schema is gone. */
export async function readReplayCheckpoint(
  db: Database | Transaction,
  schema: string,
): Promise<ReplayCheckpoint> {
  const { rows } = await db
    .executeQuery<{ position: string; recorded_at: string; register: string }>(
      CompiledQuery.raw(
        `select position, recorded_at, register from ${tableName(schema, REPLAY_CHECKPOINT)}`,
      ),
    )
    .catch((error: unknown) => {
      throw isGone(error) ? new ReplayLost(schema) : error;
    });
  const row = rows[0];
  if (row === undefined) throw new ReplayLost(schema);
  const { register } = row;
  return { position: BigInt(row.position), recordedAt: Number(row.recorded_at), register };
}

/** No such table, no such schema. */
export const isGone = (error: unknown): boolean =>
  ['42P01', '3F000'].includes(String((error as { code?: unknown }).code));

export async function moveReplayCheckpoint(
  tx: Transaction,
  schema: string,
  from: bigint,
  to: { readonly position: bigint; readonly recordedAt: number },
): Promise<void> {
  const moved = await tx.executeQuery(
    CompiledQuery.raw(
      `update ${tableName(schema, REPLAY_CHECKPOINT)} set position = $1, recorded_at = $2 where position = $3`,
      [to.position.toString(), String(to.recordedAt), from.toString()],
    ),
  );
  if (moved.numAffectedRows !== 1n) throw new ReplayLost(schema);
}

/** The tables of an unfinished replay vanished with a restart of the server, or somebody else moved them: begin again. */
export class ReplayLost extends Error {
  readonly code = 'replay_lost';
  constructor(readonly schema: string) {
    super(`the replay into ${schema} lost its checkpoint`);
  }
}
