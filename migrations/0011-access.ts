/**
 * Who may come in. What opens a door is kept as its SHA-256 only: whoever reads this table, or a
 * backup of it, can open nothing with it.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await tokens(db);
  await signInLinks(db);
  await sessions(db);
}

/** A row is for ever: it says who let whom in, and who ended it. */
async function tokens(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table tokens (
      id bigint generated always as identity primary key,
      role text collate "C" not null check (role in ('admin', 'creator', 'member', 'auditor', 'cron')),
      creator_id text collate "C",
      member_id text collate "C",
      label text,
      sha256 bytea not null unique check (octet_length(sha256) = 32),
      created_at timestamptz not null default clock_timestamp(),
      created_by text not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      revoked_by text,
      check (case role
        when 'creator' then creator_id is not null and member_id is null
        when 'member' then creator_id is not null and member_id is not null
        when 'auditor' then member_id is null
        else creator_id is null and member_id is null end),
      check ((revoked_at is null) = (revoked_by is null))
    )`.execute(db);
  // Whose it is, what it opens and until when cannot be changed: it is revoked, and another made.
  await sql`grant select, insert on tokens to flywheel_app`.execute(db);
  await sql`grant update (last_used_at, revoked_at, revoked_by) on tokens to flywheel_app`.execute(
    db,
  );
}

/** Links that open a session once. */
async function signInLinks(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table sign_in_links (
      id text collate "C" primary key,
      sha256 bytea not null unique check (octet_length(sha256) = 32),
      role text collate "C" not null check (role in ('admin', 'creator', 'member', 'auditor')),
      creator_id text collate "C",
      member_id text collate "C",
      made_at timestamptz not null,
      made_by text not null,
      token_id bigint references tokens,
      proof bytea,
      expires_at timestamptz not null,
      used_at timestamptz
    )`.execute(db);
  await sql`grant select, insert, delete on sign_in_links to flywheel_app`.execute(db);
  await sql`grant update (used_at) on sign_in_links to flywheel_app`.execute(db);
}

/** Whoever is signed in. What a session may do is as it was opened; it only ends. */
async function sessions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table sessions (
      sha256 bytea primary key check (octet_length(sha256) = 32),
      role text collate "C" not null check (role in ('admin', 'creator', 'member', 'auditor')),
      creator_id text collate "C",
      member_id text collate "C",
      actor text not null,
      token_id bigint references tokens,
      proof bytea,
      opened_at timestamptz not null,
      seen_at timestamptz not null,
      expires_at timestamptz not null
    )`.execute(db);
  await sql`create index sessions_expire on sessions (expires_at)`.execute(db);
  await sql`grant select, insert, delete on sessions to flywheel_app`.execute(db);
  await sql`grant update (seen_at) on sessions to flywheel_app`.execute(db);
}
