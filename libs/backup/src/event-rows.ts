/** Events as COPY writes them: a line of text each, columns apart by tabs. */
import type { JsonObject, RecordedEvent } from '#libs/event-store';
import { corrupt } from './errors.js';

const COLUMNS = [
  ...(['position', 'stream', 'revision', 'id', 'type'] as const),
  ...(['effective_at', 'recorded_at', 'data', 'metadata'] as const),
];
type Column = (typeof COLUMNS)[number];
type Places = Readonly<Record<Column, number>>;

/** Reads events from lines with these columns. The reader throws `backup_corrupt`. */
export function eventReader(columns: readonly string[]): (lines: Buffer) => RecordedEvent[] {
  const places = Object.fromEntries(
    COLUMNS.map((column) => [column, columns.indexOf(column)]),
  ) as Places;
  if (Object.values(places).some((place) => place < 0))
    throw corrupt('its events lack a column that every event has');
  return (lines) =>
    lines
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map((line) => eventOf(line, places));
}

function eventOf(line: string, at: Places): RecordedEvent {
  const fields = line.split('\t');
  const field = (column: Column): string => fields[at[column]] ?? '';
  try {
    return {
      position: BigInt(field('position')),
      stream: unescaped(field('stream')),
      revision: BigInt(field('revision')),
      id: field('id'),
      type: unescaped(field('type')),
      effectiveAt: millisecondsOf(field('effective_at')) / 1000,
      recordedAt: recordedAtOf(field('recorded_at')),
      data: JSON.parse(unescaped(field('data'))) as JsonObject,
      metadata: JSON.parse(unescaped(field('metadata'))) as JsonObject,
    };
  } catch (error) {
    throw corrupt(`a line of its events cannot be read: ${line.slice(0, 80)}`, error);
  }
}

let lastText = '';
let lastMilliseconds = 0;

/** `2026-04-01 02:30:00.25+00`, as PostgreSQL writes it in UTC; events of one append have one time. */
function recordedAtOf(text: string): number {
  if (text !== lastText) {
    lastMilliseconds = millisecondsOf(text);
    lastText = text;
  }
  return lastMilliseconds;
}

function millisecondsOf(text: string): number {
  const milliseconds = Date.parse(`${text.slice(0, -3).replace(' ', 'T')}Z`);
  if (!text.endsWith('+00') || !Number.isSafeInteger(milliseconds))
    throw new RangeError(`${text} is not a time`);
  return milliseconds;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** COPY puts a backslash before what would end a field; any other escaped letter is itself. */
function unescaped(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}
