/**
 * Where the lines of an import come from: a file, compressed or not, or a pipe. Cut into chunks at
 * the ends of lines; from the same place on, the chunks are always the same.
 */
import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CliError, EXIT } from '../exit.js';

/** Of one request: large enough for few commits, small enough for a slow line. */
export const CHUNK_BYTES = 2 * 1024 * 1024;
/** More than the server takes in a request. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;

export interface LineChunk {
  /** In bytes of the lines: where the file is compressed, of what it holds. */
  readonly from: number;
  readonly bytes: Buffer;
  /** Nothing comes after it. */
  readonly last: boolean;
}

export interface LineSource {
  readonly name: string;
  /** Hexadecimal; undefined for a pipe, which can be read only once. */
  readonly sha256: string | undefined;
  /** Of the lines; undefined where nobody knows before they were read. */
  readonly bytes: number | undefined;
  chunks(from: number, chunkBytes?: number): AsyncGenerator<LineChunk>;
}

/** Throws CliError `file_unreadable`. */
export async function sourceOf(file: string, stdin: Readable): Promise<LineSource> {
  if (file === '-')
    return {
      name: 'standard input',
      sha256: undefined,
      bytes: undefined,
      chunks: (from, chunkBytes) => cut(unpackedIfNeeded(stdin), from, chunkBytes),
    };
  try {
    const { size } = await stat(file);
    const packed = await isGzip(file);
    return {
      name: path.basename(file),
      sha256: await hashOf(file),
      bytes: packed ? undefined : size,
      chunks: (from, chunkBytes) =>
        packed
          ? cut(skipping(gunzipped(createReadStream(file)), from), from, chunkBytes)
          : cut(createReadStream(file, { start: from }), from, chunkBytes),
    };
  } catch (error) {
    throw unreadable(file, error as Error);
  }
}

const unreadable = (file: string, cause: Error): CliError =>
  new CliError(EXIT.failed, `${file} cannot be read.`, {
    code: 'file_unreadable',
    why: cause.message,
    next: 'name a file of one JSON object a line, or - for standard input',
    cause,
  });

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && hasGzipMagic(buffer);
  } finally {
    await handle.close();
  }
}

/** RFC 1952, section 2.3.1. */
const hasGzipMagic = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file, { highWaterMark: 1024 * 1024 }))
    hash.update(bytes as Buffer);
  return hash.digest('hex');
}

function gunzipped(packed: ReadStream): AsyncIterable<Buffer> {
  const unpacked = createGunzip();
  packed.once('error', (error) => unpacked.destroy(error));
  return packed.pipe(unpacked);
}

/** A pipe is looked at: its first bytes say whether it is compressed. */
async function* unpackedIfNeeded(stream: Readable): AsyncGenerator<Buffer> {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await iterator.next();
  if (first.done === true) return;
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      yield next.value;
  };
  if (!hasGzipMagic(first.value)) return yield* whole();
  const { Readable: Streams } = await import('node:stream');
  yield* Streams.from(whole()).pipe(createGunzip()) as AsyncIterable<Buffer>;
}

async function* skipping(stream: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const part of stream) {
    if (left >= part.length) left -= part.length;
    else {
      yield left === 0 ? part : part.subarray(left);
      left = 0;
    }
  }
}

/** Each chunk ends with a line, as near to `chunkBytes` as lines allow; only the last may lack its end. */
async function* cut(
  stream: AsyncIterable<Buffer>,
  begin: number,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<LineChunk> {
  let from = begin;
  let held: Buffer = Buffer.alloc(0);
  for await (const part of gathered(stream, chunkBytes)) {
    held = held.length === 0 ? part : Buffer.concat([held, part]);
    for (let end = endOf(held, chunkBytes); end > 0; end = endOf(held, chunkBytes)) {
      yield { from, bytes: held.subarray(0, end), last: false };
      from += end;
      held = held.subarray(end);
    }
    if (held.length > MAX_CHUNK_BYTES)
      throw new CliError(EXIT.failed, `The line at byte ${from} does not end.`, {
        code: 'line_too_long',
        why: `No line may have more than ${MAX_CHUNK_BYTES} bytes; is it one object a line?`,
        next: 'write it as NDJSON: jq -c ".[]" < list.json > lines.ndjson',
      });
  }
  yield { from, bytes: held, last: true };
}

/** Where the next chunk ends: behind the last line that fits, else behind the first; 0: read on. */
function endOf(held: Buffer, chunkBytes: number): number {
  // More than a chunk is held, or the file's last line would be cut off as one of its own.
  if (held.length <= chunkBytes) return 0;
  const fitting = held.lastIndexOf(NEWLINE, chunkBytes - 1);
  return fitting >= 0 ? fitting + 1 : held.indexOf(NEWLINE, chunkBytes) + 1;
}

/** The same bytes in parts of at least the given size: fewer copies. */
async function* gathered(stream: AsyncIterable<Buffer>, atLeast: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(part);
    length += part.length;
    if (length < atLeast) continue;
    yield Buffer.concat(parts);
    parts = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(parts);
}
