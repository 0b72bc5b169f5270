/**
 * The contents of read models as sorted lines of text, so that two schemas can be compared: what
 * differs between equal histories (rows that sum up to nothing, positions) is left out.
 */
import { CompiledQuery } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { Projection } from './projection.js';
import { type Column, columnNames, type Shape, shapeOf } from './shape.js';
import { tableName } from './tables.js';

export interface DumpOptions {
  /**
   * `written`: with their positions. `netted`: without; counts and money of otherwise equal lines
   * summed, so that a line and its negation are as good as none.
   */
  readonly lines?: 'written' | 'netted';
}

/** Rows of every table of the register, each a JSON array of its columns. */
export async function dumpTables<E>(
  db: Database | Transaction,
  schema: string,
  register: readonly Projection<E>[],
  { lines = 'written' }: DumpOptions = {},
): Promise<Record<string, string[]>> {
  const dumped: Record<string, string[]> = {};
  for (const shape of register.map(shapeOf)) {
    const text =
      shape.kind === 'lines' && lines === 'netted'
        ? nettedLines(schema, shape)
        : rows(schema, shape);
    const found = await db.executeQuery<{ row: string }>(CompiledQuery.raw(text));
    dumped[shape.name] = found.rows.map(({ row }) => row);
  }
  return dumped;
}

const summed = (column: Column): boolean => column.type === 'count' || column.type === 'money';

function rows(schema: string, shape: Shape): string {
  const sums = shape.values.map(({ name }) => name).join(', ');
  const where = shape.kind === 'sums' && sums !== '' ? `where (0 <> any(array[${sums}]))` : '';
  const row = `jsonb_build_array(${columnNames(shape).join(', ')})::text collate "C"`;
  return `select ${row} as row from ${tableName(schema, shape.name)} ${where} order by 1`;
}

function nettedLines(schema: string, shape: Shape): string {
  const fixed = shape.values.filter((column) => !summed(column)).map(({ name }) => name);
  const sums = shape.values.filter(summed).map(({ name }) => `sum(${name})`);
  const row = `jsonb_build_array(${[...fixed, ...sums].join(', ')})::text collate "C"`;
  const group = fixed.length > 0 ? `group by ${fixed.join(', ')}` : '';
  const having = sums.length > 0 ? `having 0 <> any(array[${sums.join(', ')}])` : '';
  return `select ${row} as row from ${tableName(schema, shape.name)} ${group} ${having} order by 1`;
}
