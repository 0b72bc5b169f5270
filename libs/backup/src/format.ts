/**
 * The file, inside of gzip: lines of JSON, and between them the rows of the tables as COPY writes them.
 *
 *   {"format":"flywheel-backup/1", …}           the manifest
 *   {"table":"events","rows":250,"bytes":65210} a frame, then exactly so many bytes: whole rows
 *   …                                           frames in the order of the manifest's tables
 *   {"end":true, …}                             the trailer: counts, digests, the chain
 *
 * Text and not PostgreSQL's binary form, so that another major version reads it; every frame says its
 * length, so that nothing in a row can be taken for an end.
 */
import type { ChainState } from './chain.js';
import { BackupError, corrupt } from './errors.js';

export const FORMAT = 'flywheel-backup/1';

export interface Manifest {
  readonly format: typeof FORMAT;
  /** By the clock of the server, ISO 8601 UTC. */
  readonly madeAt: string;
  /** Such as `18.4`. */
  readonly server: string;
  /** Applied when it was made, in order. */
  readonly migrations: readonly string[];
  /** Position of the last event. */
  readonly head: string;
  readonly tables: readonly ManifestTable[];
}

export interface ManifestTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: string;
  /** The last number that its identity column gave; null: none yet. Absent: it has no such column. */
  readonly lastId?: string | null;
}

export interface Trailer {
  readonly end: true;
  readonly tables: readonly TableDigest[];
  readonly chain: Omit<ChainState, 'events' | 'marked'> & { readonly events: string };
  /** SHA-256 over every byte before the trailer. */
  readonly sha256: string;
}

/** What a table holds: with the same digest it has the same rows. */
export interface TableDigest {
  readonly name: string;
  readonly rows: string;
  /** Over its rows as COPY writes them, in the order of their key. */
  readonly sha256: string;
}

export interface FrameHead {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Of one frame: a row larger than that makes a frame of its own. */
export const FRAME_BYTES = 256 * 1024;
/** More than any row of ours: beyond that the length itself is damaged. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;
/** Of a line of JSON; the trailer of a billion events has 7 MB. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

export const lineOf = (object: Manifest | FrameHead | Trailer): Buffer =>
  Buffer.from(`${JSON.stringify(object)}\n`);

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const COUNT = /^(0|[1-9]\d{0,18})$/;
const HASH = /^[0-9a-f]{64}$/;

/** Throws `backup_foreign`, `backup_newer`. Its names are safe in SQL. */
export function manifestOf(line: string): Manifest {
  const found = parsed(line);
  if (found === undefined || typeof found.format !== 'string') throw foreign();
  if (found.format !== FORMAT) {
    if (!found.format.startsWith('flywheel-backup/')) throw foreign();
    throw new BackupError(
      'backup_newer',
      `The backup is of the form ${found.format}, and this release reads ${FORMAT}.`,
      'restore it with the release that made it, or a later one',
    );
  }
  const { madeAt, server, migrations, head, tables } = found as Partial<Manifest>;
  const isWhole =
    typeof madeAt === 'string' &&
    typeof server === 'string' &&
    isTexts(migrations, /^[0-9a-z-]{1,100}$/) &&
    isText(head, COUNT) &&
    Array.isArray(tables) &&
    tables.every(
      ({ name, columns, rows, lastId }: Partial<ManifestTable>) =>
        isText(name, NAME) &&
        isTexts(columns, NAME) &&
        columns.length > 0 &&
        isText(rows, COUNT) &&
        (lastId == null || isText(lastId, COUNT)),
    );
  if (!isWhole) throw corrupt('its manifest is not whole');
  return found as unknown as Manifest;
}

/** The next line: the head of a frame, or the trailer. Throws `backup_corrupt`. */
export function frameOrTrailerOf(line: string): FrameHead | Trailer {
  const found = parsed(line);
  if (found === undefined) throw corrupt('a line between two frames cannot be read');
  if (found.end === true) return trailerOf(found);
  const { table, rows, bytes } = found as Partial<FrameHead>;
  const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) > 0;
  if (!isText(table, NAME) || !isCount(rows) || !isCount(bytes) || bytes > MAX_FRAME_BYTES)
    throw corrupt('the head of a frame is not whole');
  return { table, rows, bytes };
}

function trailerOf(found: Readonly<Record<string, unknown>>): Trailer {
  const { tables, chain, sha256 } = found as Partial<Trailer>;
  const isWhole =
    isText(sha256, HASH) &&
    isText(chain?.events, COUNT) &&
    isText(chain?.hash, HASH) &&
    isTexts(chain?.checkpoints, HASH) &&
    Array.isArray(tables) &&
    tables.every(
      (table: Partial<TableDigest>) =>
        isText(table.name, NAME) && isText(table.rows, COUNT) && isText(table.sha256, HASH),
    );
  if (!isWhole) throw corrupt('its trailer is not whole');
  return found as unknown as Trailer;
}

const isText = (value: unknown, form: RegExp): value is string =>
  typeof value === 'string' && form.test(value);
const isTexts = (value: unknown, form: RegExp): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => isText(one, form));

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === 'object' && found !== null
      ? (found as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

export const foreign = (cause?: unknown): BackupError =>
  new BackupError(
    'backup_foreign',
    'This is not a backup of Flywheel.',
    'name a file that flywheel db backup made; dumps of pg_dump are restored with psql or pg_restore',
    { cause },
  );
