/**
 * The journal of a cluster's log: the same table of events, filled by one follower. A position is the
 * rank of an event among those of ours in `$all`, so all followers of a cluster agree on it; so they do
 * on the time of recording, which is the appender's and never goes back along the journal.
 *
 * Events, the places where they lie in the cluster, and how far it was followed are written in one
 * transaction, by whoever holds the lease, onto exactly what that follower wrote or read last.
 */
import { sql } from 'kysely';
import { assertHeld, type Database, type Lease, type Transaction } from '#libs/database';
import { LOG_LOCK } from '../postgres/postgres-event-store.js';
import { EVENTS_CHANNEL } from '../postgres/tail.js';
import type { FollowedEvent, Origin } from './stored-event.js';

/** Whose journal it is, and how far it was followed. */
export interface LogHome {
  /** Identity of the cluster's log. */
  readonly store: string;
  /** Of the last event in the journal. */
  readonly position: bigint;
  /** Where that event lies in the cluster; undefined: nothing was followed yet. */
  readonly origin: Origin | undefined;
}

/** The journal cannot be what follows this cluster; nothing was written. */
export class JournalRefused extends Error {
  constructor(
    readonly code:
      | 'log_in_postgres'
      | 'log_of_another_cluster'
      | 'cluster_empty'
      | 'cluster_older'
      | 'log_gap'
      | 'journal_moved'
      | 'log_in_cluster'
      | 'log_differs'
      | 'log_in_use',
    message: string,
  ) {
    super(message);
  }
}

type Held = Pick<Lease, 'name' | 'epoch'>;

interface HomeRow {
  readonly store: string;
  readonly position: string;
  readonly commit_position: string | null;
  readonly prepare_position: string | null;
}

/** Undefined: the log is in Postgres, or nobody has followed anything yet. */
export async function logHome(db: Database | Transaction): Promise<LogHome | undefined> {
  const { rows } = await sql<HomeRow>`
    select store, position, commit_position, prepare_position from log_home`.execute(db);
  return rows[0] && homeOf(rows[0]);
}

/** A process whose log is in Postgres must not serve a journal. Throws JournalRefused. */
export async function refuseJournal(db: Database): Promise<void> {
  if (!(await hasHome(db)) || (await logHome(db)) === undefined) return;
  throw new JournalRefused(
    'log_in_cluster',
    'this database is the journal of a log in a cluster: start with EVENT_STORE=eventstoredb and its EVENTSTORE_URL',
  );
}

/** A process whose log is in a cluster must not serve a log that is here. Throws JournalRefused. */
export async function refuseOwnLog(db: Database): Promise<void> {
  if (!(await hasHome(db)) || (await logHome(db)) !== undefined) return;
  if ((await sql`select from events limit 1`.execute(db)).rows.length > 0) throw ownLog();
}

/** Whether the database has been migrated so far that it could be a journal. */
export async function hasHome(db: Database): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`
    select to_regclass('public.log_home') is not null as has`.execute(db);
  return rows[0]?.has === true;
}

export const otherCluster = () =>
  new JournalRefused(
    'log_of_another_cluster',
    'this database is the journal of another log than the one in the cluster of EVENTSTORE_URL: ' +
      'name the cluster that it belongs to, or follow this one with an empty database',
  );

const ownLog = () =>
  new JournalRefused(
    'log_in_postgres',
    'this database holds a log of its own: copy it to the cluster first (flywheel events copy), or use an empty one',
  );

/** Makes the journal that of a cluster, if it is nobody's and empty. Throws JournalRefused. */
export async function settleHome(db: Database, lease: Held, store: string): Promise<LogHome> {
  return db.transaction().execute(async (tx) => {
    await assertHeld(tx, lease);
    await lockLog(tx);
    const known = await logHome(tx);
    if (known !== undefined && known.store !== store) throw otherCluster();
    if (known !== undefined) return known;
    const { rows } = await sql`select from events limit 1`.execute(tx);
    if (rows.length > 0) throw ownLog();
    await sql`insert into log_home (store, position, followed_at) values (${store}, 0, clock_timestamp())`.execute(
      tx,
    );
    return { store, position: 0n, origin: undefined };
  });
}

/** Says that there was nothing more to follow just now. */
export async function followedUntilNow(db: Database, lease: Held): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await assertHeld(tx, lease);
    await sql`set local synchronous_commit = off`.execute(tx);
    await sql`update log_home set followed_at = clock_timestamp()`.execute(tx);
  });
}

/** Seconds since there was nothing more to follow, and how far it was followed; undefined: no journal. */
export async function journalLag(
  db: Database,
): Promise<{ readonly position: bigint; readonly lagSeconds: number } | undefined> {
  const { rows } = await sql<{ position: string; lag: string }>`
    select position, greatest(0, round(extract(epoch from clock_timestamp() - followed_at)))::bigint as lag
    from log_home`.execute(db);
  return rows[0] && { position: BigInt(rows[0].position), lagSeconds: Number(rows[0].lag) };
}

/**
 * Writes what came behind `home`; answers where the journal stands then. Throws LeaseLost, and
 * JournalRefused when a stream lacks an event or somebody else wrote.
 */
export async function journalise(
  db: Database,
  lease: Held,
  home: LogHome,
  events: readonly FollowedEvent[],
): Promise<LogHome> {
  const last = events.at(-1);
  if (last === undefined) return home;
  return db.transaction().execute(async (tx) => {
    await assertHeld(tx, lease);
    await lockLog(tx);
    // It is rebuilt from the cluster if the machine fails; whatever waits for the disk after it takes it along.
    await sql`set local synchronous_commit = off`.execute(tx);
    await sql`set local flywheel.follower = 'on'`.execute(tx);
    const state = await stateOf(tx, [...new Set(events.map(({ stream }) => stream))]);
    refuseMoved(home, state.home);
    refuseGaps(events, state.revisions);
    const next = { ...home, position: home.position + BigInt(events.length), origin: last.origin };
    await insert(tx, home.position, state.recordedAt, events);
    await sql`
      update log_home set position = ${next.position}::bigint, followed_at = clock_timestamp(),
        commit_position = ${last.origin.commit}::bigint, prepare_position = ${last.origin.prepare}::bigint`.execute(
      tx,
    );
    return next;
  });
}

const lockLog = (tx: Transaction) =>
  sql`select pg_advisory_xact_lock(${LOG_LOCK}::bigint)`.execute(tx);

interface JournalState {
  readonly home: LogHome | undefined;
  /** Unix milliseconds of the last event, 0 when there is none. */
  readonly recordedAt: number;
  readonly revisions: ReadonlyMap<string, bigint>;
}

async function stateOf(tx: Transaction, streams: readonly string[]): Promise<JournalState> {
  const { rows } = await sql<HomeRow & { recorded_at: string | null; revisions: string[] }>`
    /* planned anew */ select h.store, h.position, h.commit_position, h.prepare_position,
      (select (date_part('epoch', recorded_at) * 1000)::bigint from events order by position desc limit 1)
        as recorded_at,
      array(
        select coalesce((select max(e.revision) from events e where e.stream = s.stream), -1)::text
        from unnest(${[...streams]}::text[]) with ordinality as s(stream, n) order by s.n
      ) as revisions
    from log_home h`.execute(tx);
  const [row] = rows;
  const revisions = new Map(streams.map((stream, n) => [stream, BigInt(row?.revisions[n] ?? -1)]));
  return { home: row && homeOf(row), recordedAt: Number(row?.recorded_at ?? 0), revisions };
}

function refuseMoved(known: LogHome, found: LogHome | undefined): void {
  const isSame =
    found?.store === known.store &&
    found.position === known.position &&
    found.origin?.commit === known.origin?.commit &&
    found.origin?.prepare === known.origin?.prepare;
  if (!isSame)
    throw new JournalRefused('journal_moved', 'somebody else has written to the journal meanwhile');
}

/** Every stream begins at 0 and has no hole: else the cluster has lost events, or they are not ours. */
function refuseGaps(
  events: readonly FollowedEvent[],
  revisions: ReadonlyMap<string, bigint>,
): void {
  const next = new Map(revisions);
  for (const { stream, revision, id } of events) {
    const expected = (next.get(stream) ?? -1n) + 1n;
    if (revision !== expected)
      throw new JournalRefused(
        'log_gap',
        `event ${id} of ${stream} has revision ${revision} where ${expected} would be next: ` +
          'the cluster has lost events of it ($maxAge, $maxCount, a deletion), or others write to it',
      );
    next.set(stream, revision);
  }
}

async function insert(
  tx: Transaction,
  after: bigint,
  recordedAt: number,
  events: readonly FollowedEvent[],
): Promise<void> {
  let time = recordedAt;
  const times = events.map((event) => {
    time = Math.max(time, event.recordedAt);
    return time;
  });
  const positions = events.map((_, n) => after + BigInt(n + 1));
  await sql`
    with appended as (
      insert into events
        (position, stream, revision, id, type, effective_at, recorded_at, data, metadata)
      select e.position, e.stream, e.revision, e.id, e.type, to_timestamp(e.effective_at),
        timestamptz 'epoch' + e.recorded_ms * interval '1 millisecond', e.data, e.metadata
      from rows from (unnest(
        ${positions}::bigint[],
        ${events.map((e) => e.stream)}::text[],
        ${events.map((e) => e.revision)}::bigint[],
        ${events.map((e) => e.id)}::uuid[],
        ${events.map((e) => e.type)}::text[],
        ${events.map((e) => e.effectiveAt)}::float8[],
        ${times.map(String)}::bigint[]
      ), jsonb_array_elements(${arrayText(events.map((e) => e.dataText))}::jsonb),
        jsonb_array_elements(${arrayText(events.map((e) => e.metadataText))}::jsonb)
      ) as e(position, stream, revision, id, type, effective_at, recorded_ms, data, metadata)
    )
    select pg_notify(${EVENTS_CHANNEL}, ${String(positions.at(-1))})`.execute(tx);
  await sql`
    insert into event_origins (position, commit_position, prepare_position)
    select * from unnest(${positions}::bigint[], ${events.map((e) => e.origin.commit)}::bigint[],
      ${events.map((e) => e.origin.prepare)}::bigint[])`.execute(tx);
}

const arrayText = (texts: readonly string[]) => `[${texts.join(',')}]`;

const homeOf = (row: HomeRow): LogHome => ({
  store: row.store,
  position: BigInt(row.position),
  origin:
    row.commit_position === null || row.prepare_position === null
      ? undefined
      : { commit: BigInt(row.commit_position), prepare: BigInt(row.prepare_position) },
});
