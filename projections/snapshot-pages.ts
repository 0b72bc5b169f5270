/** The lines that a page of a snapshot holds, expanded once for all projections that read them. */
import { type LedgerEvent, type SnapshotLine, snapshotLineOf } from '#libs/ledger';

const NONE: readonly SnapshotLine[] = [];
const expanded = new WeakMap<object, readonly SnapshotLine[]>();

export function linesOfPage(event: LedgerEvent): readonly SnapshotLine[] {
  if (event.type !== 'SnapshotPage') return NONE;
  const known = expanded.get(event);
  if (known !== undefined) return known;
  const lines = event.data.lines.map(snapshotLineOf);
  expanded.set(event, lines);
  return lines;
}
