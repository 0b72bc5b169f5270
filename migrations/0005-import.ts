/** Imports: how far each file has been stored, and which deliveries it brought. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table imports (
      id bigint generated always as identity primary key,
      name text not null,
      sha256 bytea,
      kind text collate "C",
      creator_id text collate "C",
      bytes bigint,
      position bigint not null default 0,
      lines bigint not null default 0,
      stored bigint not null default 0,
      known bigint not null default 0,
      unreadable bigint not null default 0,
      problems jsonb not null default '[]',
      complete boolean not null default false,
      started_at timestamptz not null
    )`.execute(db);
  // The same file with the same reading goes on where it stopped; what has no hash begins anew.
  await sql`
    create unique index imports_file on imports (sha256, coalesce(kind, ''), coalesce(creator_id, ''))
    where sha256 is not null`.execute(db);
  await sql`
    create table import_ranges (
      import bigint not null references imports (id),
      first_id bigint not null,
      last_id bigint not null,
      stored bigint not null,
      primary key (import, first_id)
    )`.execute(db);
  await sql`grant select, insert, update on imports to flywheel_app`.execute(db);
  await sql`grant select, insert on import_ranges to flywheel_app`.execute(db);
}
