/**
 * The log in one PostgreSQL table. The theory, and what would break it:
 *
 * - Whoever appends takes one advisory lock first and holds it until the commit. So positions
 *   (max + 1, …) become visible in their order and without gaps, and a reader that has seen position
 *   n will never see a smaller one appear. A sequence would not do: it numbers before the commit,
 *   and a transaction that commits late is skipped by every reader that has passed it.
 * - The lock is a statement of its own. Read committed takes a snapshot for each statement, and that
 *   of the lock is from before the wait; the statement after it sees what the last holder wrote.
 *   Under repeatable read it would not: the primary key then refuses the append.
 * - A transaction that appends holds up all others, so nothing slow belongs into `within`, and rows
 *   that two appenders may both lock are locked before the log, or in one order.
 * - A notification is sent with the commit; it wakes the tails, which read the table and believe
 *   nothing else.
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { type CheckedAppend, checkedAppends } from '../append-rules.js';
import {
  type Appended,
  DuplicateEventId,
  type EventStore,
  type ExpectedRevision,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from '../event-store.js';
import { EVENT_COLUMNS, type EventRow, milliseconds, recordedEvent } from './event-rows.js';
import { RecentEvents } from './recent.js';
import { EVENTS_CHANNEL, tailLog } from './tail.js';

export interface PostgresEventStoreOptions {
  readonly db: Database;
  /** Each tail opens a connection of its own, to listen on. */
  readonly url: string;
  /** A tail that hears nothing reads after this time anyway. */
  readonly fallbackMs?: number;
}

/** Held by whoever appends to `events`, until the commit. */
export const LOG_LOCK = 7_390_100;
const DEFAULT_FALLBACK_MS = 1_000;
const DEFAULT_BATCH_SIZE = 1_000;

/** Where an append starts from. */
export interface LogState {
  /** Position of the last event, 0n when there is none. */
  readonly head: bigint;
  /** What the next events carry, unix milliseconds: the server's clock, but never before the last event's. */
  readonly recordedAt: number;
  /** Revision of each stream asked for, in that order; -1n when it has no events. */
  readonly revisions: readonly bigint[];
}

export class PostgresEventStore implements EventStore {
  readonly isTransactional: boolean = true;
  private readonly recent = new RecentEvents();

  constructor(private readonly options: PostgresEventStoreOptions) {}

  async append(
    appends: readonly StreamAppend[],
    within?: (tx: Transaction, appended: Appended) => Promise<void>,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Appended> {
    const checked = checkedAppends(appends);
    const appending = this.options.db.transaction().execute(async (tx) => {
      if (before !== undefined) {
        await this.lock(tx);
        await before(tx);
      }
      const appended = await this.write(tx, checked);
      await within?.(tx, appended);
      this.recent.expect(appending);
      return appended;
    });
    return appending;
  }

  /**
   * Appends in a transaction of the caller's (read committed); others wait from here to its end.
   * After RevisionConflict the transaction can go on; after DuplicateEventId it can only be rolled back.
   */
  async appendIn(tx: Transaction, appends: readonly StreamAppend[]): Promise<Appended> {
    return this.write(tx, checkedAppends(appends));
  }

  async readStreams(
    streams: readonly string[],
    within?: Transaction,
  ): Promise<Map<string, RecordedEvent[]>> {
    const { rows } = await sql<EventRow>`${PLANNED_ANEW}
      select e.* from unnest(${[...new Set(streams)]}::text[]) as s(stream)
      cross join lateral (select ${EVENT_COLUMNS} from events where stream = s.stream offset 0) as e
      order by e.stream, e.revision`.execute(within ?? this.options.db);
    const found = new Map<string, RecordedEvent[]>();
    for (const row of rows) {
      const events = found.get(row.stream);
      if (events === undefined) found.set(row.stream, [recordedEvent(row)]);
      else events.push(recordedEvent(row));
    }
    return found;
  }

  async readAll({ after, limit }: { after: bigint; limit: number }): Promise<RecordedEvent[]> {
    const { rows } = await sql<EventRow>`
      select ${EVENT_COLUMNS} from events where position > ${after}::bigint
      order by position limit ${limit}::bigint`.execute(this.options.db);
    return rows.map(recordedEvent);
  }

  async head(): Promise<bigint> {
    const { rows } = await sql<{ position: string }>`
      select coalesce(max(position), 0)::text as position from events`.execute(this.options.db);
    return BigInt(rows[0]?.position ?? 0);
  }

  tail(options: {
    after: bigint;
    batchSize?: number;
    signal: AbortSignal;
  }): AsyncIterable<RecordedEvent[]> {
    return tailLog({
      url: this.options.url,
      fallbackMs: this.options.fallbackMs ?? DEFAULT_FALLBACK_MS,
      read: (after, limit) => this.readAll({ after, limit }),
      recent: (after, limit) => this.recent.after(after, limit),
      after: options.after,
      batchSize: options.batchSize ?? DEFAULT_BATCH_SIZE,
      signal: options.signal,
    });
  }

  /** Waits until nobody else is appending. */
  protected async lock(tx: Transaction): Promise<void> {
    await sql`select pg_advisory_xact_lock(${LOG_LOCK}::bigint)`.execute(tx);
  }

  /** Only true while the lock is held. */
  protected async stateOf(tx: Transaction, streams: readonly string[]): Promise<LogState> {
    const { rows } = await sql<{ head: string; recorded_at: string; revisions: string[] }>`
      ${PLANNED_ANEW} select
        coalesce(last.position, 0)::text as head,
        ${milliseconds(sql`greatest(date_trunc('milliseconds', clock_timestamp()), last.recorded_at)`)}
          as recorded_at,
        array(
          select coalesce((select max(e.revision) from events e where e.stream = s.stream), -1)::text
          from unnest(${streams}::text[]) with ordinality as s(stream, n) order by s.n
        ) as revisions
      from (select) as one left join (
        select position, recorded_at from events order by position desc limit 1
      ) as last on true`.execute(tx);
    const row = rows[0];
    if (row === undefined) throw new Error('the log did not answer');
    return {
      head: BigInt(row.head),
      recordedAt: Number(row.recorded_at),
      revisions: row.revisions.map(BigInt),
    };
  }

  private async write(tx: Transaction, appends: readonly CheckedAppend[]): Promise<Appended> {
    await this.lock(tx);
    const state = await this.stateOf(
      tx,
      appends.map((append) => append.stream),
    );
    refuseConflicts(appends, state.revisions);
    const events = numbered(appends, state);
    const lastPosition = state.head + BigInt(events.length);
    if (events.length > 0) await insert(tx, appends, events, lastPosition);
    return { lastPosition, events };
  }
}

function refuseConflicts(appends: readonly CheckedAppend[], revisions: readonly bigint[]): void {
  for (const [i, { stream, expectedRevision }] of appends.entries()) {
    const revision = revisions[i] ?? -1n;
    const actual: ExpectedRevision = revision < 0n ? 'no_stream' : revision;
    if (actual !== expectedRevision) throw new RevisionConflict(stream, expectedRevision, actual);
  }
}

function numbered(appends: readonly CheckedAppend[], state: LogState): RecordedEvent[] {
  let position = state.head;
  return appends.flatMap((append, i) => {
    let revision = state.revisions[i] ?? -1n;
    return append.events.map(({ dataText, metadataText, ...event }) => {
      position += 1n;
      revision += 1n;
      return { ...event, position, revision, recordedAt: state.recordedAt };
    });
  });
}

/** One statement writes the events and sends the notification: the lock is held for one round trip less. */
async function insert(
  tx: Transaction,
  appends: readonly CheckedAppend[],
  events: readonly RecordedEvent[],
  lastPosition: bigint,
): Promise<void> {
  const texts = appends.flatMap((append) => append.events);
  const recordedAt = new Date(events[0]?.recordedAt ?? 0).toISOString();
  try {
    await sql`
      with appended as (
        insert into events
          (position, stream, revision, id, type, effective_at, recorded_at, data, metadata)
        select e.position, e.stream, e.revision, e.id, e.type, to_timestamp(e.effective_at),
          ${recordedAt}::timestamptz, e.data, e.metadata
        from rows from (unnest(
          ${events.map((e) => e.position)}::bigint[],
          ${events.map((e) => e.stream)}::text[],
          ${events.map((e) => e.revision)}::bigint[],
          ${events.map((e) => e.id)}::uuid[],
          ${events.map((e) => e.type)}::text[],
          ${events.map((e) => e.effectiveAt)}::float8[]
        ), jsonb_array_elements(${arrayText(texts.map((e) => e.dataText))}::jsonb),
          jsonb_array_elements(${arrayText(texts.map((e) => e.metadataText))}::jsonb)
        ) as e(position, stream, revision, id, type, effective_at, data, metadata)
      )
      select pg_notify(${EVENTS_CHANNEL}, ${String(lastPosition)})`.execute(tx);
  } catch (error) {
    throw isDuplicateId(error) ? new DuplicateEventId(error.detail) : error;
  }
}

/** One JSON array: as a jsonb[] the texts would be escaped and parsed once more, in half of the time of the insert. */
const arrayText = (texts: readonly string[]) => `[${texts.join(',')}]`;

function isDuplicateId(error: unknown): error is { detail: string } {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'events_id_key';
}

/**
 * A statement that begins with a comment is not prepared (libs/database), so it is planned for the
 * table as it is now. A plan made while the log had one page reads all of it, and would be kept for
 * the first minutes of an import, until the table is analysed. `lateral … offset 0` is for the same
 * time: without statistics, `stream = any(…)` is expected to match half of the log.
 */
const PLANNED_ANEW = sql`/* planned anew */`;
