/**
 * How a log moves: from PostgreSQL to a cluster, whose journal the database then is, and back.
 *
 * To the cluster every event goes in its order, one append after the other, with its id at its revision,
 * so that cut off anywhere it goes on where it stopped: what is there already is not appended again, and
 * what stands there and is another event refuses the copy. What counts is what comes back: everything
 * that the cluster says is compared with its source, byte by byte in canonical form, and its place is
 * noted. Only when all of it has come back, and under the lock of the log, does the database become a
 * journal. From then on whoever still writes to it as to a log of its own is refused by the database.
 *
 * The way back appends nothing: the journal is the log. It is compared with the cluster once more, takes
 * what it lacks, and is then nobody's journal.
 */
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import {
  acquireLease,
  assertHeld,
  type Database,
  type Lease,
  type Transaction,
} from '#libs/database';
import { checkedAppends } from '../append-rules.js';
import { canonicalBytes } from '../canonical.js';
import type { JsonObject, RecordedEvent } from '../event-store.js';
import { LOG_LOCK, PostgresEventStore } from '../postgres/postgres-event-store.js';
import { Cluster, type ClusterOptions } from './cluster.js';
import { WRITE_LOCK } from './eventstoredb-event-store.js';
import { FOLLOWER } from './follower.js';
import { following } from './following.js';
import { JournalRefused, journalise, logHome } from './journal.js';
import { identityOf, markEnd } from './log-identity.js';
import { ownHome } from './own-cluster.js';
import { piecesOf } from './pieces.js';
import { type FollowedEvent, isBehind, type Origin } from './stored-event.js';

export interface CopyOptions {
  /** The owner's. */
  readonly db: Database;
  readonly url: string;
  readonly cluster: ClusterOptions;
  readonly signal: AbortSignal;
  /** Positions that have been compared, of how many. */
  readonly onProgress?: (compared: bigint, head: bigint) => void;
}

export interface Copied {
  /** Position of the last event. */
  readonly head: bigint;
  readonly streams: bigint;
  /** SHA-256 over the canonical bytes of all events in their order, in hex; the same on both sides. */
  readonly digest: string;
  /** Events that were appended by this run. */
  readonly appended: bigint;
}

const BATCH = 500;
const IDLE_MS = 500;
/** Of a follower that still runs, to go. */
const LEASE_MS = 10_000;

/** Throws JournalRefused, LogUnavailable, ClusterRefused, and the signal's reason. */
export async function copyToCluster(options: CopyOptions): Promise<Copied> {
  const { db, signal } = options;
  const cluster = new Cluster(options.cluster);
  // What breaks an append ends its connection: not the one on which everything comes back.
  const reading = new Cluster(options.cluster);
  try {
    if ((await logHome(db)) !== undefined)
      throw new JournalRefused(
        'log_in_cluster',
        'this database is the journal of a log in a cluster already: there is nothing to copy',
      );
    const store = await identityOf(cluster, randomUUID);
    await sql`delete from event_origins`.execute(db);
    const there = new Until(await markEnd(cluster, randomUUID));
    const comparing = new Comparing(options);
    let appended = 0n;
    let said = 0n;
    const client = await reading.client();
    const { onPassed } = there;
    const place = { client, after: undefined, maxBatch: BATCH, idleMs: IDLE_MS, signal, onPassed };
    for await (const events of following(place)) {
      await comparing.take(events);
      await noteOrigins(db, events, comparing.position);
      // What an earlier copy has left is appended by nobody again, and what was appended comes back first.
      if (!there.hasCome(events) || comparing.position < said) continue;
      if (await became(db, store, comparing)) return { ...(await comparing.copied()), appended };
      said = await appendBehind(cluster, comparing);
      appended += said - comparing.position;
    }
    throw signal.reason;
  } finally {
    await Promise.all([cluster.close(), reading.close()]);
  }
}

/** Throws JournalRefused, LogUnavailable, ClusterRefused, and the signal's reason. */
export async function copyToPostgres(options: CopyOptions): Promise<Copied> {
  const { db, signal } = options;
  const cluster = new Cluster(options.cluster);
  const lease = await leaseOf(options);
  try {
    let home = await ownHome(db, cluster);
    if (home === undefined)
      throw new JournalRefused('log_in_postgres', 'the log is in this database already');
    const there = new Until(await markEnd(cluster, randomUUID));
    const comparing = new Comparing(options);
    let appended = 0n;
    const client = await cluster.client();
    const { onPassed } = there;
    const place = { client, after: undefined, maxBatch: BATCH, idleMs: IDLE_MS, signal, onPassed };
    for await (const events of following(place)) {
      const known = events.slice(0, Number(home.position - comparing.position));
      await comparing.take(known);
      const more = events.slice(known.length);
      home = await journalise(db, lease, home, more);
      appended += BigInt(more.length);
      await comparing.take(more);
      if (!there.hasCome(events)) continue;
      if (comparing.position < home.position) throw differs(comparing.position + 1n);
      await db.transaction().execute((tx) => leave(tx, lease));
      return { ...(await comparing.copied()), appended };
    }
    throw signal.reason;
  } finally {
    await lease.release();
    await cluster.close();
  }
}

/** Whether all that stood before a mark has come. Nothing else tells: a subscription hands out empty batches at any time. */
class Until {
  private isPassed = false;
  private wasPassed = false;
  private isAllThere = false;

  constructor(private readonly mark: Origin) {}

  readonly onPassed = (origin: Origin): void => {
    this.isPassed ||= !isBehind(this.mark, origin);
  };

  /** To be asked of each batch: that is all when the mark had been passed before an empty one was taken. */
  hasCome(events: readonly FollowedEvent[]): boolean {
    this.isAllThere ||= this.wasPassed && events.length === 0;
    this.wasPassed = this.isPassed;
    return this.isAllThere;
  }
}

/** What the cluster says, beside what stands here. */
class Comparing {
  /** Of the last event that is the same. */
  position = 0n;
  origin: Origin | undefined;
  readonly source: PostgresEventStore;
  private readonly digest = createHash('sha256');

  constructor(private readonly options: CopyOptions) {
    this.source = new PostgresEventStore(options);
  }

  /** Throws JournalRefused `log_differs`. */
  async take(events: readonly FollowedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const here = await this.source.readAll({ after: this.position, limit: events.length });
    for (const [n, event] of events.entries()) {
      const position = this.position + 1n;
      const own = here[n];
      const bytes = canonicalBytes(recordedAs(event, position));
      if (own === undefined || !canonicalBytes(own).equals(bytes)) throw differs(position);
      this.digest.update(bytes);
      this.position = position;
      this.origin = event.origin;
    }
    this.options.onProgress?.(this.position, await this.source.head());
  }

  async copied(): Promise<Omit<Copied, 'appended'>> {
    const { rows } = await sql<{ n: string }>`
      select count(distinct stream) as n from events where position <= ${this.position}::bigint`.execute(
      this.options.db,
    );
    const streams = BigInt(rows[0]?.n ?? 0);
    return { head: this.position, streams, digest: this.digest.copy().digest('hex') };
  }
}

const recordedAs = ({ dataText, metadataText, ...event }: FollowedEvent, position: bigint) =>
  ({
    ...event,
    position,
    data: JSON.parse(dataText) as JsonObject,
    metadata: JSON.parse(metadataText) as JsonObject,
  }) satisfies RecordedEvent & { origin: Origin };

const differs = (position: bigint) =>
  new JournalRefused(
    'log_differs',
    `the cluster and this database differ from position ${position} on: they are two logs. ` +
      'Copy to a cluster that holds nothing of Flywheel, or what an earlier copy of this log has left',
  );

/** The next events, in their order, one append after the other; runs of one stream go together. Answers the last position. */
async function appendBehind(cluster: Cluster, { source, position }: Comparing): Promise<bigint> {
  const events = await source.readAll({ after: position, limit: BATCH });
  for (let next = 0; next < events.length; ) {
    const first = events[next] as RecordedEvent;
    const { stream, recordedAt } = first;
    let end = next + 1;
    while (events[end]?.stream === stream && events[end]?.recordedAt === recordedAt) end += 1;
    const run = events.slice(next, end);
    const expectedRevision = first.revision === 0n ? 'no_stream' : first.revision - 1n;
    const decided = run.map(() => 1);
    const [checked] = checkedAppends([{ stream, expectedRevision, events: run, decided }]);
    for (const piece of checked === undefined ? [] : piecesOf(checked, recordedAt))
      await cluster.append(stream, piece.expectedRevision, piece.events);
    next = end;
  }
  return position + BigInt(events.length);
}

async function noteOrigins(
  db: Database,
  events: readonly FollowedEvent[],
  last: bigint,
): Promise<void> {
  if (events.length === 0) return;
  const first = last - BigInt(events.length) + 1n;
  await sql`
    insert into event_origins (position, commit_position, prepare_position)
    select * from unnest(${events.map((_, n) => first + BigInt(n))}::bigint[],
      ${events.map(({ origin }) => origin.commit)}::bigint[],
      ${events.map(({ origin }) => origin.prepare)}::bigint[])`.execute(db);
}

/** Makes the database the journal, if all of its log has come back. Under the lock of the log: nobody appends meanwhile. */
async function became(db: Database, store: string, comparing: Comparing): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOG_LOCK}::bigint)`.execute(tx);
    const { rows } = await sql<{ head: string }>`
      select coalesce(max(position), 0) as head from events`.execute(tx);
    if (rows[0]?.head !== String(comparing.position)) return false;
    const { commit = null, prepare = null } = comparing.origin ?? {};
    await sql`
      insert into log_home (store, position, commit_position, prepare_position, followed_at)
      values (${store}, ${comparing.position}::bigint, ${commit}::bigint, ${prepare}::bigint,
        clock_timestamp())`.execute(tx);
    return true;
  });
}

/** The journal is the log again. */
async function leave(tx: Transaction, lease: Lease): Promise<void> {
  await assertHeld(tx, lease);
  for (const lock of [WRITE_LOCK, LOG_LOCK])
    await sql`select pg_advisory_xact_lock(${lock}::bigint)`.execute(tx);
  const { rows } = await sql`select from open_orders limit 1`.execute(tx);
  if (rows.length > 0)
    throw new JournalRefused(
      'log_in_use',
      'an order was cut off before it was done: start the worker once more, it does it',
    );
  await sql`delete from log_home`.execute(tx);
  await sql`delete from event_origins`.execute(tx);
}

async function leaseOf({ url, signal }: CopyOptions): Promise<Lease> {
  const lease = await acquireLease({
    url,
    name: FOLLOWER,
    signal: AbortSignal.any([signal, AbortSignal.timeout(LEASE_MS)]),
  });
  signal.throwIfAborted();
  if (lease !== undefined) return lease;
  throw new JournalRefused('log_in_use', 'a worker follows the cluster: stop api and worker first');
}
