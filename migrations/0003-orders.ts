/** What orders leave for the intake is looked for with every batch: it is found without reading a backlog. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index deliveries_orders on deliveries (id)
    where outcome = 'pending' and generation = 'order'`.execute(db);
}
