/**
 * The port of the log. An event store appends to several streams at once, each with an expected
 * revision, gives every event a dense global position, and is read by stream or in order.
 * Events are generic here: no domain. What an append may hold is in append-rules.ts, the same for
 * every adapter; what every adapter must do is test/contract/event-store.contract.ts.
 */
import type { Transaction } from '#libs/database';

/**
 * What an event may hold: strings of well-formed Unicode without NUL, safe integers, booleans, null,
 * arrays, and plain objects with printable ASCII keys. A member that is `undefined` is left out.
 */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

export interface NewEvent {
  /** UUID in lower case, unique in the log: appending it again is refused. */
  readonly id: string;
  readonly type: string;
  /** Whole unix seconds, of the years 1 to 9999. */
  readonly effectiveAt: number;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

export interface RecordedEvent extends NewEvent {
  /** Place in the log, from 1, without gaps. */
  readonly position: bigint;
  /** `category-id` (message-db's grammar). */
  readonly stream: string;
  /** Place in the stream, from 0, without gaps. */
  readonly revision: bigint;
  /** Unix milliseconds, set by the appender; never less than that of the event before. */
  readonly recordedAt: number;
}

export type ExpectedRevision = bigint | 'no_stream';

export interface StreamAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  /** None: only the revision is checked. */
  readonly events: readonly NewEvent[];
  /**
   * How many of the events belong together, one number for each decision. Where streams have a limit
   * an append is cut between two decisions, never within one. Absent: all belong together.
   */
  readonly decided?: readonly number[];
  /** Must be in the log before the other streams of the append, where they cannot be written together. */
  readonly isFirst?: boolean;
}

export interface Appended {
  /** The last position after the append, also when nothing was appended. */
  readonly lastPosition: bigint;
  /** Exactly the events appended, in order. */
  readonly events: readonly RecordedEvent[];
}

/** A stream did not stand at the expected revision; nothing was appended. */
export class RevisionConflict extends Error {
  readonly code = 'revision_conflict';
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: ExpectedRevision,
  ) {
    super(`stream ${stream} stands at ${actual}, not at ${expected}`);
  }
}

/** An event with this id is in the log already; nothing was appended. */
export class DuplicateEventId extends Error {
  readonly code = 'duplicate_event_id';
  constructor(readonly detail: string) {
    super(`an event id is in the log already: ${detail}`);
  }
}

/** What was to be appended is not what an event may be; nothing was appended. */
export class InvalidEvent extends Error {
  readonly code = 'invalid_event';
  /** @param path where, from the event down: `data.lines[3]`. */
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(`${path}: ${reason}`);
  }
}

/** An event or an append is larger than the limits of append-rules.ts; nothing was appended. */
export class AppendTooLarge extends Error {
  readonly code = 'append_too_large';
}

/**
 * The log, or what follows it, cannot be reached for now, or did not answer in time. What was to be
 * appended may be in the log or may not: the same decision is safe to repeat.
 */
export class LogUnavailable extends Error {
  readonly code = 'log_unavailable';
}

export interface EventStore {
  /** Whether events and what goes along with them are there together or not at all. */
  readonly isTransactional: boolean;

  /**
   * Appends to all streams or to none. `within` runs in the same transaction after the events are
   * written and before they are visible (Postgres). Where a cluster keeps the log, each stream is
   * appended to by itself, and `within` runs after, under the same lock of this database: cut off in
   * between, the decision is made again, so both must be repeatable. `before` runs under the lock,
   * before anything is written: what must be refused is refused there. What it writes is there
   * together with the events (Postgres), or before them and whatever becomes of them.
   * Throws RevisionConflict, DuplicateEventId, InvalidEvent, AppendTooLarge, LogUnavailable; TypeError
   * when one stream is named twice.
   */
  append(
    appends: readonly StreamAppend[],
    within?: (tx: Transaction, appended: Appended) => Promise<void>,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Appended>;

  /** Every event of each stream, in order; streams without events are absent. One round trip. */
  readStreams(
    streams: readonly string[],
    within?: Transaction,
  ): Promise<Map<string, RecordedEvent[]>>;

  /** Events with a position above `after`, in order, at most `limit`. */
  readAll(options: { after: bigint; limit: number }): Promise<RecordedEvent[]>;

  /** Position of the last event, 0n when the log is empty. */
  head(): Promise<bigint>;

  /**
   * Batches of events above `after`, in order, for ever, each event exactly once; wakes as soon as
   * something is appended by any process; ends when the signal aborts.
   */
  tail(options: {
    after: bigint;
    batchSize?: number;
    signal: AbortSignal;
  }): AsyncIterable<RecordedEvent[]>;
}

/** A log whose appends can join a transaction of the caller's. */
export interface JoinableLog extends EventStore {
  appendIn(tx: Transaction, appends: readonly StreamAppend[]): Promise<Appended>;
}
