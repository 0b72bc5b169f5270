/** The register: every read model there is. A new one is a file and a line here. */
import type { LedgerEvent } from '#libs/ledger';
import type { Projection } from '#libs/projector';
import { creatorDays } from './creator-days.js';
import { creatorMonths } from './creator-months.js';
import { creatorSettings } from './creator-settings.js';
import { creators } from './creators.js';
import { lines } from './lines.js';
import { memberDays } from './member-days.js';
import { memberMonths } from './member-months.js';
import { members } from './members.js';
import { rankings } from './rankings.js';
import { referrals } from './referrals.js';
import { snapshotCreators } from './snapshot-creators.js';
import { snapshotMembers } from './snapshot-members.js';
import { snapshotReferrers } from './snapshot-referrers.js';
import { snapshots } from './snapshots.js';
import { tierPins } from './tier-pins.js';

export * from './books.queries.js';
export * from './creators.queries.js';
export * from './damage.queries.js';
export * from './database-state.queries.js';
export * from './due.queries.js';
export * from './explain.queries.js';
export * from './members.queries.js';
export * from './month-lists.queries.js';
export * from './months.queries.js';
export * from './payments.queries.js';
export * from './ranking-as-of.queries.js';
export * from './read.queries.js';
export * from './referrals.queries.js';
export * from './sealed.queries.js';
export * from './series.queries.js';
export * from './snapshot.queries.js';
export * from './stated.queries.js';
export * from './statements.queries.js';
export type { PinColumns } from './tier-pins.queries.js';
export * from './top-referrers.queries.js';

export const register: readonly Projection<LedgerEvent>[] = [
  creators,
  creatorSettings,
  members,
  tierPins,
  lines,
  referrals,
  rankings,
  memberMonths,
  memberDays,
  creatorMonths,
  creatorDays,
  snapshots,
  snapshotMembers,
  snapshotReferrers,
  snapshotCreators,
];
