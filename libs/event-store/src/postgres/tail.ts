/**
 * Following the log. A tail takes what its own process has appended, reads the table from where it
 * stands until there is no more, then waits to be woken: by a notification, by a (re)connected
 * listener (which may have missed some), or by the fallback interval (a connection can be dead
 * without anyone noticing). Whatever wakes it, it goes on from the last position delivered, so it
 * neither misses nor repeats. The bell is silenced before each read of the table: what rings during
 * the read is not lost.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { clientConfig } from '#libs/database';
import type { RecordedEvent } from '../event-store.js';

/** Notified by every append, with the last position. */
export const EVENTS_CHANNEL = 'flywheel_events';

const MIN_RECONNECT_MS = 50;
const MAX_RECONNECT_MS = 5_000;
/** How long a goodbye to the server may take. */
const CLOSE_TIMEOUT_MS = 500;

export interface TailOptions {
  readonly url: string;
  readonly read: (after: bigint, limit: number) => Promise<RecordedEvent[]>;
  /** Those that need not be read. None is no sign that there are none. */
  readonly recent: (after: bigint, limit: number) => Promise<RecordedEvent[]>;
  readonly after: bigint;
  readonly batchSize: number;
  readonly fallbackMs: number;
  readonly signal: AbortSignal;
}

/** Ends when the signal aborts; throws what a read throws, unless it is a broken connection. */
export async function* tailLog(options: TailOptions): AsyncGenerator<RecordedEvent[]> {
  const { signal, batchSize } = options;
  if (signal.aborted) return;
  const bell = new Bell();
  const ring = () => bell.ring();
  signal.addEventListener('abort', ring);
  const listener = new Listener(options.url, ring);
  let after = options.after;
  try {
    while (!signal.aborted) {
      const recent = await unlessAborted(options.recent(after, batchSize), signal);
      const newest = recent?.at(-1);
      if (recent !== undefined && newest !== undefined) {
        after = newest.position;
        yield recent;
        continue;
      }
      bell.silence();
      const events = await unlessAborted(readOrNothing(options, after), signal);
      if (signal.aborted) return;
      const last = events?.at(-1);
      if (events !== undefined && last !== undefined) {
        after = last.position;
        yield events;
        if (events.length === batchSize) continue;
      }
      await bell.rung(options.fallbackMs);
    }
  } finally {
    signal.removeEventListener('abort', ring);
    await listener.close();
  }
}

/** A server that is away is asked again later. */
async function readOrNothing(options: TailOptions, after: bigint): Promise<RecordedEvent[]> {
  try {
    return await options.read(after, options.batchSize);
  } catch (error) {
    if (isBrokenConnection(error)) return [];
    throw error;
  }
}

/** SQLSTATE classes: connection failure, out of connections, operator intervention (shutdown, restart). */
const AWAY = /^(08|53|57P)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Node's, of the socket. */
const SOCKET = /^E[A-Z]{3,}/;
/** pg gives its own errors no code. */
const TERMINATED =
  /^(connection terminated|timeout exceeded when trying to connect|.*not queryable)/i;

function isBrokenConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return TERMINATED.test(error.message);
  return (SQLSTATE.test(code) && AWAY.test(code)) || SOCKET.test(code);
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Remembers that it rang until it is silenced. */
class Bell {
  private ringing = false;
  private wake: () => void = () => {};

  ring(): void {
    this.ringing = true;
    this.wake();
  }

  silence(): void {
    this.ringing = false;
  }

  /** Resolves when it rings, has rung since it was silenced, or after the time given. */
  async rung(timeoutMs: number): Promise<void> {
    if (this.ringing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Rings at each notification and each time that it begins to listen; reconnects until it is closed. */
class Listener {
  private readonly closing = new Bell();
  private closed = false;
  private hangUp: () => Promise<void> = async () => {};
  private readonly running: Promise<void>;

  constructor(
    private readonly url: string,
    private readonly ring: () => void,
  ) {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.closing.ring();
    await this.hangUp();
    await this.running;
  }

  private async run(): Promise<void> {
    let pauseMs = MIN_RECONNECT_MS;
    while (!this.closed) {
      const heard = await this.listen().catch(() => false);
      pauseMs = heard ? MIN_RECONNECT_MS : Math.min(pauseMs * 2, MAX_RECONNECT_MS);
      if (!this.closed) await this.closing.rung(pauseMs);
    }
  }

  /** One connection, until it breaks. True when it came to listen. */
  private async listen(): Promise<boolean> {
    const socket = new Socket();
    const config = clientConfig(this.url, { applicationName: 'tail' });
    const client = new pg.Client({ ...config, stream: () => socket });
    // Connecting fails at once when the socket does; pg itself would wait for its timeout.
    this.hangUp = async () => void socket.destroy(new Error('closed while connecting'));
    // `end` follows; without a listener Node would exit.
    client.on('error', () => {});
    client.on('notification', this.ring);
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    let listening = false;
    try {
      await client.connect();
      await client.query(`listen ${EVENTS_CHANNEL}`);
      listening = true;
      this.hangUp = () => goodbye(client, socket);
      this.ring();
      await ended;
    } finally {
      this.hangUp = async () => {};
      socket.destroy();
    }
    return listening;
  }
}

async function goodbye(client: pg.Client, socket: Socket): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
  await client.end().catch(() => {});
  clearTimeout(timer);
}
