/** The events that are not payments and memberships, read from the log once for all who look for some. */
import { type RawBuilder, sql } from 'kysely';
import { type Scope, type Stage, staged } from './check.js';

/** Beyond the position of the read models too: deliveries are further than they are. */
export const rareStage: Stage = {
  table: 'flywheel_rare_events',
  whole: true,
  rows: () => sql`
    select position, stream, revision, type, effective_at, data, metadata from public.events
    where type not in ('PaymentReceived', 'MembershipActivated', 'MembershipDeactivated',
      'CommissionRestated')`,
};

/** For one creator alone the index finds the few of theirs. */
export const rareEvents = ({ creatorId }: Scope): RawBuilder<unknown> =>
  creatorId === undefined ? staged(rareStage) : sql`public.events`;
