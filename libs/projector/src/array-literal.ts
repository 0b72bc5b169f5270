/**
 * Array literals of PostgreSQL, written by hand: a column of a batch is one parameter, and writing
 * it is most of what a replay does in this process. The driver's own writer is several times slower.
 */
import type { ColumnType } from './projection.js';

export type Value = string | number | bigint | boolean | null;

/** `{"a","b"}`, `{1,2}`, `{t,f}`: the values of one column. */
export function arrayLiteral(type: ColumnType, values: readonly Value[]): string {
  if (values.length === 0) return '{}';
  if (type === 'text') return textLiteral(values as readonly string[]);
  if (type === 'optional') return `{${values.map(element).join(',')}}`;
  return `{${values.join(',')}}`;
}

/** One look at all values together finds out whether any needs escaping; hardly any ever does. */
function textLiteral(values: readonly string[]): string {
  const all = values.join('');
  if (all.includes('"') || all.includes('\\')) return `{${values.map(element).join(',')}}`;
  return `{"${values.join('","')}"}`;
}

const SPECIAL = /["\\]/g;

function element(value: Value): string {
  return value === null ? 'NULL' : `"${String(value).replace(SPECIAL, '\\$&')}"`;
}
