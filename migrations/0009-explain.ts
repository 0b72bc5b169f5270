/** Explanations start from the log: which streams may hold lines about a referrer, and which events a creator's month. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Nobody becomes a referrer but by one of these two: an entry for each claim that resolves, none
  // for payments. The expression is that of `streamsNaming` (libs/checks/src/lines-about.ts).
  await sql`
    create index events_naming on events ((coalesce(data ->> 'member', data ->> 'referrer')), stream)
    where type in ('ClaimResolved', 'ReferrerCorrected')`.execute(db);
}
