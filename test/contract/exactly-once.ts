/**
 * The check that decides whether a log may be followed: while others append, a tail that began before
 * them must deliver every acknowledged event exactly once, in order, by contiguous positions.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
  RevisionConflict,
} from '#libs/event-store';

export interface Findings {
  readonly acknowledged: number;
  readonly delivered: number;
  /** Positions acknowledged but never delivered. */
  readonly missed: readonly bigint[];
  /** Positions delivered again. */
  readonly repeated: readonly bigint[];
  /** Positions delivered after a greater one. */
  readonly disordered: readonly bigint[];
  /** Positions whose predecessor was not the one delivered before. */
  readonly afterGap: readonly bigint[];
}

export const FAULTLESS = { missed: [], repeated: [], disordered: [], afterGap: [] };

export interface Workload {
  readonly store: EventStore;
  /** Resolves once the tail has delivered the event with this id. */
  readonly delivered: (id: string) => Promise<void>;
}

const DRAIN_TIMEOUT_MS = 10_000;

/** Runs the writers beside a tail, drains it up to the head, and compares. */
export async function exactlyOnce(
  store: EventStore,
  writers: (workload: Workload) => Promise<readonly RecordedEvent[]>,
  batchSize = 50,
): Promise<Findings> {
  const start = await store.head();
  const stop = new AbortController();
  const seen: RecordedEvent[] = [];
  const waiting = new Map<string, () => void>();
  const tailing = (async () => {
    for await (const batch of store.tail({ after: start, batchSize, signal: stop.signal })) {
      for (const event of batch) {
        seen.push(event);
        waiting.get(event.id)?.();
      }
    }
  })();
  const delivered = (id: string) =>
    new Promise<void>((resolve) => {
      if (seen.some((event) => event.id === id)) resolve();
      else waiting.set(id, resolve);
    });

  try {
    const acknowledged = await writers({ store, delivered });
    const head = await store.head();
    const deadline = performance.now() + DRAIN_TIMEOUT_MS;
    while ((seen.at(-1)?.position ?? start) < head && performance.now() < deadline) await delay(5);
    stop.abort();
    await tailing;
    return compared(start, acknowledged, seen);
  } finally {
    stop.abort();
  }
}

function compared(
  start: bigint,
  acknowledged: readonly RecordedEvent[],
  seen: readonly RecordedEvent[],
): Findings {
  const ids = new Set<string>();
  const repeated: bigint[] = [];
  const disordered: bigint[] = [];
  const afterGap: bigint[] = [];
  let last = start;
  for (const { id, position } of seen) {
    if (ids.has(id)) repeated.push(position);
    if (position < last) disordered.push(position);
    if (position !== last + 1n) afterGap.push(position);
    ids.add(id);
    last = position;
  }
  const missed = acknowledged.filter((event) => !ids.has(event.id)).map((event) => event.position);
  return {
    acknowledged: acknowledged.length,
    delivered: seen.length,
    missed,
    repeated,
    disordered,
    afterGap,
  };
}

export interface CrowdOptions {
  readonly writers: number;
  /** Events in all, at least. */
  readonly events: number;
  readonly streams: readonly string[];
  readonly newEvent: () => NewEvent;
  /** Seed of what each writer does. */
  readonly seed: number;
  /** Appends to two streams at once, too. */
  readonly wide: boolean;
}

/** Writers who append small batches to one or two shared streams, and try again when another was first. */
export async function crowd(store: EventStore, options: CrowdOptions): Promise<RecordedEvent[]> {
  const acknowledged: RecordedEvent[] = [];
  const revisions = new Map<string, ExpectedRevision>();
  const writer = async (n: number) => {
    const below = randomFrom(options.seed + n);
    while (acknowledged.length < options.events) {
      const first = below(options.streams.length);
      const second = (first + 1 + below(options.streams.length - 1)) % options.streams.length;
      const targets = below(3) === 0 && options.wide ? [first, second] : [first];
      const appends = targets.map((i) => ({
        stream: options.streams[i] ?? '',
        events: Array.from({ length: 1 + below(5) }, () => options.newEvent()),
      }));
      acknowledged.push(...(await appendStubbornly(store, appends, revisions)));
    }
  };
  await Promise.all(Array.from({ length: options.writers }, (_, n) => writer(n)));
  return acknowledged;
}

async function appendStubbornly(
  store: EventStore,
  appends: readonly { stream: string; events: NewEvent[] }[],
  revisions: Map<string, ExpectedRevision>,
): Promise<readonly RecordedEvent[]> {
  for (;;) {
    const expecting = appends.map(({ stream, events }) => ({
      stream,
      events,
      expectedRevision: revisions.get(stream) ?? 'no_stream',
    }));
    try {
      const { events } = await store.append(expecting);
      for (const event of events) revisions.set(event.stream, event.revision);
      return events;
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      revisions.set(error.stream, error.actual);
    }
  }
}

/** Reproducible numbers below a bound (mulberry32). */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

/**
 * The schedule that a log numbered by a bare sequence cannot survive: A has its number, B takes the
 * next, commits and is read, and only then A commits. Where appends wait for one another, B simply
 * comes after A.
 */
export async function lateCommit(
  { store, delivered }: Workload,
  appends: { first: () => NewEvent; second: () => NewEvent; streams: readonly [string, string] },
): Promise<RecordedEvent[]> {
  const [early, late] = [appends.first(), appends.second()];
  const numbered = signal();
  const a = store.append(
    [{ stream: appends.streams[0], expectedRevision: 'no_stream', events: [early] }],
    async () => {
      numbered.resolve();
      await Promise.race([delivered(late.id), delay(HOLD_MS, undefined, { ref: false })]);
    },
  );
  await Promise.race([numbered.promise, a]);
  const b = store.append([
    { stream: appends.streams[1], expectedRevision: 'no_stream', events: [late] },
  ]);
  const done = await Promise.all([a, b]);
  return done.flatMap((appended) => [...appended.events]);
}

/** How long A keeps its transaction open when B cannot pass it. */
const HOLD_MS = 1_500;

function signal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
