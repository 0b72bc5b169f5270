/**
 * Load, decide, append: the only place in the house where decisions meet the store. A `Decisions`
 * loads streams once, lets many commands decide in memory, each seeing the ones before, and holds
 * what is to be appended with the revisions that were read. The intake also hands it what it
 * remembers of earlier batches.
 */
import { hash } from 'node:crypto';
import {
  type EventStore,
  type JsonObject,
  type NewEvent,
  type RecordedEvent,
  type StreamAppend,
  upcastersOf,
} from '#libs/event-store';
import {
  type AnyEvent,
  codeDecider,
  creatorDecider,
  type Decider,
  type LedgerEvent,
  ledgerEventOf,
  ledgerUpcasters,
  memberDecider,
  membershipDecider,
  monthsDecider,
  replayDecider,
  snapshotDecider,
} from '#libs/ledger';

const upcasters = upcastersOf(ledgerUpcasters);

/** A recorded event as a member of the catalogue, in today's shape. */
export const decodeEvent = (event: RecordedEvent): LedgerEvent =>
  ledgerEventOf(upcasters.upcast(event));

/** A code is reserved once; nobody asks for its stream again. */
const CODES = 'code-';

interface Category {
  readonly initial: (stream: string) => unknown;
  readonly evolve: (state: never, event: never) => unknown;
}
const categories: Readonly<Record<string, Category>> = {
  member: memberDecider,
  creator: creatorDecider,
  code: codeDecider,
  membership: membershipDecider,
  months: monthsDecider,
  snapshot: snapshotDecider,
  replay: replayDecider,
};

interface Loaded {
  /** Revision that the store holds: what the append expects. */
  readonly read: bigint | 'no_stream';
  revision: bigint;
  state: unknown;
  readonly events: NewEvent[];
  /** How many of them each decision added. */
  readonly decided: number[];
  /** Its revision must not have moved, although nothing is appended to it. */
  checked: boolean;
}

/** Reference to an event that is going to be appended. */
export interface Accepted {
  readonly id: string;
  readonly type: string;
}

/**
 * Streams as they stood after the last append of one who decides again and again, so that they
 * need not be read and folded each time. Two rules make it safe: what is taken is no longer in here
 * until an append has succeeded, so a failed decision leaves nothing behind; and an append fails if
 * a remembered stream that was looked at has moved, so nothing is ever decided on what is past.
 */
export class StreamMemory {
  private readonly streams = new Map<string, Loaded>();
  private events = 0n;

  constructor(private readonly maxEvents = MAX_REMEMBERED_EVENTS) {}

  take(stream: string): Loaded | undefined {
    const loaded = this.streams.get(stream);
    if (loaded === undefined) return undefined;
    this.streams.delete(stream);
    this.events -= loaded.revision + 1n;
    return loaded;
  }

  /** Keeps a stream that is not in here; those used longest ago make room. */
  keep(stream: string, loaded: Loaded): void {
    this.streams.set(stream, loaded);
    this.events += loaded.revision + 1n;
    for (const [oldest] of this.streams) {
      if (this.events <= this.maxEvents) break;
      this.take(oldest);
    }
  }
}

/** About a kilobyte each. */
const MAX_REMEMBERED_EVENTS = 150_000n;

export class Decisions {
  private readonly streams = new Map<string, Loaded>();

  constructor(
    private readonly store: EventStore,
    private readonly memory?: StreamMemory,
  ) {}

  /** Reads streams that are neither loaded nor remembered, all in one round trip. */
  async load(streams: Iterable<string>): Promise<void> {
    const wanted = [...new Set(streams)].filter((stream) => !this.streams.has(stream));
    const missing = wanted.filter((stream) => !this.recall(stream));
    if (missing.length === 0) return;
    const found = await this.store.readStreams(missing);
    for (const stream of missing) this.streams.set(stream, fold(stream, found.get(stream) ?? []));
  }

  private recall(stream: string): boolean {
    const remembered = this.memory?.take(stream);
    if (remembered === undefined) return false;
    this.streams.set(stream, { ...remembered, checked: true });
    return true;
  }

  /** Once the append has succeeded: what was loaded stands as it was decided. */
  remember(): void {
    for (const [stream, { revision, state }] of this.streams) {
      if (revision < 0n || stream.startsWith(CODES)) continue;
      const kept = { read: revision, revision, state, events: [], decided: [], checked: false };
      this.memory?.keep(stream, kept);
    }
    this.streams.clear();
  }

  /** The state of a loaded stream, all accepted events included. */
  stateOf<S, C, E>(_decider: Decider<S, C, E>, stream: string): S {
    return this.loaded(stream).state as S;
  }

  isLoaded(stream: string): boolean {
    return this.streams.has(stream);
  }

  isEmpty(stream: string): boolean {
    return this.loaded(stream).revision < 0n;
  }

  /** The append will fail if this stream has moved since it was read. */
  check(stream: string): void {
    this.loaded(stream).checked = true;
  }

  /** Adds decided events to a stream; later decisions see them. */
  accept(stream: string, events: readonly AnyEvent[], metadata: JsonObject): Accepted[] {
    const loaded = this.loaded(stream);
    const { evolve } = categoryOf(stream);
    if (events.length > 0) loaded.decided.push(events.length);
    return events.map((event) => {
      loaded.revision += 1n;
      loaded.state = evolve(loaded.state as never, event as never);
      const recorded = upcasters.stamped(newEvent(stream, loaded.revision, event, metadata));
      loaded.events.push(recorded);
      return { id: recorded.id, type: recorded.type };
    });
  }

  /** What is to be appended, with the revisions that were read. */
  appends(): StreamAppend[] {
    const appends: StreamAppend[] = [];
    for (const [stream, { read, events, decided, checked }] of this.streams) {
      if (events.length === 0) {
        if (checked) appends.push({ stream, expectedRevision: read, events });
        continue;
      }
      // A code that is somebody else's must be found out before anything says whose it is.
      const isFirst = stream.startsWith(CODES);
      appends.push({
        stream,
        expectedRevision: read,
        events,
        decided,
        ...(isFirst && { isFirst }),
      });
    }
    return appends;
  }

  private loaded(stream: string): Loaded {
    const loaded = this.streams.get(stream);
    if (loaded === undefined) throw new Error(`stream ${stream} was not loaded`);
    return loaded;
  }
}

function categoryOf(stream: string): Category {
  const category = categories[stream.slice(0, stream.indexOf('-'))];
  if (category === undefined) throw new Error(`no decider for stream ${stream}`);
  return category;
}

function fold(stream: string, events: readonly RecordedEvent[]): Loaded {
  const { initial, evolve } = categoryOf(stream);
  let state = initial(stream);
  for (const event of events) state = evolve(state as never, decodeEvent(event) as never);
  const last = events.at(-1);
  return {
    read: last === undefined ? 'no_stream' : last.revision,
    revision: last === undefined ? -1n : last.revision,
    state,
    events: [],
    decided: [],
    checked: false,
  };
}

/**
 * Ids are derived from stream, revision and content: an append whose outcome is unknown can be
 * repeated, and a different decision at the same revision is a different event.
 */
function newEvent(
  stream: string,
  revision: bigint,
  event: AnyEvent,
  metadata: JsonObject,
): NewEvent {
  const { type, effectiveAt } = event;
  const data = event.data as JsonObject;
  const said = JSON.stringify([stream, String(revision), type, effectiveAt, data, metadata]);
  return { id: uuidOf(hash('sha256', said, 'buffer')), type, effectiveAt, data, metadata };
}

/** A UUID of version 8 (RFC 9562, custom) from the first 128 bits of a hash. */
function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
