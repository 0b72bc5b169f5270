/** A delivery as the intake takes it, and what becomes of it. */
import type { DeliveryOutcome } from '#libs/database';
import type { Instant, Owner } from '#libs/ledger';
import type { Person } from './provider.js';

export interface Delivery {
  readonly id: string;
  readonly provider: string;
  readonly body: Buffer;
  readonly receivedAt: Instant;
  /** What is left of it after a person was erased (scrub.ts). */
  readonly isScrubbed?: boolean;
}

/** What became of a delivery. */
export interface Verdict {
  readonly id: string;
  readonly outcome: Exclude<DeliveryOutcome, 'pending' | 'excluded'>;
  readonly type: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly creatorId: string | null;
  readonly effectiveAt: Instant | null;
  /** The last event that it caused. */
  readonly eventId: string | null;
  /** Where that event stands, if it was in the log before (repeated.ts). */
  readonly position?: string;
  /** Whose stream its events would stand in, where somebody is known. */
  readonly stream?: string | undefined;
  readonly waitsFor?: readonly string[];
  /** Marks of those whom it tells of; undefined: nobody can say, its bytes have to be read. */
  readonly subjects?: readonly bigint[] | undefined;
  /** Of a decided fact: what it calls its person, and who they are. */
  readonly told?: { readonly person: Person; readonly owner: Owner };
}
