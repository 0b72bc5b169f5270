/** Lists as NDJSON: who asks for it, and how it leaves, an object a line, a chunk at a time. */
import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { asOfJson } from './dto/figures.js';
import { AS_OF_HEADER, accepts } from './exports.js';
import { Problem } from './problem.js';

export const NDJSON_TYPE = 'application/x-ndjson';

/**
 * `?format=` decides, else `accept`, which must prefer NDJSON to JSON. Throws 400 `export_not_paged`
 * when it is asked for by the page.
 */
export function wantsNdjson(
  { request }: FastifyReply,
  format: 'json' | 'ndjson' | undefined,
): boolean {
  const isWanted =
    format === undefined ? accepts(request.headers.accept, NDJSON_TYPE) : format === 'ndjson';
  if (!isWanted) return false;
  const { limit, cursor, order } = request.query as Record<string, unknown>;
  if ([limit, cursor, order].every((one) => one === undefined)) return true;
  throw new Problem(
    400,
    'export_not_paged',
    'NDJSON is every event, oldest first: leave out limit, cursor and order, or ask for JSON.',
  );
}

/** What is sent: `chunks` are whole lines. */
export interface NdjsonToSend {
  readonly asOf: { readonly position: bigint; readonly recordedAt: number };
  readonly chunks: AsyncIterable<string>;
  readonly close: () => void;
}

/** The body of the answer; a client that goes away ends it. `name`: parts of the file's name. */
export function ndjsonFile(
  reply: FastifyReply,
  { asOf, chunks, close }: NdjsonToSend,
  name: readonly string[],
): StreamableFile {
  const { position, recordedAt } = asOfJson(asOf);
  void reply.headers({
    [AS_OF_HEADER]: `position=${position}${recordedAt === null ? '' : `; recordedAt=${recordedAt}`}`,
    vary: 'accept',
  });
  const body = Readable.from(chunks, { objectMode: false });
  // Not the generator's own end: one that never began has none.
  body.once('close', close);
  return new StreamableFile(body, {
    type: NDJSON_TYPE,
    disposition: `attachment; filename="${['flywheel', ...name].join('-')}.ndjson"`,
  });
}
