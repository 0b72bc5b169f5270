/**
 * Cursors of lists: base64url of a JSON array that says where the next page begins. Opaque to
 * callers, and never trusted: one that we would not have written ourselves is refused.
 */
import { Problem } from '../problem.js';
import { MAX_CURSOR_LENGTH } from './queries.js';

interface CursorValues {
  text: string;
  integer: number;
  bigint: bigint;
}
export type CursorType = keyof CursorValues;
type ValuesOf<Types extends readonly CursorType[]> = {
  -readonly [K in keyof Types]: CursorValues[Types[K]];
};

export function encodeCursor(values: readonly (string | number | bigint)[]): string {
  const json = values.map((value) => (typeof value === 'bigint' ? value.toString() : value));
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

/**
 * The values of a cursor, or undefined for the first page: `decodeCursor(cursor, ['bigint', 'text'])`.
 * Throws 400 `cursor_invalid`.
 */
export function decodeCursor<const Types extends readonly CursorType[]>(
  cursor: string | undefined,
  types: Types,
): ValuesOf<Types> | undefined {
  if (cursor === undefined) return undefined;
  const json = parse(cursor);
  if (!Array.isArray(json) || json.length !== types.length) throw invalid();
  const values = types.map((type, i) => valueFrom(type, json[i]));
  // Whatever decodes leniently does not come back the same.
  if (encodeCursor(values) !== cursor) throw invalid();
  return values as ValuesOf<Types>;
}

function parse(cursor: string): unknown {
  if (cursor.length > MAX_CURSOR_LENGTH || !/^[\w-]+$/.test(cursor)) throw invalid();
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw invalid();
  }
}

function valueFrom(type: CursorType, value: unknown): string | number | bigint {
  if (type === 'text' && typeof value === 'string' && !value.includes('\0')) return value;
  if (type === 'integer' && Number.isSafeInteger(value)) return value as number;
  if (type === 'bigint' && typeof value === 'string' && /^-?\d{1,18}$/.test(value))
    return BigInt(value);
  throw invalid();
}

const invalid = (): Problem =>
  new Problem(400, 'cursor_invalid', 'The cursor is not one of this list.');
