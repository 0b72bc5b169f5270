/**
 * Writes what a batch adds: one statement per table that is touched, then the recomputed columns,
 * because they may look at any of the tables. The texts are the same for every batch of a schema,
 * so that they stay prepared.
 *
 * Two writers of one schema cannot meet here, so rows need no order against deadlocks: whoever
 * writes has moved the checkpoint first, in the same transaction, and holds its rows until the end.
 */
import { CompiledQuery } from 'kysely';
import type { Transaction } from '#libs/database';
import type { Folded, FoldedTable } from './fold.js';
import type { ColumnType } from './projection.js';
import type { Shape } from './shape.js';
import { createTable, PART, primaryKey, quoted, tableName } from './tables.js';

const ARRAY_TYPES: Record<ColumnType, string> = {
  text: 'text[]',
  optional: 'text[]',
  instant: 'bigint[]',
  count: 'bigint[]',
  money: 'bigint[]',
  flag: 'boolean[]',
};

export interface ApplyOptions {
  /** A replay appends parts, and merges them and recomputes when all is written. */
  readonly parts?: boolean;
}

/** Within the transaction that has moved the checkpoint. */
export async function apply(
  tx: Transaction,
  schema: string,
  folded: Folded,
  { parts = false }: ApplyOptions = {},
): Promise<void> {
  for (const table of folded.tables)
    if (table.rows > 0) await execute(tx, addition(schema, table.shape, { parts }), table.columns);
  if (parts) return;
  for (const table of folded.tables)
    if (wasTouched(table)) await execute(tx, recomputation(schema, table.shape), table.touched);
}

/**
 * Adds the rows of a batch to one table. The arrays are unnested side by side in the select list,
 * which streams; `from unnest($1, $2, …)` keeps a copy of each first and takes twice as long.
 */
export function addition(schema: string, shape: Shape, { parts = false } = {}): string {
  const own = shape.kind === 'lines' ? ['position', 'n'] : [];
  const ownTypes = shape.kind === 'lines' ? ['bigint[]', 'integer[]'] : [];
  const columns = [...shape.key, ...shape.values];
  const names = [...own, ...columns.map((column) => column.name)].join(', ');
  const types = [...ownTypes, ...columns.map((column) => ARRAY_TYPES[column.type])];
  const arrays = types.map((type, i) => `unnest($${i + 1}::${type})`).join(', ');
  const insert =
    `insert into ${tableName(schema, shape.name)} as t (${names})` + ` select ${arrays}`;
  return parts ? insert : insert + conflict(shape);
}

function conflict(shape: Shape): string {
  if (shape.kind === 'lines') return '';
  const key = shape.key.map((column) => column.name).join(', ');
  if (shape.values.length === 0) return ` on conflict (${key}) do nothing`;
  const assignments = shape.values.map(({ name }) =>
    shape.kind === 'sums' ? `${name} = t.${name} + excluded.${name}` : `${name} = excluded.${name}`,
  );
  return ` on conflict (${key}) do update set ${assignments.join(', ')}`;
}

/**
 * Merges the parts of a replay: statements that leave the table as the live loop would have made it,
 * logged and with its key, and its column recomputed in passing. Lines are whole already.
 */
export function merging(schema: string, shape: Shape): string[] {
  const table = tableName(schema, shape.name);
  if (shape.kind === 'lines') return [`alter table ${table} set logged`];
  const parts = tableName(schema, `${shape.name}_parts`);
  const merged = shape.kind === 'sums' ? addedUp(shape, parts) : lastOf(shape, parts);
  const recomputed = shape.recomputed === undefined ? '' : `, (${expression(schema, shape)})`;
  return [
    `alter table ${table} rename to ${quoted(`${shape.name}_parts`)}`,
    createTable(schema, shape, { logged: true, keyed: false }),
    `analyze ${parts}`,
    `insert into ${table} select t.*${recomputed} from (${merged}) as t`,
    `alter table ${table} add ${primaryKey(shape)}`,
    `drop table ${parts}`,
  ];
}

/** Rows whose sums are all zero mean the same as none. */
function addedUp(shape: Shape, parts: string): string {
  const key = shape.key.map(({ name }) => name).join(', ');
  const sums = shape.values.map(({ name }) => `, sum(${name})::bigint as ${name}`).join('');
  const nonzero = shape.values.map(({ name }) => `sum(${name}) <> 0`).join(' or ');
  const having = nonzero === '' ? '' : ` having ${nonzero}`;
  return `select ${key}${sums} from ${parts} group by ${key}${having}`;
}

function lastOf(shape: Shape, parts: string): string {
  const key = shape.key.map(({ name }) => name).join(', ');
  const columns = [...shape.key, ...shape.values].map(({ name }) => name).join(', ');
  return `select distinct on (${key}) ${columns} from ${parts} order by ${key}, ${PART} desc`;
}

/** Recomputes the column of the touched keys. */
export function recomputation(schema: string, shape: Shape): string {
  const arrays = shape.key.map((c, i) => `$${i + 1}::${ARRAY_TYPES[c.type]}`).join(', ');
  const names = shape.key.map((c) => c.name);
  const same = names.map((n) => `t.${n} = k.${n}`).join(' and ');
  return (
    `update ${tableName(schema, shape.name)} as t` +
    ` set ${shape.recomputed?.name} = (${expression(schema, shape)})` +
    ` from unnest(${arrays}) as k(${names.join(', ')}) where ${same}`
  );
}

function expression(schema: string, shape: Shape): string {
  if (shape.recomputed === undefined) throw new Error(`${shape.name} recomputes nothing`);
  return shape.recomputed.sql.replaceAll('{schema}', quoted(schema));
}

const wasTouched = (table: FoldedTable): boolean =>
  table.touched.length > 0 && table.touched[0] !== '{}';

async function execute(
  tx: Transaction,
  text: string,
  parameters: readonly string[],
): Promise<void> {
  await tx.executeQuery(CompiledQuery.raw(text, [...parameters]));
}
