/** Reads server-sent events (WHATWG HTML, section 9.2) from the bytes of an answer. */

export interface StreamedEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Longer events are none of ours. */
const MAX_EVENT_LENGTH = 4_000_000;

/** Each event once it is whole; comments and events without data are left out. */
export async function* eventsOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<StreamedEvent, void, undefined> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of chunks) {
    held += decoder.decode(chunk, { stream: true });
    const events = held.split(/\r?\n\r?\n/);
    held = events.pop() ?? '';
    if (held.length > MAX_EVENT_LENGTH) throw new RangeError('an event has no end');
    for (const text of events) {
      const event = eventOf(text);
      if (event !== undefined) yield event;
    }
  }
}

function eventOf(text: string): StreamedEvent | undefined {
  let id: string | undefined;
  let event = 'message';
  const data: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, field, value = ''] = /^([a-z]+):? ?(.*)$/.exec(line) ?? [];
    if (field === 'id') id = value;
    else if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? undefined : { id, event, data: data.join('\n') };
}
