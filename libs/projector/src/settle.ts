/**
 * Waiting until what was appended can be read. One connection per process listens for both moves of
 * a checkpoint, of its position and of its pointer, and keeps what it heard in memory: asking whether
 * a position is projected, and which schema to read, costs nothing.
 *
 * A notification is a hint. The table is read when the connection is made (some may have been missed)
 * and at an interval (a connection can be dead without anyone noticing).
 */
import pg from 'pg';
import { clientConfig } from '#libs/database';
import { backoff } from './backoff.js';
import { POINTER, PROJECTED } from './checkpoint.js';

export interface ProjectionWatchOptions {
  readonly url: string;
  /** A watch that hears nothing reads the table after this time. */
  readonly fallbackMs?: number;
}

const FALLBACK_MS = 1_000;
/** A server that does not answer for so long is connected to anew. */
const ANSWER_MS = 10_000;

interface Waiter {
  readonly position: bigint;
  readonly done: (passed: boolean) => void;
}

export class ProjectionWatch {
  private known: { schema: string; position: bigint } | undefined;
  private readonly waiters = new Set<Waiter>();
  private readonly pointerWaiters = new Set<() => void>();
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;
  private hangUp: () => void = () => {};

  /** Connects in the background, and again whenever the connection is lost, until it is closed. */
  constructor(private readonly options: ProjectionWatchOptions) {
    this.running = this.run();
  }

  /** Position that all read models are known to have reached; 0n before anything is known. */
  get position(): bigint {
    return this.known?.position ?? 0n;
  }

  /** The schema to read from. Waits only until the first is known; rejects when the watch is closed. */
  async pointer(): Promise<string> {
    while (this.known === undefined) {
      if (this.closing.signal.aborted) throw new Error('the watch is closed');
      await new Promise<void>((resolve) => this.pointerWaiters.add(resolve));
    }
    return this.known.schema;
  }

  /** True when the read models contain the position; false when time is up or the signal aborts. */
  async passed(
    position: bigint,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    if (this.position >= position && this.known !== undefined) return true;
    if (signal?.aborted || this.closing.signal.aborted) return false;
    return new Promise((resolve) => {
      const done = (passed: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        this.waiters.delete(waiter);
        resolve(passed);
      };
      const stop = (): void => done(false);
      const timer = setTimeout(stop, timeoutMs);
      const waiter = { position, done };
      signal?.addEventListener('abort', stop, { once: true });
      this.waiters.add(waiter);
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.hangUp();
    await this.running;
    for (const waiter of [...this.waiters]) waiter.done(false);
    this.wakePointerWaiters();
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let attempt = 1; !signal.aborted; attempt++) {
      const heard = await this.listen().catch(() => false);
      if (heard) attempt = 1;
      await backoff(attempt, signal);
    }
  }

  /** One connection, until it breaks. True when it came to listen. */
  private async listen(): Promise<boolean> {
    const client = new pg.Client({
      ...clientConfig(this.options.url, { applicationName: 'projections' }),
      query_timeout: ANSWER_MS,
    });
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      this.hangUp = resolve;
    });
    let listening = false;
    // `end` follows; without a listener Node would exit.
    client.on('error', () => {});
    client.on('notification', (message) => this.hear(message));
    try {
      await client.connect();
      await client.query(`listen ${PROJECTED}; listen ${POINTER}`);
      await this.read(client);
      listening = true;
      if (!this.closing.signal.aborted) await this.readUntil(ended, client);
    } finally {
      await client.end().catch(() => {});
    }
    return listening;
  }

  /** Reads the table at the interval, until the connection ends or a read fails. */
  private async readUntil(ended: Promise<void>, client: pg.Client): Promise<void> {
    const { fallbackMs = FALLBACK_MS } = this.options;
    await new Promise<void>((resolve) => {
      let reading = false;
      const timer = setInterval(() => {
        if (reading) return;
        reading = true;
        this.read(client).then(() => {
          reading = false;
        }, stop);
      }, fallbackMs);
      const stop = (): void => {
        clearInterval(timer);
        resolve();
      };
      void ended.then(stop);
    });
  }

  private hear({ channel, payload = '' }: pg.Notification): void {
    const { known } = this;
    if (known === undefined) return;
    if (channel === POINTER) this.learn({ ...known, schema: payload });
    if (channel === PROJECTED && /^\d+$/.test(payload)) {
      const position = BigInt(payload);
      if (position > known.position) this.learn({ ...known, position });
    }
  }

  private async read(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ schema: string | null; position: string | null }>(
      'select min(schema) as schema, min(position) as position from projections',
    );
    const { schema, position } = rows[0] ?? {};
    if (schema && position) this.learn({ schema, position: BigInt(position) });
  }

  private learn(known: { schema: string; position: bigint }): void {
    this.known = known;
    for (const waiter of [...this.waiters])
      if (known.position >= waiter.position) waiter.done(true);
    this.wakePointerWaiters();
  }

  private wakePointerWaiters(): void {
    const waiters = [...this.pointerWaiters];
    this.pointerWaiters.clear();
    for (const wake of waiters) wake();
  }
}

/** Waits, boundedly, until the read models contain a position. False: they do not yet. */
export const waitUntilProjected = (
  watch: ProjectionWatch,
  position: bigint,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<boolean> => watch.passed(position, options);
