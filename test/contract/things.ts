/** Events and streams of no domain, for the contract. */
import type { JsonObject, NewEvent, StreamAppend } from '#libs/event-store';

const EFFECTIVE_AT = 1_775_010_600;
let counter = 0;
/** A valid event; ids are unique in the whole run of a file. */
export function anEvent(data: JsonObject = {}, metadata: JsonObject = {}): NewEvent {
  counter += 1;
  const id = `00000000-0000-4000-8000-${counter.toString(16).padStart(12, '0')}`;
  return { id, type: 'ThingHappened', effectiveAt: EFFECTIVE_AT + counter, data, metadata };
}
/** A stream that no other test uses. */
export function aStream(): string {
  counter += 1;
  return `thing-biz_${counter}.user_b`;
}
export const opening = (stream: string, ...events: NewEvent[]): StreamAppend => ({
  stream,
  expectedRevision: 'no_stream',
  events,
});
