/** What closing and restating a month need of the rest of the house, and what may stand in their way. */
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Clock, Instant } from '#libs/ledger';
import type { ProjectionWatch } from '#libs/projector';

export interface MonthParts {
  readonly store: EventStore;
  readonly clock: Clock;
  /** The read models; a close reads them in one snapshot. */
  readonly database: Database;
  readonly watch: Pick<ProjectionWatch, 'passed'>;
  readonly findings: CheckFindings;
  readonly deliveries: MonthDeliveries;
  /** How long read models that are behind are waited for. */
  readonly waitMs?: number;
  /** Bytes of a page of a snapshot, for tests. */
  readonly maxPageBytes?: number;
}

/** Nest token of MonthParts. */
export const MONTH_PARTS = Symbol('MONTH_PARTS');

/** A check that does not hold. */
export interface Finding {
  /** Its name. */
  readonly check: string;
  /** What contradicts it, in words. */
  readonly detail: string;
}

/** Failing checks that name a creator, or no creator at all: the log. Warnings are no findings. */
export interface CheckFindings {
  findingsFor(creatorId: string): Promise<readonly Finding[]>;
}

/** For whoever runs no checks beside a close. */
export const noFindings: CheckFindings = { findingsFor: async () => [] };

/** A delivery that is parked or in quarantine. */
export interface UnresolvedDelivery {
  readonly id: bigint;
  readonly status: 'parked' | 'quarantined';
  readonly type: string | null;
  readonly code: string | null;
  /** Time of what it tells; null: it could not be read. */
  readonly at: Instant | null;
  readonly receivedAt: Instant;
}

export interface UnresolvedDeliveries {
  /** The first of those that name the creator and are dated in the month, and how many there are. */
  readonly naming: readonly UnresolvedDelivery[];
  readonly namingCount: number;
  /** Dated in the month and of nobody, as far as anyone can tell. */
  readonly nameless: { readonly parked: number; readonly quarantined: number };
}

export interface MonthDeliveries {
  /** Dated in `[from, to)`; undated ones: received in it. */
  unresolvedIn(
    month: { readonly creatorId: string; readonly from: Instant; readonly to: Instant },
    limit: number,
  ): Promise<UnresolvedDeliveries>;
}
