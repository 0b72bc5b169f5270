/**
 * Where a cluster keeps the log, `events` is its journal: one row says whose and how far it was
 * followed, and each event keeps the place that it has there. While that row is there nobody but the
 * follower writes to `events`: a process that was started with the log in Postgres is refused.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table log_home (
      id boolean primary key default true check (id),
      store text collate "C" not null,
      position bigint not null check (position >= 0),
      commit_position bigint,
      prepare_position bigint,
      followed_at timestamptz not null,
      check ((commit_position is null) = (prepare_position is null))
    )`.execute(db);
  await sql`
    create table event_origins (
      position bigint primary key,
      commit_position bigint not null,
      prepare_position bigint not null
    )`.execute(db);
  await sql`create unique index event_origins_place on event_origins (commit_position, prepare_position)`.execute(
    db,
  );
  // What an order does to this database beside its events, until that is done: a cluster's log is not
  // in the transaction that does it.
  await sql`
    create table open_orders (
      event uuid primary key,
      stream text collate "C" not null,
      revision bigint not null check (revision >= 0),
      notice jsonb not null,
      made_at timestamptz not null
    )`.execute(db);
  await sql`
    create function events_come_from_their_home() returns trigger language plpgsql
      security invoker set search_path = pg_catalog as $$
    begin
      if exists (select from public.log_home)
        and coalesce(current_setting('flywheel.follower', true), '') <> 'on' then
        raise exception 'the log is in a cluster (EVENT_STORE=eventstoredb): only its follower writes to the journal'
          using errcode = 'object_not_in_prerequisite_state';
      end if;
      return null;
    end $$`.execute(db);
  await sql`revoke execute on function events_come_from_their_home() from public`.execute(db);
  await sql`
    create trigger events_home before insert on events
    for each statement execute function events_come_from_their_home()`.execute(db);
}
