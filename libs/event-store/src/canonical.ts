/**
 * The canonical form of a recorded event, version 1: the bytes that stand for it wherever an event
 * is hashed. They will be the leaf of the transparency log, so for an event that was recorded they
 * never change, whatever the store, the language or the version that computes them:
 *
 *   [1,"<position>","<id>","<stream>","<revision>","<type>","<effectiveAt>","<recordedAt>",data,metadata]
 *
 * UTF-8 of JSON as RFC 8785 writes it (no spaces, members sorted by key). Positions and revisions are
 * decimal strings, times are UTC: effectiveAt `2026-04-01T02:30:00Z`, recordedAt with milliseconds.
 * It is computed from the parsed event, never from the text that a store happens to keep, and from
 * the event as it was recorded, before any upcaster. canonical.golden.json guards it; a change is a
 * new version number in front, for events recorded from then on.
 */
import type { RecordedEvent } from './event-store.js';
import { canonicalJson } from './json.js';

export const CANONICAL_VERSION = 1;

export function canonicalBytes(event: RecordedEvent): Buffer {
  const head = JSON.stringify([
    CANONICAL_VERSION,
    String(event.position),
    event.id,
    event.stream,
    String(event.revision),
    event.type,
    iso(event.effectiveAt * 1000).replace('.000Z', 'Z'),
    iso(event.recordedAt),
  ]);
  const data = canonicalJson(event.data, 'data');
  const metadata = canonicalJson(event.metadata, 'metadata');
  return Buffer.from(`${head.slice(0, -1)},${data},${metadata}]`);
}

const iso = (ms: number): string => new Date(ms).toISOString();
