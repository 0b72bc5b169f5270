/** The truth: the log, the deliveries, how deliveries find their stream, and who reads and runs what. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await role(db);
  await log(db);
  await ingestion(db);
  await running(db);
}

/**
 * The application runs as flywheel_app, which may insert into the log and read it, and nothing else.
 * Roles belong to the whole server, so several ledgers on one server share it.
 */
async function role(db: Kysely<unknown>): Promise<void> {
  await sql`
    do $$ begin
      create role flywheel_app nologin;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(db);
  await sql`
    do $$ begin
      execute format('grant flywheel_app to %I', current_user);
      execute format('grant create, temporary on database %I to flywheel_app', current_database());
      execute 'grant usage on schema public to flywheel_app';
    end $$`.execute(db);
}

async function log(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table events (
      position bigint primary key check (position > 0),
      stream text collate "C" not null,
      revision bigint not null check (revision >= 0),
      id uuid not null unique,
      type text collate "C" not null,
      effective_at timestamptz not null,
      recorded_at timestamptz not null,
      data jsonb not null,
      metadata jsonb not null,
      unique (stream, revision)
    )`.execute(db);
  await sql`
    create function events_are_immutable() returns trigger language plpgsql as $$
    begin
      raise exception 'the log is append-only: % of events is refused', tg_op using errcode = 'integrity_constraint_violation';
    end $$`.execute(db);
  await sql`create trigger events_keep before update or delete on events for each row execute function events_are_immutable()`.execute(
    db,
  );
  await sql`create trigger events_keep_all before truncate on events for each statement execute function events_are_immutable()`.execute(
    db,
  );
  await sql`grant select, insert on events to flywheel_app`.execute(db);
}

async function ingestion(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table deliveries (
      id bigint generated always as identity primary key,
      provider text collate "C" not null,
      delivery_id text collate "C" not null,
      body_sha256 bytea not null,
      generation text collate "C" not null,
      body bytea,
      headers jsonb,
      received_at timestamptz not null,
      outcome text collate "C" not null default 'pending'
        check (outcome in ('pending', 'applied', 'unchanged', 'ignored', 'parked', 'quarantined', 'excluded')),
      type text,
      code text collate "C",
      detail text,
      creator_id text collate "C",
      effective_at timestamptz,
      position bigint,
      decided_at timestamptz,
      unique (delivery_id, provider, body_sha256)
    )`.execute(db);
  await sql`create index deliveries_pending on deliveries (id) where outcome = 'pending'`.execute(
    db,
  );
  await sql`create index deliveries_unresolved on deliveries (outcome, id) where outcome in ('parked', 'quarantined')`.execute(
    db,
  );
  await sql`
    create table routes (
      key text collate "C" primary key,
      stream text collate "C" not null,
      not_before bigint
    )`.execute(db);
  await sql`
    create table bearers (
      key text collate "C" not null,
      stream text collate "C" not null,
      at bigint not null,
      source_id text collate "C" not null,
      primary key (key, stream)
    )`.execute(db);
  await sql`
    create table halves (
      key text collate "C" primary key,
      creator_id text collate "C",
      user_id text collate "C"
    )`.execute(db);
  await sql`
    create table waiting (
      key text collate "C" not null,
      delivery bigint not null references deliveries (id),
      primary key (key, delivery)
    )`.execute(db);
  await sql`
    create table watchers (
      key text collate "C" not null,
      stream text collate "C" not null,
      primary key (key, stream)
    )`.execute(db);
  await sql`
    create table profiles (
      creator_id text collate "C" not null,
      member_id text collate "C" not null,
      name text,
      username text,
      email text,
      told_at bigint not null,
      told_by text collate "C" not null,
      erased_at timestamptz,
      primary key (creator_id, member_id)
    )`.execute(db);
  await sql`grant select, insert, update, delete on deliveries, routes, bearers, halves, waiting, watchers, profiles to flywheel_app`.execute(
    db,
  );
}

async function running(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table projections (
      name text collate "C" primary key,
      version integer not null,
      schema text collate "C" not null,
      position bigint not null,
      recorded_at bigint not null
    )`.execute(db);
  await sql`
    create table leases (
      name text collate "C" primary key,
      epoch bigint not null,
      holder text,
      backend_pid integer,
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create table secrets (name text collate "C" primary key, value bytea not null)`.execute(
    db,
  );
  await sql`grant select, insert, update, delete on projections, leases to flywheel_app`.execute(
    db,
  );
  await sql`grant select, insert on secrets to flywheel_app`.execute(db);
}
