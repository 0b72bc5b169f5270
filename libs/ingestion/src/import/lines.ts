/** The lines of an import: newline-delimited JSON, each a webhook or an object of Whop's API. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  IMPORT_PROVIDER,
  KIND_UNKNOWN,
  type Line,
  lineOf,
  namesCreator,
  type ObjectKind,
} from '../providers/whop/api-objects.js';
import { objectOf } from '../providers/whop/body.js';

/** As large as a webhook may be. */
export const MAX_LINE_BYTES = 256 * 1024;

/** What whoever imports a file says of lines that do not say it themselves. */
export interface Reading {
  readonly kind?: ObjectKind | undefined;
  /** `biz_…` */
  readonly creatorId?: string | undefined;
}

/** A line that can be stored. */
export interface ReadLine {
  /** Counted from 1, blank ones included. */
  readonly number: number;
  readonly provider: typeof IMPORT_PROVIDER;
  /** The webhook's or the object's own id: with the hash of the bytes it names the delivery. */
  readonly deliveryId: string;
  readonly sha256: Buffer;
  readonly body: Buffer;
  readonly kind: ObjectKind | 'other';
  /** Of the object: `pay_…`; empty where it has none. */
  readonly objectId: string;
}

/** A line that is not stored, and why: the file keeps it. */
export interface Unreadable {
  readonly line: number;
  readonly code: 'not_utf8' | 'not_json' | 'not_an_object' | 'too_long' | 'kind_unknown';
  readonly detail: string;
}

export interface ReadLines {
  /** Lines of the chunk, blank ones included. */
  readonly count: number;
  readonly lines: readonly ReadLine[];
  readonly unreadable: readonly Unreadable[];
}

const NEWLINE = 10;

/** Reads a run of whole lines; only the last may lack its end. `before`: lines that came earlier. */
export function readLines(chunk: Buffer, before: number, reading: Reading = {}): ReadLines {
  const lines: ReadLine[] = [];
  const unreadable: Unreadable[] = [];
  let count = 0;
  for (let at = 0; at < chunk.length; ) {
    const end = chunk.indexOf(NEWLINE, at);
    const bytes = trimmed(chunk.subarray(at, end < 0 ? chunk.length : end));
    at = end < 0 ? chunk.length : end + 1;
    count += 1;
    if (bytes.length === 0) continue;
    const read = readLine(bytes, before + count, reading);
    if ('code' in read) unreadable.push(read);
    else lines.push(read);
  }
  return { count, lines, unreadable };
}

function readLine(bytes: Buffer, number: number, reading: Reading): ReadLine | Unreadable {
  const refused = (code: Unreadable['code'], detail: string): Unreadable => ({
    line: number,
    code,
    detail,
  });
  if (bytes.length > MAX_LINE_BYTES)
    return refused('too_long', `a line has at most ${MAX_LINE_BYTES} bytes`);
  if (!isUtf8(bytes)) return refused('not_utf8', 'the line is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return refused('not_json', 'the line is not JSON');
  }
  const json = objectOf(value);
  if (json === undefined) return refused('not_an_object', 'the line is not a JSON object');
  const line = lineOf(json);
  const kind = line.kind ?? (line.isWebhook ? undefined : reading.kind);
  if (kind === undefined && !line.isWebhook)
    return refused('kind_unknown', `${KIND_UNKNOWN}; name it with --type`);
  const isBare = line.object === json;
  const body = isBare ? enclosed(bytes, line, reading) : bytes;
  const sha256 = createHash('sha256').update(body).digest();
  const objectId = idIn(line.object.id) ?? '';
  const webhookId = line.isWebhook ? idIn(line.envelope.id) : undefined;
  const deliveryId = webhookId ?? (objectId || `sha256:${sha256.toString('hex')}`);
  return {
    number,
    provider: IMPORT_PROVIDER,
    deliveryId,
    sha256,
    body,
    kind: kind ?? 'other',
    objectId,
  };
}

/** The bytes of a bare object, wrapped only where something is added that they do not say. */
function enclosed(bytes: Buffer, line: Line, { kind, creatorId }: Reading): Buffer {
  const company = creatorId === undefined || namesCreator(line) ? undefined : creatorId;
  if (line.kind !== undefined && company === undefined) return bytes;
  const said = JSON.stringify({ import: line.kind ?? kind, company_id: company });
  return Buffer.concat([Buffer.from(`${said.slice(0, -1)},"data":`), bytes, Buffer.from('}')]);
}

const ID = /^[A-Za-z0-9_-]{1,100}$/;
const idIn = (value: unknown): string | undefined =>
  typeof value === 'string' && ID.test(value) ? value : undefined;

/** Without white space and the byte order mark at its ends: none of it says anything. */
function trimmed(bytes: Buffer): Buffer {
  let from = 0;
  let to = bytes.length;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) from = 3;
  while (from < to && isSpace(bytes[from])) from += 1;
  while (to > from && isSpace(bytes[to - 1])) to -= 1;
  return bytes.subarray(from, to);
}

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9 || byte === 13;
