/**
 * Server-sent events (WHATWG HTML, section 9.2): how an answer that goes on leaves. Whatever is sent
 * comes from an async iterable that ends when its signal aborts: when the client is gone, when the
 * server closes, or when there is nothing more to say. It is asked for the next event only when the
 * one before is on its way, so a client that does not read holds one event in memory; it is hung up
 * on when its socket has been idle for as long as any other.
 */
import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { countedAs, endWhenShutOut, onceOver } from './let-in.js';
import { LATER, Problem, problemOf } from './problem.js';

export const SSE_TYPE = 'text/event-stream; charset=utf-8';

export interface ServerEvent {
  /** Comes back as Last-Event-ID from a client that connects again. */
  readonly id?: string;
  /** Default: `message`. */
  readonly event?: string;
  /** Goes out as JSON: no bigint. */
  readonly data: unknown;
}

export interface Listener {
  /** What the client has seen already; undefined: nothing. */
  readonly lastEventId: string | undefined;
  /** Aborts when nobody listens any more. */
  readonly signal: AbortSignal;
}

export type EventSource = (listener: Listener) => AsyncIterable<ServerEvent>;

/** Streams of one process at a time; each holds a socket. */
export const MAX_STREAMS = 100;
/** Well inside the idle timeouts of sockets and proxies. */
const HEARTBEAT_MS = 15_000;
/** After which a browser that lost the connection comes again. */
const RECONNECT_MS = 2_000;
const MAX_ID_LENGTH = 100;

export interface StreamLimits {
  readonly maxStreams?: number;
  readonly heartbeatMs?: number;
}

/** Of one caller, so that nobody takes those of all others; the admin's are not counted. */
const MAX_STREAMS_OF_ONE = 20;

/** The streams that are open on one server. */
class OpenStreams {
  /** Whose each is. */
  readonly #open = new Map<AbortController, string | undefined>();
  #isClosing = false;

  constructor(readonly limits: Required<StreamLimits>) {}

  /** Undefined: nobody who is counted. Throws 503 `streams_busy`. */
  open(whose: string | undefined): AbortController {
    const own =
      whose === undefined ? 0 : [...this.#open.values()].filter((one) => one === whose).length;
    const isFull = this.#open.size >= this.limits.maxStreams || own >= MAX_STREAMS_OF_ONE;
    if (this.#isClosing || isFull)
      throw new Problem(
        503,
        'streams_busy',
        'Too many streams are open: close one, or ask again without a stream.',
        { headers: LATER },
      );
    const stop = new AbortController();
    this.#open.set(stop, whose);
    stop.signal.addEventListener('abort', () => this.#open.delete(stop), { once: true });
    return stop;
  }

  endAll(): void {
    this.#isClosing = true;
    for (const stop of [...this.#open.keys()]) stop.abort();
  }
}

const streamsOfServer = new WeakMap<object, OpenStreams>();

/** Before the server closes, every stream ends: it would wait for them for ever. */
export function useEventStreams(server: FastifyInstance, limits: StreamLimits = {}): void {
  const { maxStreams = MAX_STREAMS, heartbeatMs = HEARTBEAT_MS } = limits;
  const streams = new OpenStreams({ maxStreams, heartbeatMs });
  streamsOfServer.set(server.server, streams);
  server.addHook('preClose', async () => streams.endAll());
}

/** The body of a route whose reply is `@Res({ passthrough: true })`. Throws 503 `streams_busy`. */
export function eventStream(reply: FastifyReply, source: EventSource): StreamableFile {
  const streams = streamsOfServer.get(reply.server.server);
  if (streams === undefined) throw new RangeError('useEventStreams comes before any stream');
  const stop = streams.open(countedAs(reply.request));
  onceOver(reply, () => stop.abort());
  endWhenShutOut(reply.request, stop);
  // A connection that was kept for another request would hold up a server that closes.
  void reply.headers({ 'x-accel-buffering': 'no', connection: 'close' });
  const lastEventId = lastSeen(reply.request.headers['last-event-id']);
  const events = source({ lastEventId, signal: stop.signal });
  const frames = framesOf(events, stop, streams.limits.heartbeatMs);
  return new StreamableFile(Readable.from(frames, { objectMode: false }), { type: SSE_TYPE });
}

const lastSeen = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && header.length <= MAX_ID_LENGTH ? header : undefined;

async function* framesOf(
  events: AsyncIterable<ServerEvent>,
  stop: AbortController,
  heartbeatMs: number,
): AsyncGenerator<string, void, undefined> {
  const { signal } = stop;
  const iterator = events[Symbol.asyncIterator]();
  try {
    // At once, so that the client knows that it is heard.
    yield `retry: ${RECONNECT_MS}\n\n`;
    for (let next = iterator.next(); ; ) {
      const told = await soon(next, signal, heartbeatMs);
      if (signal.aborted) return;
      if (told === 'quiet') {
        yield ': still here\n\n';
        continue;
      }
      if (told.done === true) return;
      yield frameOf(told.value);
      next = iterator.next();
    }
  } catch (error) {
    // The status is long sent: the stream says it, and the client comes again.
    const { code, detail } = problemOf(error);
    if (!signal.aborted) yield frameOf({ event: 'problem', data: { code, detail } });
  } finally {
    stop.abort();
    await iterator.return?.();
  }
}

/** What comes first: the event, a time without one, or the end of it all. */
async function soon<T>(
  next: Promise<T>,
  signal: AbortSignal,
  quietMs: number,
): Promise<T | 'quiet'> {
  let wake = (): void => {};
  const quiet = new Promise<'quiet'>((resolve) => {
    wake = () => resolve('quiet');
  });
  const timer = setTimeout(wake, quietMs);
  signal.addEventListener('abort', wake, { once: true });
  try {
    if (signal.aborted) return 'quiet';
    return await Promise.race([next, quiet]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', wake);
  }
}

/** One event as the wire has it; JSON has no line break of its own. */
export function frameOf({ id, event, data }: ServerEvent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}
