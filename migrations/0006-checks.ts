/** What the checks found when they were last run: one row a check, for health, metrics and the command line. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table check_results (
      name text collate "C" primary key,
      severity text collate "C" not null check (severity in ('error', 'warning')),
      violations bigint not null check (violations >= 0),
      first jsonb not null,
      position bigint not null,
      duration_ms integer not null,
      ran_at timestamptz not null
    )`.execute(db);
  await sql`grant select, insert, update, delete on check_results to flywheel_app`.execute(db);
}
