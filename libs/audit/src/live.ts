/**
 * The live feed: which figures changed, as soon as the read models show it. One pump a process reads
 * each event once, for all who listen, a few times a second, and runs only while anybody does. What
 * a listener has not taken yet is one sum of touches, however far behind it is: a slow one holds no
 * queue. Whoever comes back says the position that it saw last, and is told what came since; after a
 * long absence, that everything may have.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from './browse.js';
import { Touched, type TouchedCreator } from './touched.js';

/** How far the read models are: libs/projector's ProjectionWatch. */
export interface Progress {
  readonly position: bigint;
  /** Resolves once the position is known. */
  pointer(): Promise<string>;
  passed(
    position: bigint,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean>;
}

export interface LiveParts {
  readonly browser: Pick<Browser, 'eventsAt'>;
  readonly watch: Progress;
  /** What comes within this time is told together. */
  readonly coalesceMs?: number;
}

export interface Tidings {
  /** The read models contain everything up to here. */
  readonly position: bigint;
  readonly creators: readonly TouchedCreator[];
  /** What changed is not known: read again what is shown. */
  readonly everything: boolean;
}

export interface Listening {
  /** The last position seen. */
  readonly after?: bigint | undefined;
  /** Only what concerns this creator, or this member. */
  readonly creatorId?: string | undefined;
  readonly memberId?: string | undefined;
  readonly signal: AbortSignal;
}

const COALESCE_MS = 250;
const READ_EVENTS = 1_000n;
/** Of a longer absence nobody reads the log: it is quicker to read the figures again. */
export const MAX_CAUGHT_UP = 5_000n;
const WAIT_MS = 30_000;
const PAUSE_AFTER_ERROR_MS = 1_000;

class Listener {
  position: bigint;
  touched = new Touched();
  wake: () => void = () => {};

  constructor(position: bigint) {
    this.position = position;
  }

  tell(position: bigint, touched: Touched): void {
    this.position = position;
    this.touched.merge(touched);
    this.wake();
  }

  /** Takes what is there; the sum begins anew. */
  take(): { position: bigint; touched: Touched } {
    const { position, touched } = this;
    this.touched = new Touched();
    return { position, touched };
  }

  async told(signal: AbortSignal): Promise<void> {
    if (signal.aborted || !this.touched.isNothing) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }
}

export class LiveFeed {
  private readonly listeners = new Set<Listener>();
  private stop: AbortController | undefined;
  /** Everything up to here was told to all who listen. */
  private at = 0n;

  constructor(private readonly parts: LiveParts) {}

  /** Ends when the signal aborts. Tells at once where things stand. */
  async *listen({ after, signal, ...whose }: Listening): AsyncGenerator<Tidings, void, undefined> {
    await this.parts.watch.pointer();
    if (signal.aborted) return;
    const listener = this.join();
    signal.addEventListener('abort', () => listener.wake(), { once: true });
    try {
      const { position } = listener;
      const missed = after === undefined ? new Touched() : await this.since(after, position);
      yield {
        position,
        creators: missed.list(whose),
        everything: missed.everything,
      };
      for (;;) {
        await listener.told(signal);
        if (signal.aborted) return;
        const { position: now, touched } = listener.take();
        const creators = touched.list(whose);
        if (creators.length > 0 || touched.everything)
          yield { position: now, creators, everything: touched.everything };
      }
    } finally {
      this.leave(listener);
    }
  }

  private join(): Listener {
    if (this.stop === undefined) {
      this.at = this.parts.watch.position;
      this.stop = new AbortController();
      void this.pump(this.stop.signal);
    }
    const listener = new Listener(this.at);
    this.listeners.add(listener);
    return listener;
  }

  private leave(listener: Listener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    this.stop?.abort();
    this.stop = undefined;
  }

  private async since(after: bigint, position: bigint): Promise<Touched> {
    // Ahead of the log: it is another one than was seen, a backup that was restored.
    if (after <= position && position - after <= MAX_CAUGHT_UP)
      return this.between(after, position);
    const touched = new Touched();
    touched.everything = true;
    return touched;
  }

  private async pump(signal: AbortSignal): Promise<void> {
    const { watch, coalesceMs = COALESCE_MS } = this.parts;
    while (!signal.aborted) {
      try {
        const isMore = await watch.passed(this.at + 1n, { timeoutMs: WAIT_MS, signal });
        await delay(coalesceMs, undefined, { signal });
        if (!isMore) continue;
        const [from, to] = [this.at, watch.position];
        const touched = await this.between(from, to);
        if (signal.aborted) return;
        this.at = to;
        for (const listener of this.listeners) listener.tell(to, touched);
      } catch {
        // Aborted, or a database that is away: what was missed is read when it is back.
        await delay(PAUSE_AFTER_ERROR_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  private async between(after: bigint, through: bigint): Promise<Touched> {
    const touched = new Touched();
    for (let at = after; at < through; ) {
      const end = through - at < READ_EVENTS ? through : at + READ_EVENTS;
      const positions = Array.from({ length: Number(end - at) }, (_, n) => at + 1n + BigInt(n));
      for (const event of await this.parts.browser.eventsAt(positions, 'oldest'))
        touched.add(event);
      at = end;
    }
    return touched;
  }
}
