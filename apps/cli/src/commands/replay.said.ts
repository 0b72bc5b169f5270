/** What is said of replays, for people. */
import { count, instant } from '../format.js';
import { tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export interface ReplayFound {
  readonly id: string;
  readonly state: string;
  readonly projections: readonly string[] | null;
  readonly until: string | null;
  readonly actor: string;
  readonly reason: string | null;
  readonly orderedAt: string;
  readonly errors: number;
  readonly code: string | null;
  readonly detail: string | null;
  readonly progress: ReplayProgress | null;
  readonly difference: Difference | null;
  readonly promotion: { readonly actor: string; readonly reason: string } | null;
}

export interface ReplayProgress {
  readonly phase: string;
  readonly table: string | null;
  readonly position: number;
  readonly head: number;
  readonly eventsPerSecond: number;
}

export interface Difference {
  readonly hash: string;
  readonly position: number;
  readonly livePosition: number;
  readonly rows: number;
  readonly stored: number;
  readonly tables: readonly {
    readonly table: string;
    readonly compared: number;
    readonly missing: number;
    readonly extra: number;
    readonly changed: number;
    readonly columns: readonly {
      readonly column: string;
      readonly rows: number;
      readonly delta: string | null;
    }[];
  }[];
}

type Values = Readonly<Record<string, string | null>>;

export interface DifferenceRow {
  readonly n: number;
  readonly table: string;
  readonly kind: 'missing' | 'extra' | 'changed';
  readonly key: Readonly<Record<string, string>>;
  readonly live: Values | null;
  readonly replayed: Values | null;
  readonly columns: readonly string[];
  readonly explain: string | null;
}

type Colors = Pick<Terminal, 'colors'>;
const right = (title: string) => ({ title, align: 'right' as const });

export const nameOf = ({ projections }: Pick<ReplayFound, 'projections'>): string =>
  projections === null ? 'all' : projections.join(' ');

/** The verdict, the tables that differ, and the first rows. */
export function differenceText(
  terminal: Colors,
  replay: ReplayFound,
  difference: Difference,
  rows: readonly DifferenceRow[],
): string {
  const { tables, position, livePosition } = difference;
  const differing = tables.filter(({ missing, extra, changed }) => missing + extra + changed > 0);
  const compared = tables.reduce((sum, table) => sum + table.compared, 0);
  const at =
    position === livePosition
      ? `at position ${count(position)}`
      : `the log up to ${count(position)} beside what serves at ${count(livePosition)}`;
  if (difference.rows === 0)
    return `Replay ${replay.id}: nothing differs: ${count(compared)} rows in ${tables.length} tables are what the log says, ${at}.`;
  const tableOfTables = tableOf(
    terminal,
    [{ title: 'table' }, ...['missing', 'extra', 'changed'].map(right), { title: 'columns' }],
    differing.map((table) => [
      table.table,
      ...[table.missing, table.extra, table.changed].map(count),
      table.columns.map(columnText).join(', '),
    ]),
  );
  const shown = rows.length < difference.rows ? `, the largest ${rows.length} of them` : '';
  const verdict = `Replay ${replay.id}: ${count(difference.rows)} of ${count(compared)} rows differ from what the log says, ${at}${shown}:`;
  return [verdict, tableOfTables, rowsText(terminal, rows)].join('\n\n');
}

const columnText = ({ column, delta }: Difference['tables'][number]['columns'][number]): string =>
  delta === null || delta === '0' ? column : `${column} ${signed(delta)}`;

const signed = (delta: string): string => (delta.startsWith('-') ? delta : `+${delta}`);

/** Each row with what serves and what the log says. */
function rowsText(terminal: Colors, rows: readonly DifferenceRow[]): string {
  return tableOf(
    terminal,
    [right('#'), { title: 'row' }, { title: 'serves → the log says' }],
    rows.map((row) => [String(row.n), `${row.table} ${keyText(row.key)}`, changeText(row)]),
  );
}

const keyText = (key: DifferenceRow['key']): string =>
  Object.values(key)
    .map((value) => (value === '' ? '—' : value))
    .join(' ');

const MAX_VALUE = 40;

/** A row that one side does not have is said by what it holds that is something. */
function changeText({ kind, live, replayed, columns }: DifferenceRow): string {
  const of = (values: Values | null, column: string): string => {
    const value = values?.[column] ?? '—';
    return value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value;
  };
  if (kind === 'changed')
    return columns.map((name) => `${name} ${of(live, name)} → ${of(replayed, name)}`).join(', ');
  const held = kind === 'missing' ? replayed : live;
  const something = columns.filter((name) => !['0', '', null].includes(held?.[name] ?? null));
  const text = something.map((name) => `${name} ${of(held, name)}`).join(', ');
  return kind === 'missing' ? `no row → ${text}` : `${text} → no row`;
}

/** Replays that were ordered, the newest first. */
export function listText(terminal: Colors, items: readonly ReplayFound[], tz: string): string {
  if (items.length === 0) return 'No replay was ordered yet.';
  return tableOf(
    terminal,
    [
      right('id'),
      { title: 'state' },
      { title: 'ordered at' },
      { title: 'by' },
      { title: 'of' },
      right('rows differ'),
      { title: 'why' },
    ],
    items.map((one) => [
      ...[one.id, one.code === null ? one.state : `${one.state} (${one.code})`],
      ...[instant(one.orderedAt, tz), one.actor],
      one.until === null ? nameOf(one) : `${nameOf(one)} until ${one.until}`,
      one.difference === null ? '—' : count(one.difference.rows),
      one.promotion?.reason ?? one.reason ?? '—',
    ]),
  );
}
