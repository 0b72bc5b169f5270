/**
 * How an event lies in the cluster. Its data are the data; id, type and stream are the cluster's own.
 * What the cluster has no place for stands in its metadata, all of it texts (servers from 25.1 take
 * no other metadata where an append goes to several streams):
 *
 *   {"flywheel":"1","effectiveAt":"<unix seconds>","recordedAt":"<unix milliseconds>","metadata":"<JSON>"}
 *
 * `recordedAt` is the appender's, not the cluster's `created`: a copy keeps it. What has no such
 * metadata is not ours and is passed over, by every follower alike.
 */
import { type CheckedEvent, MAX_EVENT_BYTES } from '../append-rules.js';
import { AppendTooLarge, type JsonObject } from '../event-store.js';
import { canonicalJson } from '../json.js';

const FORMAT = '1';

/** As the client sends it. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: Readonly<Record<string, string>>;
  readonly bytes: number;
}

/** Commit and prepare position in `$all`: comparable, sparse, of one cluster only. */
export interface Origin {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as a follower reads it: everything but its place in the journal. */
export interface FollowedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly effectiveAt: number;
  /** As its appender said; the journal's never goes back. */
  readonly recordedAt: number;
  readonly dataText: string;
  readonly metadataText: string;
  readonly origin: Origin;
}

/** What stands in one of our streams and is no event of ours: somebody else wrote there. */
export class ForeignEvent extends Error {
  readonly code = 'foreign_event';
}

/** Bytes of data and metadata in one append, which is atomic. Servers up to 24.6 take 1 MiB. */
export const MAX_STORED_BYTES = MAX_EVENT_BYTES;
/** What one event may take with its metadata written as a text. */
const MAX_SINGLE_BYTES = 1_000_000;

export function storedEvent(event: CheckedEvent, recordedAt: number): StoredEvent {
  const metadata = {
    flywheel: FORMAT,
    effectiveAt: String(event.effectiveAt),
    recordedAt: String(recordedAt),
    metadata: event.metadataText,
  };
  const bytes =
    Buffer.byteLength(event.dataText) +
    Buffer.byteLength(JSON.stringify(metadata)) +
    event.type.length;
  if (bytes > MAX_SINGLE_BYTES)
    throw new AppendTooLarge(`event ${event.id} has ${bytes} bytes as it is stored`);
  return { id: event.id, type: event.type, data: event.data, metadata, bytes };
}

/** What the client read; `undefined`: not ours. */
export interface ReadEvent {
  readonly streamId: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly isJson: boolean;
}

/** Throws ForeignEvent for one that says it is ours and cannot be read. */
export function followedEvent(read: ReadEvent, origin: Origin): FollowedEvent | undefined {
  const { metadata, streamId: stream, revision, id, type } = read;
  if (!isTexts(metadata) || metadata.flywheel === undefined) return undefined;
  const effectiveAt = Number(metadata.effectiveAt);
  const recordedAt = Number(metadata.recordedAt);
  const isKnown = metadata.flywheel === FORMAT && read.isJson;
  if (!isKnown || !Number.isSafeInteger(effectiveAt) || !Number.isSafeInteger(recordedAt))
    throw new ForeignEvent(`event ${id} of ${stream} is in a format that this version cannot read`);
  return {
    ...{ stream, revision, id, type, effectiveAt, recordedAt, origin },
    dataText: objectText(read.data, `data of event ${id}`),
    metadataText: objectText(parsed(metadata.metadata), `metadata of event ${id}`),
  };
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === 'string');
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function objectText(value: unknown, what: string): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ForeignEvent(`${what} is not an object`);
  return canonicalJson(value as JsonObject, what);
}

/** Order of `$all`. */
export const isBehind = (a: Origin, b: Origin): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);
