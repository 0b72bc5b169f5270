/** The events that are not payments and memberships, read from the log once for all who look for some. */
import { sql } from 'kysely';
import type { Stage } from './check.js';

/** Beyond the position of the read models too: deliveries are further than they are. */
export const rareStage: Stage = {
  table: 'flywheel_rare_events',
  rows: () => sql`
    select position, stream, revision, type, effective_at, data, metadata from public.events
    where type not in ('PaymentReceived', 'MembershipActivated', 'MembershipDeactivated',
      'CommissionRestated')`,
};
