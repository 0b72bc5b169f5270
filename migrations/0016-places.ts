/**
 * The index of streams holds positions too: whether the events of each stream stand in the log in
 * the order of their revisions is then read from it alone, in its order; nothing needs to be sorted.
 */
import { type Kysely, sql } from 'kysely';

/** The constraint keeps its name. The new index is there before the old one goes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create unique index events_places on events (stream, revision) include (position)`.execute(db);
  await sql`alter table events drop constraint events_stream_revision_key`.execute(db);
  await sql`
    alter table events add constraint events_stream_revision_key unique using index events_places`.execute(
    db,
  );
}
