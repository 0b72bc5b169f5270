/**
 * Reads a backup and believes nothing of it: lengths, counts and digests are computed anew, and what
 * does not agree with the manifest and the trailer is `backup_corrupt`. Whoever acts on frames as
 * they come must be able to take it back until the end is reached.
 */
import { createHash, type Hash } from 'node:crypto';
import { BackupError, corrupt, truncated } from './errors.js';
import {
  foreign,
  frameOrTrailerOf,
  MAX_LINE_BYTES,
  type Manifest,
  manifestOf,
  type TableDigest,
  type Trailer,
} from './format.js';

export interface Frame {
  readonly table: string;
  readonly rows: number;
  readonly bytes: Buffer;
}

export interface BackupReader {
  /** Before any frame; may throw. */
  readonly onManifest?: (manifest: Manifest) => Promise<void>;
  readonly onFrame?: (frame: Frame) => Promise<void>;
}

export interface BackupRead {
  readonly manifest: Manifest;
  readonly trailer: Trailer;
}

/**
 * Reads to the end, from the bytes inside of gzip. Throws `backup_foreign`, `backup_newer`,
 * `backup_truncated`, `backup_corrupt`.
 */
export async function readBackup(
  source: AsyncIterable<Buffer>,
  { onManifest, onFrame }: BackupReader = {},
): Promise<BackupRead> {
  const bytes = new Bytes(source);
  const manifest = manifestOf(await firstLine(bytes));
  await onManifest?.(manifest);
  const sums = new Sums(manifest);
  for (;;) {
    const sha256 = bytes.digest();
    const line = frameOrTrailerOf(await bytes.line());
    if ('end' in line) {
      if (!(await bytes.ended())) throw corrupt('something follows its end');
      if (line.sha256 !== sha256) throw corrupt('its digest is not that of its content');
      sums.compare(line);
      return { manifest, trailer: line };
    }
    const frame = { ...line, bytes: await bytes.take(line.bytes) };
    sums.add(frame);
    await onFrame?.(frame);
  }
}

/** A file that is no backup may be anything, also one endless line. */
async function firstLine(bytes: Bytes): Promise<string> {
  try {
    return await bytes.line(MAX_MANIFEST_BYTES);
  } catch (error) {
    if (!(error instanceof BackupError) || bytes.wasEmpty || error.cause !== undefined) throw error;
    throw foreign(error);
  }
}

const MAX_MANIFEST_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** What was found in each table, in the order of the manifest. */
class Sums {
  private readonly found: { name: string; rows: bigint; digest: Hash }[];
  private at = 0;

  constructor(private readonly manifest: Manifest) {
    this.found = manifest.tables.map(({ name }) => ({
      name,
      rows: 0n,
      digest: createHash('sha256'),
    }));
  }

  add({ table, rows, bytes }: Frame): void {
    while (this.found[this.at]?.name !== table) {
      if (this.at >= this.found.length) throw corrupt(`rows of ${table} stand where none may`);
      this.at++;
    }
    const sum = this.found[this.at] as (typeof this.found)[number];
    sum.rows += BigInt(rows);
    sum.digest.update(bytes);
  }

  compare(trailer: Trailer): void {
    const same = (one: TableDigest, other: TableDigest | undefined): boolean =>
      one.name === other?.name && one.rows === other.rows && one.sha256 === other.sha256;
    const found = this.found.map(({ name, rows, digest }) => ({
      name,
      rows: String(rows),
      sha256: digest.digest('hex'),
    }));
    const odd = found.find(
      (table, i) => !same(table, trailer.tables[i]) || table.rows !== this.manifest.tables[i]?.rows,
    );
    if (odd !== undefined || trailer.tables.length !== found.length)
      throw corrupt(`the rows of ${odd?.name ?? 'a table'} are not those that it promises`);
  }
}

/** Lines and lengths from a stream of chunks, with a digest over all that was taken. */
class Bytes {
  private readonly iterator: AsyncIterator<Buffer>;
  private readonly taken = createHash('sha256');
  private held: Buffer = Buffer.alloc(0);
  /** Nothing ever came. */
  wasEmpty = true;

  constructor(source: AsyncIterable<Buffer>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** Of all that was taken so far. */
  digest(): string {
    return this.taken.copy().digest('hex');
  }

  async line(maxBytes = MAX_LINE_BYTES): Promise<string> {
    for (let looked = 0; ; ) {
      const end = this.held.indexOf(NEWLINE, looked);
      if (end >= 0) return (await this.take(end + 1)).toString('utf8');
      looked = this.held.length;
      if (looked > maxBytes) throw corrupt('one of its lines has no end');
      await this.more();
    }
  }

  async take(length: number): Promise<Buffer> {
    if (this.held.length < length) {
      const parts = [this.held];
      let size = this.held.length;
      while (size < length) {
        const chunk = await this.next();
        if (chunk === undefined) throw truncated();
        parts.push(chunk);
        size += chunk.length;
      }
      this.held = Buffer.concat(parts, size);
    }
    const bytes = this.held.subarray(0, length);
    this.held = this.held.subarray(length);
    this.taken.update(bytes);
    return bytes;
  }

  async ended(): Promise<boolean> {
    return this.held.length === 0 && (await this.next()) === undefined;
  }

  private async more(): Promise<void> {
    const chunk = await this.next();
    if (chunk === undefined) throw truncated();
    this.held = Buffer.concat([this.held, chunk]);
  }

  private async next(): Promise<Buffer | undefined> {
    const { value, done } = await this.iterator.next();
    if (done === true) return undefined;
    this.wasEmpty = false;
    return value;
  }
}
