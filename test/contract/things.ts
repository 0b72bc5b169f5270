/** Events and streams of no domain, for the contract. */
import { randomBytes } from 'node:crypto';
import type { JsonObject, NewEvent, StreamAppend } from '#libs/event-store';

const EFFECTIVE_AT = 1_775_010_600;
/** Of this run: a server that is tried again has the events of the last one. */
const RUN = randomBytes(4).toString('hex');
let counter = 0;
/** A valid event; no other has its id. */
export function anEvent(data: JsonObject = {}, metadata: JsonObject = {}): NewEvent {
  counter += 1;
  const id = `${RUN}-0000-4000-8000-${counter.toString(16).padStart(12, '0')}`;
  return { id, type: 'ThingHappened', effectiveAt: EFFECTIVE_AT + counter, data, metadata };
}
/** A stream that no other test and no other run uses. */
export function aStream(): string {
  counter += 1;
  return `thing-biz_${RUN}_${counter}.user_b`;
}
export const opening = (stream: string, ...events: NewEvent[]): StreamAppend => ({
  stream,
  expectedRevision: 'no_stream',
  events,
});
