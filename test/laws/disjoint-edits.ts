/** Many edits at once, none of which touches what another has touched. */
import type { Shape } from '#libs/projector';
import type { Random } from '../reference/random.js';
import { changeOf, type Edit, keyOf, type Row, randomEdit } from './edits.js';

/** Edits of different rows; a table is chosen first, so that small ones have their share. */
export function disjointEdits(
  rows: ReadonlyMap<Shape, readonly Row[]>,
  random: Random,
  from: number,
  count: number,
  systematic: { readonly shape: Shape; readonly column: string }[],
): Edit[] {
  const edits: Edit[] = [];
  const touched = new Set<string>();
  // A small table may have no row left that was not touched: then there are fewer this time.
  for (let tries = 0; edits.length < count && tries < 40 * count; tries++) {
    const next = tries % 4 < 3 ? systematic[0] : undefined;
    const shape = next?.shape ?? random.pick([...rows.keys()]);
    const own = rows.get(shape) ?? [];
    const n = 1 + from + edits.length;
    const edit =
      next === undefined ? randomEdit(shape, own, random, n) : changeOf(next, own, random, n);
    const keys = [edit.before, edit.after].flatMap((row) =>
      row === undefined ? [] : [`${shape.name} ${JSON.stringify(keyOf(shape, row))}`],
    );
    if (keys.some((key) => touched.has(key)) || isTaken(edit, own)) continue;
    if (next !== undefined) systematic.shift();
    for (const key of keys) touched.add(key);
    edits.push(edit);
  }
  return edits;
}

/** The key that the edit leads to is another row's. */
function isTaken({ shape, before, after }: Edit, rows: readonly Row[]): boolean {
  if (after === undefined) return false;
  const key = JSON.stringify(keyOf(shape, after));
  return rows.some((row) => row !== before && JSON.stringify(keyOf(shape, row)) === key);
}
