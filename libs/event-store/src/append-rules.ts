/** What may be appended, the same for every adapter: shapes, names and limits, checked before a store is asked. */
import {
  AppendTooLarge,
  type ExpectedRevision,
  InvalidEvent,
  type JsonObject,
  type NewEvent,
  type StreamAppend,
} from './event-store.js';
import { canonicalJson } from './json.js';

/** Events in one append. */
export const MAX_APPEND_EVENTS = 5_000;
/** Bytes of one event's data and metadata; below the 1 MiB that EventStoreDB accepts in one append. */
export const MAX_EVENT_BYTES = 900 * 1024;
/** Bytes of data and metadata in one append: what it takes in memory, several times over. */
export const MAX_APPEND_BYTES = 64 * 1024 * 1024;
/** The years 1 to 9999, which every part of the house writes with four digits. */
export const MIN_EFFECTIVE_AT = -62_135_596_800;
export const MAX_EFFECTIVE_AT = 253_402_300_799;

const STREAM = /^[a-z]+-[!-~]{1,300}$/;
const TYPE = /^[!-~]{1,200}$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An event with the texts under which it is stored; `data` and `metadata` are what those parse to. */
export interface CheckedEvent extends NewEvent {
  readonly stream: string;
  readonly dataText: string;
  readonly metadataText: string;
}

export interface CheckedAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly CheckedEvent[];
  readonly decided?: readonly number[];
  readonly isFirst?: boolean;
}

/** The appends as they can be stored; throws InvalidEvent, AppendTooLarge, or TypeError. */
export function checkedAppends(appends: readonly StreamAppend[]): CheckedAppend[] {
  const streams = new Set<string>();
  let count = 0;
  for (const { stream, events } of appends) {
    if (!STREAM.test(stream)) throw new InvalidEvent('stream', `not a stream name: ${stream}`);
    if (streams.has(stream)) throw new TypeError(`stream ${stream} is named twice in one append`);
    streams.add(stream);
    count += events.length;
  }
  if (count > MAX_APPEND_EVENTS)
    throw new AppendTooLarge(`${count} events in one append: at most ${MAX_APPEND_EVENTS}`);

  let bytes = 0;
  return appends.map(({ stream, events, ...rest }) => ({
    ...rest,
    stream,
    events: events.map((event) => {
      const checked = checkedEvent(stream, event);
      bytes += bytesOf(checked);
      if (bytes > MAX_APPEND_BYTES)
        throw new AppendTooLarge(`more than ${MAX_APPEND_BYTES} bytes in one append`);
      return checked;
    }),
  }));
}

function checkedEvent(stream: string, event: NewEvent): CheckedEvent {
  const { id, type, effectiveAt } = event;
  if (!ID.test(id)) throw new InvalidEvent('id', 'not a UUID in lower case');
  if (!TYPE.test(type)) throw new InvalidEvent('type', 'not 1 to 200 printable ASCII characters');
  if (
    !Number.isSafeInteger(effectiveAt) ||
    effectiveAt < MIN_EFFECTIVE_AT ||
    effectiveAt > MAX_EFFECTIVE_AT
  )
    throw new InvalidEvent('effectiveAt', 'not whole unix seconds of the years 1 to 9999');
  const dataText = objectText(event.data, 'data');
  const metadataText = objectText(event.metadata, 'metadata');
  const checked: CheckedEvent = {
    stream,
    id,
    type,
    // Adding 0 turns -0 into 0.
    effectiveAt: effectiveAt + 0,
    data: JSON.parse(dataText) as JsonObject,
    metadata: JSON.parse(metadataText) as JsonObject,
    dataText,
    metadataText,
  };
  const bytes = bytesOf(checked);
  if (bytes > MAX_EVENT_BYTES)
    throw new AppendTooLarge(`event ${id} has ${bytes} bytes: at most ${MAX_EVENT_BYTES}`);
  return checked;
}

function objectText(value: JsonObject, path: string): string {
  const text = canonicalJson(value, path);
  if (!text.startsWith('{')) throw new InvalidEvent(path, 'must be an object');
  return text;
}

function bytesOf(event: CheckedEvent): number {
  return Buffer.byteLength(event.dataText) + Buffer.byteLength(event.metadataText);
}
