/**
 * Compares the tables of a replay with those that serve, at one position (live-position.ts) and at
 * leisure: nobody waits for it. One full join per table on its key, column by column, recomputed ones
 * included. All of it, and the storing, is one transaction of the server: what is cut off leaves
 * nothing, and an earlier difference as it was.
 */
import { createHash } from 'node:crypto';
import { CompiledQuery, sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { type Checkpoint, readCheckpoint } from './checkpoint.js';
import {
  type ColumnDifference,
  DIFFERENCE_ROWS,
  DIFFERENCE_SUMMARY,
  type DifferenceSummary,
  storeSummary,
  type TableDifference,
} from './difference.js';
import {
  type Comparison,
  comparisonOf,
  counting,
  createFound,
  dropAside,
  droppingEarlier,
  hashing,
  keeping,
  numbering,
  puttingAside,
  summing,
} from './difference-sql.js';
import { atLivePosition } from './live-position.js';
import { longSession } from './long-session.js';
import type { ReplayOptions } from './replay.js';
import { readReplayCheckpoint, type SchemaState, schemaState } from './schemas.js';
import { shapeOf } from './shape.js';
import { run } from './tables.js';

export interface DifferenceOptions<E> extends ReplayOptions<E> {
  /** Rows of a table that are kept, the largest; all are counted and hashed. */
  readonly keptRows?: number;
}

/** The schema is not one that was built and waits. */
export class ReplayNotBuilt extends Error {
  readonly code = 'replay_not_built';
  constructor(
    readonly schema: string,
    readonly state: SchemaState | undefined,
  ) {
    super(
      `${schema} cannot be compared: ${
        state === undefined ? 'there is no such schema any more' : `it is ${state}`
      }; a replay is compared when it is built and before it is promoted`,
    );
  }
}

/** Rows kept of one table. Whoever has more than these to look at looks at the counts. */
const KEPT_ROWS = 100_000;

/**
 * Brings the replay to the live position, compares and stores. Of a replay of the past the tables are
 * compared as they are, then against now. Uses up to three connections at once. Throws ReplayNotBuilt,
 * RegisterNotServed, ReadModelsBehind, ReplayLost.
 */
export async function buildDifference<E>(
  options: DifferenceOptions<E>,
  schema: string,
): Promise<DifferenceSummary> {
  const { db, log, register } = options;
  const state = await schemaState(db, schema);
  if (state !== 'built' && state !== 'past') throw new ReplayNotBuilt(schema, state);
  const summary = await longSession(db, (session) =>
    state === 'built'
      ? atLivePosition(options, schema, session, (tx, live) =>
          compareAll(tx, options, schema, live),
        )
      : session
          .transaction()
          .setIsolationLevel('repeatable read')
          .execute(async (tx) =>
            compareAll(tx, options, schema, await readCheckpoint(tx, register)),
          ),
  );
  const { rows, hash, position } = summary;
  log.info({ schema, position, rows, hash }, 'the difference is made');
  return summary;
}

async function compareAll<E>(
  tx: Transaction,
  options: DifferenceOptions<E>,
  schema: string,
  live: Checkpoint,
): Promise<DifferenceSummary> {
  const { register, signal, onProgress, keptRows = KEPT_ROWS } = options;
  const { position } = await readReplayCheckpoint(tx, schema);
  for (const text of droppingEarlier(schema, [DIFFERENCE_ROWS, DIFFERENCE_SUMMARY]))
    await run(tx, text);
  await run(tx, createFound(schema));
  const held = await tablesIn(tx, schema);
  const found: { table: TableDifference; hash: string }[] = [];
  // A replay of some projections up to a moment of the past has no others.
  for (const shape of register.map(shapeOf).filter(({ name }) => held.has(name))) {
    signal.throwIfAborted();
    const head = live.position;
    const at = { schema, phase: 'difference', position, head, eventsPerSecond: 0 } as const;
    onProgress?.({ ...at, table: shape.name });
    found.push(await compare(tx, comparisonOf(shape), live.schema, schema, keptRows));
  }
  for (const text of numbering(schema, DIFFERENCE_ROWS)) await run(tx, text);
  const tables = found.map(({ table }) => table);
  const rows = tables.map(({ missing, extra, changed }) => missing + extra + changed);
  const kept = rows.map((n) => (n < BigInt(keptRows) ? n : BigInt(keptRows)));
  const summary = {
    position,
    livePosition: live.position,
    hash: hashOf(found),
    rows: total(rows),
    stored: total(kept),
    tables,
  };
  await storeSummary(tx, schema, summary);
  return summary;
}

async function compare(
  tx: Transaction,
  comparison: Comparison,
  live: string,
  schema: string,
  keptRows: number,
): Promise<{ table: TableDifference; hash: string }> {
  await run(tx, puttingAside(comparison, live, schema));
  const sums = await one<Record<string, string>>(tx, summing(comparison, schema));
  const { hash } = await one<{ hash: string }>(tx, hashing(comparison, schema));
  const { n } = await one<{ n: string }>(tx, counting(comparison, schema));
  await run(tx, keeping(comparison, schema, keptRows));
  await run(tx, dropAside(schema));
  const sum = (name: string): bigint => BigInt(sums[name] ?? 0);
  const columns = comparison.values.map(
    ({ property, summed }, i): ColumnDifference => ({
      column: property,
      rows: sum(`rows_${i}`),
      ...(summed && { delta: sum(`delta_${i}`) }),
    }),
  );
  const table = {
    table: comparison.table,
    compared: BigInt(n) + sum('extra'),
    missing: sum('missing'),
    extra: sum('extra'),
    changed: sum('changed'),
    columns: columns.filter(({ rows }) => rows > 0n),
  };
  return { table, hash };
}

const hashOf = (found: readonly { table: TableDifference; hash: string }[]): string =>
  createHash('sha256')
    .update(JSON.stringify(found.map(({ table, hash }) => [table.table, hash]).sort()))
    .digest('hex');

const total = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, n) => sum + n, 0n);

async function one<R>(tx: Transaction, text: string): Promise<R> {
  const { rows } = await tx.executeQuery<R>(CompiledQuery.raw(text));
  return rows[0] as R;
}

async function tablesIn(db: Database | Transaction, schema: string): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = to_regnamespace(${schema}) and relkind = 'r'`.execute(db);
  return new Set(rows.map(({ name }) => name));
}
