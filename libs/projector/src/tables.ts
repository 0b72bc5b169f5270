/**
 * Makes the schema of read models for a register: the only place that does, live and replay alike.
 * The application role runs it and so owns schema and tables; nobody else needs a grant.
 *
 * A replay fills unlogged tables before it indexes them: appending a row and grouping it later costs
 * a third of merging it into an index. Lines get their primary key afterwards; sums and latest are
 * appended as parts, which are merged once at the end (apply.ts, `merging`). `set logged` rewrites a
 * table together with its indexes, so it comes before them.
 */
import { CompiledQuery } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { type ColumnType, snake } from './projection.js';
import type { Column, Shape } from './shape.js';

const SQL_TYPES: Record<ColumnType, string> = {
  text: 'text collate "C" not null',
  optional: 'text collate "C"',
  instant: 'bigint not null',
  count: 'bigint not null',
  money: 'bigint not null',
  flag: 'boolean not null',
};

/** The order in which parts were written. */
export const PART = 'flywheel_part';
const PART_NUMBER = `${PART} bigint generated always as identity`;

/** Room on each page for a new version of a row, so that a sum which grows stays on its page. */
const SUMS_FILLFACTOR = 85;

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
export const tableName = (schema: string, table: string): string =>
  `${quoted(schema)}.${quoted(table)}`;

/**
 * `create table`; `keyed` with its primary key, except lines, which get theirs with the indexes.
 * Unlogged: to hold parts, which for latest rows are numbered, because their order matters.
 */
export function createTable(
  schema: string,
  shape: Shape,
  { logged, keyed = true }: { readonly logged: boolean; readonly keyed?: boolean },
): string {
  const lines = shape.kind === 'lines' ? ['position bigint not null', 'n integer not null'] : [];
  const columns = [...shape.key, ...shape.values].map(definition);
  const recomputed = shape.recomputed === undefined ? [] : [`${shape.recomputed.name} bigint`];
  const numbered = !logged && shape.kind === 'latest' ? [PART_NUMBER] : [];
  const primary = keyed && shape.kind !== 'lines' ? [primaryKey(shape)] : [];
  const body = [...lines, ...columns, ...recomputed, ...numbered, ...primary].join(',\n  ');
  const room = shape.kind === 'lines' ? '' : ` with (fillfactor = ${SUMS_FILLFACTOR})`;
  const table = tableName(schema, shape.name);
  return `create ${logged ? '' : 'unlogged '}table ${table} (\n  ${body}\n)${room}`;
}

export function primaryKey(shape: Shape): string {
  const columns = shape.kind === 'lines' ? ['position', 'n'] : shape.key.map(({ name }) => name);
  return `primary key (${columns.join(', ')})`;
}

/** What is built when the table is full: the key of lines, and the declared indexes. */
export function createIndexes(schema: string, shape: Shape): string[] {
  const table = tableName(schema, shape.name);
  const key = shape.kind === 'lines' ? [`alter table ${table} add ${primaryKey(shape)}`] : [];
  const declared = shape.indexes.map((index, i) => {
    const columns = index.columns.map(indexColumn).join(', ');
    const where = index.where === undefined ? '' : ` where ${index.where}`;
    return `create index ${shape.name}_${i + 1} on ${table} (${columns})${where}`;
  });
  return [...key, ...declared];
}

export const analyze = (schema: string, shape: Shape): string =>
  `analyze ${tableName(schema, shape.name)}`;

/** An empty schema to project into: logged and indexed, or unlogged and for a replay to fill. */
export async function createSchema(
  db: Database | Transaction,
  schema: string,
  shapes: readonly Shape[],
  options: { readonly logged: boolean },
): Promise<void> {
  await run(db, `create schema ${quoted(schema)}`);
  for (const shape of shapes) {
    await run(db, createTable(schema, shape, { ...options, keyed: options.logged }));
    if (options.logged) for (const text of createIndexes(schema, shape)) await run(db, text);
  }
}

/** Executes a statement without results. */
export async function run(db: Database | Transaction, text: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(text));
}

function definition(column: Column): string {
  return `${column.name} ${SQL_TYPES[column.type]}`;
}

function indexColumn(declared: string): string {
  const [column = '', direction, ...rest] = declared.trim().split(/\s+/);
  if (rest.length > 0 || (direction !== undefined && direction !== 'desc' && direction !== 'asc'))
    throw new Error(`an index column is a name and perhaps desc, not "${declared}"`);
  return direction === undefined ? snake(column) : `${snake(column)} ${direction}`;
}
