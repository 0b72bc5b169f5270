/**
 * Personal data is sealed, found by marks and can be erased. What a ledger holds in plain is not
 * touched here, where there is no key: it is sealed before the first process starts (libs/ingestion).
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await profiles(db);
  await deliveries(db);
}

/** A new table: what is dropped leaves no file, as deleted rows and columns would. */
async function profiles(db: Kysely<unknown>): Promise<void> {
  await sql`alter table profiles rename to profiles_in_plain`.execute(db);
  await sql`alter index profiles_pkey rename to profiles_in_plain_pkey`.execute(db);
  await sql`
    create table profiles (
      creator_id text collate "C" not null,
      member_id text collate "C" not null,
      sealed bytea,
      shown text collate "C",
      search bigint[],
      told_at bigint not null,
      told_by text collate "C" not null,
      erased_at timestamptz,
      primary key (creator_id, member_id),
      check (erased_at is null or (sealed is null and shown is null and search is null))
    )`.execute(db);
  await sql`create index profiles_search on profiles using gin (search)`.execute(db);
  await sql`grant select, insert, update on profiles to flywheel_app`.execute(db);
  await sql`
    do $$ begin
      if not exists (select from profiles_in_plain) then drop table profiles_in_plain; end if;
    end $$`.execute(db);
}

async function deliveries(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table deliveries
      add column body_form text collate "C" not null default 'plain'
        check (body_form in ('plain', 'sealed', 'scrubbed')),
      add column subjects bigint[]`.execute(db);
  // Of what is kept: a body that is gone tells of nobody.
  await sql`
    create index deliveries_subjects on deliveries using gin (subjects) where body is not null`.execute(
    db,
  );
  // Nobody has looked at them yet: the pending, and what an earlier release has left.
  await sql`
    create index deliveries_unmarked on deliveries (id)
    where body is not null and subjects is null and provider <> 'internal'`.execute(db);
  await sql`
    create table erased_subjects (
      mark bigint primary key,
      erased_at timestamptz not null default clock_timestamp()
    )`.execute(db);
  await sql`grant select, insert on erased_subjects to flywheel_app`.execute(db);
}
