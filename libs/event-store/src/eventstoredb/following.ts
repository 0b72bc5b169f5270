/**
 * Everything of ours in a cluster, in its order, behind a position: one subscription to `$all`, until
 * it breaks or the signal aborts. The hazards:
 *
 * - A subscription that breaks says so once and never goes on by itself: whoever follows subscribes
 *   again, from where its own record stands.
 * - The checkpoints that the client reports run ahead of what it has handed out; none is used. What is
 *   followed is remembered by the last event that was written down.
 * - An event may be said twice around a reconnection: what is not behind the last one is dropped.
 * - The subscription is read no faster than it is consumed: the server then waits.
 */
import type { AllStreamSubscription, EventStoreDBClient } from '@eventstore/db-client';
import { type FollowedEvent, followedEvent, isBehind, type Origin } from './stored-event.js';

export interface FollowingOptions {
  /** Of nobody else: when following ends, so do its calls. */
  readonly client: EventStoreDBClient;
  /** Undefined: from the beginning. */
  readonly after: Origin | undefined;
  readonly maxBatch: number;
  /** An empty batch is handed out when nothing came for so long. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  /** Hears of everything that has come, also of what is none of ours. */
  readonly onPassed?: (origin: Origin) => void;
}

/** Streams of our grammar; those of the system begin with `$`. */
const OUR_STREAMS = '^[a-z]+-';
/** Every so many times 32 events the server says how far it has looked; nobody here listens. */
const CHECKPOINT_INTERVAL = 1_000;
/** So many events wait to be taken; the subscription is not read further. */
const MAX_WAITING = 4_000;

/** Batches, in order; empty ones say that the subscription lives. Throws what broke it. */
export async function* following(options: FollowingOptions): AsyncGenerator<FollowedEvent[]> {
  const { client, signal, maxBatch, idleMs } = options;
  const subscription = client.subscribeToAll({
    fromPosition: options.after ?? 'start',
    filter: { filterOn: 'streamName', regex: OUR_STREAMS, checkpointInterval: CHECKPOINT_INTERVAL },
  });
  const inbox = new Inbox();
  const pumping = pump(subscription, options, inbox);
  const stop = () => inbox.end();
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!signal.aborted) {
      const events = await inbox.take(maxBatch, idleMs);
      if (events === undefined) break;
      yield events;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    inbox.end();
    await subscription.unsubscribe().catch(() => {});
    subscription.destroy();
    await pumping;
  }
}

async function pump(
  subscription: AllStreamSubscription,
  { after, onPassed }: FollowingOptions,
  inbox: Inbox,
): Promise<void> {
  let last = after;
  // It may break while nobody reads it; and once more after it was destroyed.
  subscription.on('error', (error) => inbox.break(error));
  subscription.on('confirmation', () => inbox.wake());
  try {
    for await (const { event } of subscription) {
      if (inbox.isEnded) return;
      if (event === undefined) continue;
      const origin = { commit: event.position.commit, prepare: event.position.prepare };
      if (last !== undefined && !isBehind(origin, last)) continue;
      last = origin;
      const followed = followedEvent(event, origin);
      if (followed !== undefined) await inbox.put(followed);
      onPassed?.(origin);
    }
    inbox.break(new Error('the subscription ended'));
  } catch (error) {
    inbox.break(error);
  }
}

/** What has come and was not taken yet. */
class Inbox {
  private events: FollowedEvent[] = [];
  private broken: { readonly error: unknown } | undefined;
  private waiting: () => void = () => {};
  private room: () => void = () => {};
  isEnded = false;

  async put(event: FollowedEvent): Promise<void> {
    this.events.push(event);
    this.waiting();
    while (this.events.length >= MAX_WAITING && !this.isEnded)
      await new Promise<void>((resolve) => {
        this.room = resolve;
      });
  }

  /** What there is, at most so many; none after `idleMs`; undefined at the end. Throws what broke it, after all that came before. */
  async take(max: number, idleMs: number): Promise<FollowedEvent[] | undefined> {
    if (this.events.length === 0 && this.broken === undefined && !this.isEnded)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, idleMs);
        this.waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    if (this.isEnded) return undefined;
    const taken = this.events.splice(0, max);
    this.room();
    if (taken.length === 0 && this.broken !== undefined) throw this.broken.error;
    return taken;
  }

  wake(): void {
    this.waiting();
  }

  break(error: unknown): void {
    this.broken ??= { error };
    this.waiting();
  }

  end(): void {
    this.isEnded = true;
    this.waiting();
    this.room();
  }
}
