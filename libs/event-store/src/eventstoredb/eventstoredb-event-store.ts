/**
 * A cluster as the log, read through its journal. The theory:
 *
 * - All writers of one database take one lock, as they do where Postgres keeps the log, and hold it
 *   from `before` to the end of `within`: between them nobody else of this database writes. The exact
 *   revisions guard against everybody else, and against what was read too early.
 * - Each stream is one append of its own, so an append to several can be cut off in between, and one
 *   that is complete can be cut off from `within`. Nothing is lost by that: what is in the log is true
 *   by itself (a decision is never divided), and the decision is made again by whoever ordered it.
 *   `before` is a transaction of its own, ended before anything is appended: what it writes stays.
 * - What was appended is waited for in the journal. So `within` knows positions, and whoever is
 *   answered reads their own writes. Streams are read from the journal; one that is known to have moved
 *   further is waited for. A journal that does not come is said (LogUnavailable), never guessed around.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { type CheckedAppend, type CheckedEvent, checkedAppends } from '../append-rules.js';
import {
  type Appended,
  type EventStore,
  LogUnavailable,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from '../event-store.js';
import { PostgresEventStore } from '../postgres/postgres-event-store.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { JournalRefused } from './journal.js';
import { refuseKnownIds, refuseTwins } from './known-ids.js';
import { ownHome } from './own-cluster.js';
import { atOnce, type Piece, piecesOf, revisionAfter } from './pieces.js';
import { Turns } from './turns.js';

export interface EventStoreDbOptions {
  /** The journal's. */
  readonly db: Database;
  readonly url: string;
  readonly cluster: ClusterOptions;
  /** How long the journal is waited for. */
  readonly journalMs?: number;
  readonly fallbackMs?: number;
}

/** Held by whoever appends to the cluster from this database; the follower does not take it. */
export const WRITE_LOCK = 7_390_101;
const JOURNAL_MS = 10_000;
const MIN_LOOK_MS = 2;
const MAX_LOOK_MS = 10;
/** Appends that are under way at once: the client has one stream of calls for all of them. */
export const APPENDS_IN_FLIGHT = 64;

export class EventStoreDbEventStore implements EventStore {
  readonly isTransactional = false;
  private readonly cluster: Cluster;
  private readonly turns = new Turns();
  private isClosed = false;
  /** The cluster has been found to be that of the journal. */
  private isOwn = false;
  private readonly journal: PostgresEventStore;
  /** Streams that stand further than the journal did when it was read last. */
  private readonly moved = new Map<string, bigint>();

  constructor(private readonly options: EventStoreDbOptions) {
    this.cluster = new Cluster(options.cluster);
    const { db, url, fallbackMs } = options;
    this.journal = new PostgresEventStore({
      db,
      url,
      ...(fallbackMs === undefined ? {} : { fallbackMs }),
    });
  }

  async append(
    appends: readonly StreamAppend[],
    within?: (tx: Transaction, appended: Appended) => Promise<void>,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Appended> {
    const checked = checkedAppends(appends);
    refuseTwins(checked);
    const { db } = this.options;
    // The exact revisions are enough where nothing of this database goes along with the events.
    if (within === undefined && before === undefined) return this.appendOn(db, checked);
    const inTurn = async (tx: Transaction) => {
      await lockWrites(tx);
      if (before !== undefined) await db.transaction().execute(before);
      const appended = await this.appendOn(tx, checked);
      await within?.(tx, appended);
      return appended;
    };
    return this.turns.take(() => db.transaction().execute(inTurn));
  }

  /**
   * Appends from within a transaction of the caller's (read committed); other writers wait from here
   * to its end. The events are in the log whatever becomes of the transaction.
   */
  async appendIn(tx: Transaction, appends: readonly StreamAppend[]): Promise<Appended> {
    const checked = checkedAppends(appends);
    refuseTwins(checked);
    await lockWrites(tx);
    return this.appendOn(tx, checked);
  }

  private async appendOn(
    db: Database | Transaction,
    appends: readonly CheckedAppend[],
  ): Promise<Appended> {
    await this.assertOwn(db);
    const recordedAt = await serverTime(db);
    await refuseKnownIds(db, appends);
    await this.write(appends, recordedAt);
    return this.journalled(db, appends);
  }

  async readStreams(
    streams: readonly string[],
    within?: Transaction,
  ): Promise<Map<string, RecordedEvent[]>> {
    const awaited = streams.filter((stream) => this.moved.has(stream));
    if (awaited.length > 0) await this.reached(within ?? this.options.db, awaited);
    return this.journal.readStreams(streams, within);
  }

  readAll(options: { after: bigint; limit: number }): Promise<RecordedEvent[]> {
    return this.journal.readAll(options);
  }

  head(): Promise<bigint> {
    return this.journal.head();
  }

  tail(options: {
    after: bigint;
    batchSize?: number;
    signal: AbortSignal;
  }): AsyncIterable<RecordedEvent[]> {
    return this.journal.tail(options);
  }

  /** Ends the connections to the cluster. */
  close(): Promise<void> {
    this.isClosed = true;
    return this.cluster.close();
  }

  /** Nothing is written to a cluster that is not the one whose journal this is: asked until it was, and after each failure. */
  private async assertOwn(db: Database | Transaction): Promise<void> {
    if (this.isOwn) return;
    try {
      this.isOwn = (await ownHome(db, this.cluster)) !== undefined;
    } catch (error) {
      // Nothing is written, and nothing of it is wrong with what is ordered.
      if (error instanceof JournalRefused)
        throw new LogUnavailable(`${error.code}: ${error.message}`);
      throw error;
    }
  }

  /** Everything to the cluster: what must be first, then the rest at once. Throws the first refusal, once all have ended. */
  private async write(appends: readonly CheckedAppend[], recordedAt: number): Promise<void> {
    const pieces = new Map(appends.map((append) => [append, piecesOf(append, recordedAt)]));
    const refusals: unknown[] = [];
    const each = async (some: readonly CheckedAppend[]) => {
      await atOnce(APPENDS_IN_FLIGHT, some, async (append) => {
        if (refusals.length > 0) return;
        try {
          await this.writeStream(append, pieces.get(append) ?? []);
        } catch (error) {
          refusals.push(error);
        }
      });
      // What is not known to have been refused may be there.
      const unknown = refusals.find(isUnknown);
      if (unknown !== undefined) this.isOwn = false;
      if (refusals.length > 0) throw unknown ?? refusals[0];
    };
    // What is only looked at is looked at before anything is written.
    await each(appends.filter(({ events }) => events.length === 0));
    await each(appends.filter(({ events, isFirst }) => events.length > 0 && isFirst === true));
    await each(appends.filter(({ events, isFirst }) => events.length > 0 && isFirst !== true));
  }

  private async writeStream(append: CheckedAppend, pieces: readonly Piece[]): Promise<void> {
    const { stream, expectedRevision } = append;
    try {
      if (append.events.length === 0) {
        const actual = await this.cluster.revisionOf(stream);
        if (actual !== expectedRevision)
          throw new RevisionConflict(stream, expectedRevision, actual);
      }
      for (const piece of pieces) {
        await this.cluster.append(stream, piece.expectedRevision, piece.events);
        // Should another stream be refused, whoever decides again must see this one.
        this.expect(stream, revisionAfter(piece));
      }
    } catch (error) {
      if (error instanceof RevisionConflict && error.actual !== 'no_stream')
        this.expect(stream, error.actual);
      throw error;
    }
  }

  private expect(stream: string, revision: bigint): void {
    const known = this.moved.get(stream);
    if (known === undefined || revision > known) this.moved.set(stream, revision);
  }

  /** Waits for the journal and forgets that it had to. */
  private async reached(db: Database | Transaction, streams: readonly string[]): Promise<void> {
    const wanted = streams.map((stream) => this.moved.get(stream) ?? -1n);
    await this.patiently(async () => {
      const { rows } = await sql<{ behind: string }>`
        select count(*) as behind
        from unnest(${[...streams]}::text[], ${wanted}::bigint[]) as w(stream, revision)
        where coalesce((select max(e.revision) from events e where e.stream = w.stream), -1) < w.revision`.execute(
        db,
      );
      return rows[0]?.behind === '0' ? true : undefined;
    });
    for (const [n, stream] of streams.entries())
      if (this.moved.get(stream) === wanted[n]) this.moved.delete(stream);
  }

  /** The events as the journal has them, once it does. */
  private async journalled(
    db: Database | Transaction,
    appends: readonly CheckedAppend[],
  ): Promise<Appended> {
    const events = appends.flatMap((append) => append.events);
    if (events.length === 0) return { lastPosition: await headOf(db), events: [] };
    await this.reached(db, [...new Set(events.map(({ stream }) => stream))]);
    const { rows } = await sql<PlaceRow>`
      select id, position, revision, (date_part('epoch', recorded_at) * 1000)::bigint as recorded_at
      from events where id = any(${events.map(({ id }) => id)}::uuid[])`.execute(db);
    const places = new Map(rows.map((row) => [row.id, row]));
    const recorded = events.map((event) => recordedAs(event, places.get(event.id)));
    const [last = 0n] = recorded.map(({ position }) => position).sort((a, b) => (a < b ? 1 : -1));
    return { lastPosition: last, events: recorded };
  }

  private async patiently<T>(look: () => Promise<T | undefined>): Promise<T> {
    const until = performance.now() + (this.options.journalMs ?? JOURNAL_MS);
    let pauseMs = MIN_LOOK_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.isClosed || performance.now() + pauseMs > until)
        throw new LogUnavailable(
          'the journal does not hold yet what is in the log: its follower is behind or away',
        );
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, MAX_LOOK_MS);
    }
  }
}

interface PlaceRow {
  readonly id: string;
  readonly position: string;
  readonly revision: string;
  readonly recorded_at: string;
}

const isUnknown = (error: unknown): boolean => error instanceof LogUnavailable;

async function lockWrites(tx: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${WRITE_LOCK}::bigint)`.execute(tx);
}

/** Unix milliseconds: what events are recorded at. */
async function serverTime(db: Database | Transaction): Promise<number> {
  const { rows } = await sql<{ now: string }>`
    select (date_part('epoch', date_trunc('milliseconds', clock_timestamp())) * 1000)::bigint as now`.execute(
    db,
  );
  return Number(rows[0]?.now);
}

async function headOf(db: Database | Transaction): Promise<bigint> {
  const { rows } = await sql<{ position: string }>`
    select coalesce(max(position), 0)::text as position from events`.execute(db);
  return BigInt(rows[0]?.position ?? 0);
}

function recordedAs(event: CheckedEvent, place: PlaceRow | undefined): RecordedEvent {
  if (place === undefined)
    throw new Error(`event ${event.id} is in the log, and its journal has another in its place`);
  const { dataText: _, metadataText: __, ...header } = event;
  return {
    ...header,
    position: BigInt(place.position),
    revision: BigInt(place.revision),
    recordedAt: Number(place.recorded_at),
  };
}
