/**
 * A client of `@eventstore/db-client` 6.2.1, without three of its defects. Appends travel on one
 * stream of calls, and whoever waits for an answer stands in a map of the whole process:
 *
 * - When a stream of calls of any client breaks, the map is emptied. An answer that comes afterwards,
 *   on this stream or another, finds nobody; the client throws in the middle of an event handler and
 *   the process ends. Here such an answer is dropped: who waited for it was told `cancelled`.
 * - While a stream of calls is full, writes queue up; when it breaks they are rejected where nobody
 *   listens, and the process ends. Here a stream is never full: the cluster bounds what is in flight.
 * - An error of a stream of calls that is being replaced has no listener left. Here it has one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';

type Answered = (answer: unknown) => void;

interface CallStream {
  listeners(event: 'data'): Answered[];
  removeListener(event: 'data', listener: Answered): unknown;
  on(event: 'data' | 'error', listener: (value: unknown) => void): unknown;
  write(message: unknown, ...rest: unknown[]): boolean;
}

type Creator = (client: unknown) => CallStream | Promise<CallStream>;
type StreamCreator = (service: unknown, name: string, creator: Creator, cache?: unknown) => unknown;

/** The only one that loads the package, and only where a cluster is the log. */
export async function guardedClient(url: string): Promise<EventStoreDBClient> {
  const { default: db } = await import('@eventstore/db-client');
  const client = db.EventStoreDBClient.connectionString(url);
  const inner = client as unknown as { GRPCStreamCreator: StreamCreator };
  const create = inner.GRPCStreamCreator;
  inner.GRPCStreamCreator = (service, name, creator, cache) =>
    create(
      service,
      name,
      name === 'appendToStream' ? async (grpc) => guarded(await creator(grpc)) : creator,
      cache,
    );
  return client;
}

/** How long its calls may take to end. */
const DISPOSE_MS = 1_000;

/** Ends the calls and the connection of a client; its own `dispose` waits for calls that never end, and keeps the connection. */
export async function disposeClient(client: EventStoreDBClient): Promise<void> {
  const timer = new AbortController();
  const late = delay(DISPOSE_MS, undefined, { signal: timer.signal, ref: false }).catch(() => {});
  await Promise.race([client.dispose().catch(() => {}), late]);
  timer.abort();
  const inner = client as unknown as { getChannel(): Promise<{ close(): void }> };
  void inner.getChannel().then(
    (channel) => channel.close(),
    () => {},
  );
}

function guarded(stream: CallStream): CallStream {
  for (const answered of stream.listeners('data')) {
    stream.removeListener('data', answered);
    stream.on('data', (answer) => {
      try {
        answered(answer);
      } catch (error) {
        // `promiseBank.get(id)` is not iterable: nobody waits any more.
        if (!(error instanceof TypeError)) throw error;
      }
    });
  }
  stream.on('error', () => {});
  const write = stream.write.bind(stream);
  stream.write = (message, ...rest) => {
    write(message, ...rest);
    return true;
  };
  return stream;
}
