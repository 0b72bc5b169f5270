/**
 * A cluster of EventStoreDB (20.6 and later) or KurrentDB, as the log. The theory, and the hazards:
 *
 * - Every append names `no_stream` or an exact revision, and its events have ids that follow from what
 *   they say. So the cluster knows a repetition for what it is, for as long as the events are there:
 *   an append whose outcome is unknown is simply made again. `any` would be forgotten at a restart.
 * - The client sets no deadline on an append, and one that is not answered waits for ever. Each attempt
 *   has a deadline of our own here, behind which the outcome is unknown.
 * - A client can be poisoned: what it learned of the server is kept for ever, also that it failed. After
 *   any error that is not one of the protocol's answers the next attempt has a new client.
 * - Nothing is ever deleted and no `$maxAge` or `$maxCount` is set: a repetition could not be told from
 *   a contradiction, and a follower could not begin from nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { EventStoreDBClient } from '@eventstore/db-client';
import {
  AppendTooLarge,
  type ExpectedRevision,
  LogUnavailable,
  RevisionConflict,
} from '../event-store.js';
import { disposeClient, guardedClient } from './guarded-client.js';
import type { Origin, ReadEvent, StoredEvent } from './stored-event.js';

export interface ClusterOptions {
  /** `esdb://…` or `esdb+discover://…`; credentials stand in it, never beside a call. */
  readonly url: string;
  /** Of one attempt. */
  readonly timeoutMs?: number;
  /** Of all attempts together; far below the time after which Postgres ends an idle transaction. */
  readonly patienceMs?: number;
}

/** Said when the cluster does not let us in: no repetition helps. */
export class ClusterRefused extends Error {
  readonly code = 'cluster_refused';
}

const TIMEOUT_MS = 3_000;
const PATIENCE_MS = 15_000;
const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1_000;

/** One call: `again` has failed in passing, and its outcome may be unknown. */
type Attempt<T> = { readonly done: T } | { readonly again: string };

export class Cluster {
  private current: Promise<EventStoreDBClient> | undefined;
  private isClosed = false;

  constructor(private readonly options: ClusterOptions) {}

  /**
   * Appends events to one stream, all or none; made again until it is known to be there. Answers where
   * its last event lies, if the cluster says so. Throws RevisionConflict, AppendTooLarge,
   * LogUnavailable (the outcome may be unknown), ClusterRefused.
   */
  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly StoredEvent[],
  ): Promise<Origin | undefined> {
    const messages = events.map(({ bytes: _, ...event }) => ({
      ...event,
      contentType: 'application/json' as const,
    }));
    return this.stubbornly(
      `appending to ${stream}`,
      async (client) => {
        const result = await client.appendToStream(stream, messages, {
          expectedRevision,
          deadline: this.timeoutMs,
        });
        return result.position;
      },
      (error) => refusalOf(error, stream, expectedRevision),
    );
  }

  /** Where a stream stands, asked of the cluster. */
  async revisionOf(stream: string): Promise<ExpectedRevision> {
    const last = await this.stubbornly(`reading ${stream}`, (client) =>
      lastOf(client, stream, this.timeoutMs),
    );
    return last?.revision ?? 'no_stream';
  }

  /** The first event of a stream, or undefined. */
  async firstOf(stream: string): Promise<ReadEvent | undefined> {
    return this.stubbornly(`reading ${stream}`, async (client) => {
      const options = { maxCount: 1, deadline: this.timeoutMs };
      return firstRead(client, stream, {
        ...options,
        direction: 'forwards',
        fromRevision: 'start',
      });
    });
  }

  /** What lies at that place in `$all`; undefined: nothing of ours does. */
  async eventAt({ commit, prepare }: Origin): Promise<ReadEvent | undefined> {
    return this.stubbornly('reading $all', async (client) => {
      const reading = client.readAll({
        ...{ maxCount: 1, deadline: this.timeoutMs, direction: 'forwards' },
        fromPosition: { commit, prepare },
      });
      for await (const { event } of reading)
        if (event?.position?.commit === commit && event.position.prepare === prepare) return event;
      return undefined;
    });
  }

  /** The client of this moment; whoever subscribes with it owns what becomes of that. */
  client(): Promise<EventStoreDBClient> {
    if (this.isClosed) throw new LogUnavailable('the connection to the cluster is closed');
    if (this.current === undefined) {
      const made = guardedClient(driverUrl(this.options.url));
      made.catch(() => this.drop(made));
      this.current = made;
    }
    return this.current;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const { current } = this;
    this.current = undefined;
    await disposed(current);
  }

  private get timeoutMs(): number {
    return this.options.timeoutMs ?? TIMEOUT_MS;
  }

  /** Everyone else's calls on it are cancelled, and made again. */
  private drop(client: Promise<EventStoreDBClient>): void {
    if (this.current !== client) return;
    this.current = undefined;
    void disposed(client);
  }

  private async stubbornly<T>(
    what: string,
    call: (client: EventStoreDBClient) => Promise<T>,
    refusal: (error: unknown) => Error | undefined = () => undefined,
  ): Promise<T> {
    const until = performance.now() + (this.options.patienceMs ?? PATIENCE_MS);
    let pauseMs = MIN_PAUSE_MS;
    for (;;) {
      const attempt = await this.attempt(call, refusal);
      if ('done' in attempt) return attempt.done;
      if (this.isClosed || performance.now() + pauseMs > until)
        throw new LogUnavailable(`${what}: ${attempt.again}`);
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
    }
  }

  private async attempt<T>(
    call: (client: EventStoreDBClient) => Promise<T>,
    refusal: (error: unknown) => Error | undefined,
  ): Promise<Attempt<T>> {
    const client = this.client();
    try {
      return { done: await within(this.timeoutMs, client.then(call)) };
    } catch (error) {
      const refused = refusal(error) ?? notLetIn(error);
      if (refused !== undefined) throw refused;
      // The client itself drops the connection of these, and follows the leader.
      if (!RECONNECTING.has(typeOf(error) ?? '')) this.drop(client);
      return { again: said(error) };
    }
  }
}

/** Error types behind which the same client connects anew. */
const RECONNECTING = new Set(['not-leader', 'unavailable', 'cancelled']);

const typeOf = (error: unknown): string | undefined => {
  const { type } = error as { type?: unknown };
  return typeof type === 'string' ? type : undefined;
};

function refusalOf(error: unknown, stream: string, expected: ExpectedRevision): Error | undefined {
  if (typeOf(error) === 'wrong-expected-version') {
    const { actualVersion } = error as { actualVersion?: unknown };
    const actual = typeof actualVersion === 'bigint' ? actualVersion : 'no_stream';
    return new RevisionConflict(stream, expected, actual);
  }
  if (typeOf(error) === 'maximum-append-size-exceeded')
    return new AppendTooLarge(`the cluster takes no append of this size to ${stream}`);
  if (typeOf(error) === 'stream-deleted')
    return new ClusterRefused(`stream ${stream} was deleted: the log is damaged`);
  return undefined;
}

/** Of the raw errors only these are about us; whatever they say may hold what was sent. */
const UNAUTHENTICATED = 16;
function notLetIn(error: unknown): Error | undefined {
  const { code } = error as { code?: unknown };
  if (typeOf(error) !== 'access-denied' && code !== UNAUTHENTICATED) return undefined;
  return new ClusterRefused('the cluster refuses the credentials of EVENTSTORE_URL');
}

/** What went wrong, without what was sent: a connection string holds a password. */
function said(error: unknown): string {
  if (error instanceof Unanswered) return error.message;
  const { code } = error as { code?: unknown };
  return typeOf(error) ?? (code === undefined ? 'failed' : `gRPC status ${String(code)}`);
}

class Unanswered extends Error {}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  // What fails after the deadline is nobody's any more.
  work.catch(() => {});
  // No signal: one for each append was a twentieth of the time of a worker.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unanswered(`not answered within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const lastOf = (client: EventStoreDBClient, stream: string, deadline: number) =>
  firstRead(client, stream, { maxCount: 1, direction: 'backwards', fromRevision: 'end', deadline });

async function firstRead(
  client: EventStoreDBClient,
  stream: string,
  options: NonNullable<Parameters<EventStoreDBClient['readStream']>[1]>,
): Promise<ReadEvent | undefined> {
  const reading = client.readStream(stream, options);
  try {
    for await (const { event } of reading) if (event !== undefined) return event;
    return undefined;
  } catch (error) {
    if (typeOf(error) === 'stream-not-found') return undefined;
    throw error;
  }
}

/** The client knows one of the names under which the protocol goes. */
const driverUrl = (url: string): string => url.replace(/^(kurrentdb|kdb|kurrent)(?=[+:])/, 'esdb');

async function disposed(client: Promise<EventStoreDBClient> | undefined): Promise<void> {
  await client?.then(disposeClient, () => {});
}
