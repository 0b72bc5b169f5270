/**
 * Finding events by their type. The types that most events have are found by looking through the
 * log, where they are never far; all others by this index, which costs an append only where it holds
 * the event.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create index events_of_rare_types on events (type, position) where type not in (
      'PaymentReceived', 'PaymentFailed', 'MembershipActivated', 'MembershipDeactivated',
      'ReferralCodeReserved', 'ReferralCodeAssigned', 'ClaimResolved')`.execute(db);
}
