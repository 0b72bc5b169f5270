/** Lists as CSV: who asks for it, and how it leaves, whole and as of one position, a chunk at a time. */
import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Columns, csvHeader, csvRows } from './csv.js';
import { asOfJson } from './dto/figures.js';
import type { Format } from './dto/queries.js';
import { countedAs, endWhenShutOut, onceOver } from './let-in.js';
import { LATER, Problem } from './problem.js';

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';
export const AS_OF_HEADER = 'flywheel-as-of';
export const TIME_ZONE_HEADER = 'flywheel-time-zone';

/**
 * `?format=` decides, else `accept`, which must prefer CSV to JSON. Throws 400 `csv_not_paged` when
 * CSV is asked for by the page.
 */
export function wantsCsv({ request }: FastifyReply, format: Format | undefined): boolean {
  const isAccepted = accepts(request.headers.accept, 'text/csv');
  if (!(format === undefined ? isAccepted : format === 'csv')) return false;
  const { limit, cursor } = request.query as Record<string, unknown>;
  if (limit === undefined && cursor === undefined) return true;
  throw new Problem(
    400,
    'csv_not_paged',
    'CSV is the whole list: leave out limit and cursor, or ask for JSON.',
  );
}

/** Whether a header asks for a type, in lower case, rather than for JSON. */
export function accepts(accept: string | undefined, wanted: string): boolean {
  if (accept === undefined || !accept.toLowerCase().includes(wanted)) return false;
  const weights = new Map(
    accept.split(',').map((part): [string, number] => {
      const [type = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
      const q = parameters.find((one) => one.startsWith('q='));
      return [type, q === undefined ? 1 : Number(q.slice(2)) || 0];
    }),
  );
  return (weights.get(wanted) ?? 0) > (weights.get('application/json') ?? 0);
}

/** Who is sent an export, on each server. */
const exporting = new WeakMap<object, Set<string>>();

/**
 * Begins an export for whoever asks: one at a time, so that nobody takes the place of all others by
 * reading slowly (an admin as many as there are), and no longer than they are let in. Throws 503
 * `exports_busy`, and as `start`, whose export must close when its answer does.
 */
export async function exportFor<Started>(
  reply: FastifyReply,
  start: () => Promise<Started>,
): Promise<Started> {
  const { raw, request, server } = reply;
  const those = exporting.get(server.server) ?? new Set<string>();
  exporting.set(server.server, those);
  const whose = countedAs(request);
  if (whose !== undefined && those.has(whose)) throw ownUnderWay();
  const stop = new AbortController();
  const over = (): void => {
    if (whose !== undefined) those.delete(whose);
    stop.abort();
  };
  if (whose !== undefined) those.add(whose);
  onceOver(reply, over);
  endWhenShutOut(request, stop);
  stop.signal.addEventListener('abort', () => raw.destroy(), { once: true });
  return start();
}

const ownUnderWay = (): Problem =>
  new Problem(
    503,
    'exports_busy',
    'An export of yours is under way: read it to its end, or close it, then ask again.',
    { headers: LATER },
  );

/** What is sent: an export, or an answer that is whole already. */
export interface ToSend<Item> {
  readonly asOf: { readonly position: bigint; readonly recordedAt: number };
  readonly period: { readonly timeZone: string };
  readonly chunks: AsyncIterable<readonly Item[]>;
  readonly close?: () => Promise<void>;
}

/** An answer that is held already. */
export const held = <Item>(
  answer: Pick<ToSend<Item>, 'asOf' | 'period'> & { readonly items: readonly Item[] },
): ToSend<Item> => ({
  ...answer,
  chunks: (async function* () {
    yield answer.items;
  })(),
});

/**
 * The body of the answer. `name`: parts of the file's name, letters, digits, `_` and `-` only.
 * A client that goes away, or stops reading until the server hangs up, ends the snapshot too.
 */
export function csvFile<Item, Row>(
  reply: FastifyReply,
  { asOf, period, chunks, close }: ToSend<Item>,
  columns: Columns<Row>,
  toRow: (item: Item) => Row,
  name: readonly (string | undefined)[],
): StreamableFile {
  const { position, recordedAt } = asOfJson(asOf);
  void reply.headers({
    [AS_OF_HEADER]: `position=${position}${recordedAt === null ? '' : `; recordedAt=${recordedAt}`}`,
    [TIME_ZONE_HEADER]: period.timeZone,
    vary: 'accept',
  });
  const body = Readable.from(textOf(chunks, columns, toRow), { objectMode: false });
  // Not the generator's own end: one that never began has none.
  body.once('close', () => void close?.());
  return new StreamableFile(body, {
    type: CSV_TYPE,
    disposition: `attachment; filename="${fileName(name)}"`,
  });
}

export const fileName = (name: readonly (string | undefined)[]): string =>
  `${['flywheel', ...name].filter((part) => part !== undefined).join('-')}.csv`;

async function* textOf<Item, Row>(
  chunks: AsyncIterable<readonly Item[]>,
  columns: Columns<Row>,
  toRow: (item: Item) => Row,
): AsyncGenerator<string, void, undefined> {
  yield csvHeader(columns);
  for await (const items of chunks) {
    const text = csvRows(columns, items.map(toRow));
    if (text !== '') yield text;
  }
}
