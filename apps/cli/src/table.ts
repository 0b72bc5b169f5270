/** Tables for people: aligned, without a frame, so that they can be copied and cut. */
import Table from 'cli-table3';
import type { Terminal } from './terminal.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';

/** A row for each entry, under the titles of the columns. */
export function tableOf(
  terminal: Pick<Terminal, 'colors'>,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({
    head: columns.map(({ title }) => terminal.colors.bold(title)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: frameless,
  });
  table.push(...rows.map((row) => [...row]));
  return trimmed(table.toString());
}

/** Names and values, one pair a line. */
export function factsOf(
  terminal: Pick<Terminal, 'colors'>,
  facts: readonly (readonly [name: string, value: string])[],
): string {
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts
    .map(([name, value]) => `${terminal.colors.dim(name.padEnd(width))}${GAP}${value}`)
    .join('\n');
}

const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

const frameless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};
