/** Replays that were ordered: who and why, how far each is, what it found, and how it ended. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table replays (
      id bigint generated always as identity primary key,
      state text collate "C" not null default 'ordered'
        check (state in ('ordered', 'running', 'comparing', 'ready', 'promoting', 'promoted', 'discarded', 'failed')),
      projections text[],
      until text,
      actor text not null,
      reason text,
      register text collate "C" not null,
      automatic boolean not null default false,
      ordered_at timestamptz not null default clock_timestamp(),
      touched_at timestamptz not null default clock_timestamp(),
      revision bigint not null default 0,
      attempts integer not null default 0,
      epoch bigint,
      started_at timestamptz,
      schema text collate "C",
      phase text collate "C",
      at_table text collate "C",
      position bigint,
      head bigint,
      events_per_second bigint,
      errors integer not null default 0,
      code text collate "C",
      detail text,
      ready_at timestamptz,
      summary jsonb,
      difference_hash text collate "C",
      promote_actor text,
      promote_reason text,
      event_position bigint,
      ended_at timestamptz
    )`.execute(db);
  // One at a time: two would take each other's disk and time, and one of them would be in vain.
  await sql`
    create unique index replays_at_work on replays ((true))
    where state in ('ordered', 'running', 'comparing', 'promoting')`.execute(db);
  // The few that still hold tables of their own.
  await sql`create index replays_held on replays (state) where schema is not null`.execute(db);
  await sql`grant select, insert, update on replays to flywheel_app`.execute(db);
}
