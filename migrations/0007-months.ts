/** Months that could not be closed when it was last tried: one row a creator, for health, metrics and the cron. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table blocked_months (
      creator_id text collate "C" primary key,
      month text collate "C" not null,
      code text collate "C" not null,
      detail text not null,
      since timestamptz not null,
      tried_at timestamptz not null
    )`.execute(db);
  await sql`grant select, insert, update, delete on blocked_months to flywheel_app`.execute(db);
}
