/** Rows as COPY writes them, in frames of whole rows; the same rows are the same bytes on every server. */
import type { ClientBase } from 'pg';
import copyStreams from 'pg-copy-streams';
import { FRAME_BYTES } from './format.js';
import { rowsIn, type TruthTable } from './truth.js';

const NEWLINE = 10;

export interface Rows {
  readonly count: number;
  readonly bytes: Buffer;
}

/**
 * One snapshot of everything, until the transaction ends. How values are written is set here, so that
 * it does not depend on the server's or the role's settings. Whoever takes the bytes may be slow (a
 * pipe over a network): that ends no session.
 */
export async function beginSnapshot(client: ClientBase): Promise<void> {
  await client.query('begin isolation level repeatable read, read only');
  await writePlainly(client);
}

/** Within the transaction. */
export async function writePlainly(client: ClientBase): Promise<void> {
  await client.query(`
    set local client_encoding = 'UTF8'; set local timezone = 'UTC'; set local datestyle = 'ISO, MDY';
    set local bytea_output = 'hex'; set local tcp_user_timeout = 0; set local search_path = public;
    set local row_security = off`);
}

/** Every row of the table, in the order of its key. */
export async function* copyOut(
  client: ClientBase,
  table: Omit<TruthTable, 'identity'>,
): AsyncGenerator<Rows> {
  const rows = `select ${table.columns.join(', ')} from ${rowsIn(table)}`;
  const stream = client.query(
    copyStreams.to(`copy (${rows} order by ${table.order.join(', ')}) to stdout`, {
      highWaterMark: FRAME_BYTES,
    }),
  );
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held.push(chunk);
    size += chunk.length;
    // Where a frame ends depends on the rows alone, not on how they came over the wire.
    while (size >= FRAME_BYTES) {
      const bytes = Buffer.concat(held, size);
      const end = bytes.indexOf(NEWLINE, FRAME_BYTES - 1) + 1;
      held = [bytes.subarray(end)];
      size = bytes.length - end;
      if (end === 0) break;
      yield rowsOf(bytes.subarray(0, end));
    }
  }
  if (size > 0) yield rowsOf(Buffer.concat(held, size));
}

/** A newline ends a row and is nowhere else: COPY escapes those within. */
export function rowsOf(bytes: Buffer): Rows {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return { count, bytes };
}
