/**
 * Array literals of PostgreSQL, written by hand: a column of a batch is one parameter, and writing
 * such parameters is much of what the intake and a replay do in this process. The driver's own
 * writer goes through every element letter by letter and is several times slower.
 */

export type ArrayElement = string | number | bigint | boolean | null;

/** `{"a","b"}`, `{1,2}`, `{true,NULL}`: the values of one column. */
export function arrayLiteral(values: readonly ArrayElement[]): string {
  let texts = 0;
  let nulls = 0;
  for (const value of values) {
    if (typeof value === 'string') texts++;
    else if (value === null) nulls++;
  }
  if (nulls > 0) return `{${values.map(element).join(',')}}`;
  if (texts === 0) return `{${values.join(',')}}`;
  return textLiteral(texts === values.length ? (values as readonly string[]) : values.map(String));
}

/** Of an array that is a parameter: its literal, or the array where only the driver knows how to write it. */
export function asParameter(value: unknown): unknown {
  return Array.isArray(value) && value.every(isElement) ? arrayLiteral(value) : value;
}

const isElement = (value: unknown): value is ArrayElement =>
  value === null || (typeof value !== 'object' && typeof value !== 'undefined');

/** One look at all values together finds out whether any needs escaping; hardly any ever does. */
function textLiteral(values: readonly string[]): string {
  const all = values.join('');
  if (all.includes('"') || all.includes('\\')) return `{${values.map(element).join(',')}}`;
  return `{"${values.join('","')}"}`;
}

const SPECIAL = /["\\]/g;

function element(value: ArrayElement): string {
  return value === null ? 'NULL' : `"${String(value).replace(SPECIAL, '\\$&')}"`;
}
