/**
 * Makes the schema of read models for a register: the only place that does, live and replay alike.
 * The application role runs it and so owns schema and tables; nobody else needs a grant.
 *
 * Tables are filled before they are indexed when they are made by a replay. Lines even get their
 * primary key afterwards: nothing looks at it while they are appended. Sums and latest need theirs
 * to be merged into. `set logged` rewrites a table together with its indexes, so it comes first.
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

/** Room on each page for a new version of a row, so that a sum which grows stays on its page. */
const SUMS_FILLFACTOR = 85;

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
export const tableName = (schema: string, table: string): string =>
  `${quoted(schema)}.${quoted(table)}`;

/** `create table`, with the primary key of sums and latest; lines get theirs with the indexes. */
export function createTable(
  schema: string,
  shape: Shape,
  options: { readonly logged: boolean },
): string {
  const lines = shape.kind === 'lines' ? ['position bigint not null', 'n integer not null'] : [];
  const columns = [...shape.key, ...shape.values].map(definition);
  const recomputed = shape.recomputed === undefined ? [] : [`${shape.recomputed.name} bigint`];
  const key = shape.key.map((column) => column.name).join(', ');
  const primary = shape.kind === 'lines' ? [] : [`primary key (${key})`];
  const body = [...lines, ...columns, ...recomputed, ...primary].join(',\n  ');
  const unlogged = options.logged ? '' : 'unlogged ';
  const room = shape.kind === 'lines' ? '' : ` with (fillfactor = ${SUMS_FILLFACTOR})`;
  return `create ${unlogged}table ${tableName(schema, shape.name)} (\n  ${body}\n)${room}`;
}

/** What is built when the table is full: the key of lines, and the declared indexes. */
export function createIndexes(schema: string, shape: Shape): string[] {
  const table = tableName(schema, shape.name);
  const key = shape.kind === 'lines' ? [`alter table ${table} add primary key (position, n)`] : [];
  const declared = shape.indexes.map((index, i) => {
    const columns = index.columns.map(indexColumn).join(', ');
    const where = index.where === undefined ? '' : ` where ${index.where}`;
    return `create index ${shape.name}_${i + 1} on ${table} (${columns})${where}`;
  });
  return [...key, ...declared];
}

export const setLogged = (schema: string, shape: Shape): string =>
  `alter table ${tableName(schema, shape.name)} set logged`;

export const analyze = (schema: string, shape: Shape): string =>
  `analyze ${tableName(schema, shape.name)}`;

/** An empty schema, ready to be projected into; `unlogged` tables are without indexes. */
export async function createSchema(
  db: Database | Transaction,
  schema: string,
  shapes: readonly Shape[],
  options: { readonly logged: boolean },
): Promise<void> {
  await run(db, `create schema ${quoted(schema)}`);
  for (const shape of shapes) {
    await run(db, createTable(schema, shape, options));
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
