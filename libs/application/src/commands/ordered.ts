/** What every order carries, and what its handlers need. */
import type { Transaction } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import type { Clock, Defaults, Instant } from '#libs/ledger';

/** Who ordered it and why; goes into the events' metadata. */
export interface Ordered {
  readonly actor: string;
  readonly reason?: string;
  /** Say what would change, change nothing. */
  readonly dryRun?: boolean;
}

/**
 * What orders leave for the intake, which alone knows where keys lead and who waits. Each is written
 * in the transaction that appends the order's events, so that neither is there without the other;
 * each can be done twice.
 */
export interface IntakeNotices {
  /** Members with anything dated from `since` on are looked at again under the settings as they are then. */
  settingsChanged(
    tx: Transaction,
    notice: { readonly creatorId: string; readonly since: Instant; readonly position: bigint },
  ): Promise<void>;
  /** Claims of the code lead to the member's stream, those dated after `notBefore`. */
  codeReserved(
    tx: Transaction,
    notice: {
      readonly code: string;
      readonly stream: string;
      readonly notBefore: Instant;
      readonly position: bigint;
    },
  ): Promise<void>;
  /** What names the membership leads to the member's stream; deliveries that waited for it are decided. */
  membershipAssigned(
    tx: Transaction,
    notice: {
      readonly membershipId: string;
      readonly stream: string;
      readonly position: bigint;
    },
  ): Promise<void>;
  /** The member stream that a username, lower-case, leads to in a community; undefined: none. */
  bearerOf(creatorId: string, username: string): Promise<string | undefined>;
  /** What deliveries have said of a membership so far. */
  membershipTold(membershipId: string, tx?: Transaction): Promise<MembershipTidings>;
}

export interface MembershipTidings {
  /** Whose it is; undefined: nobody has said so. */
  readonly stream: string | undefined;
  /** Told of a person whom that is not enough to name. */
  readonly creatorId: string | undefined;
  readonly userId: string | undefined;
  /** The first deliveries that wait for its person, and how many do. */
  readonly waiting: readonly WaitingDelivery[];
  readonly waitingCount: number;
}

export interface WaitingDelivery {
  readonly id: string;
  readonly type: string | null;
  readonly at: Instant | null;
}

/** What an order needs that appends and tells the intake. */
export interface OrderParts {
  readonly store: EventStore;
  readonly intake: IntakeNotices;
}

export interface CommandParts extends OrderParts {
  readonly clock: Clock;
  readonly defaults: Defaults;
}

/** Nest token of CommandParts. */
export const COMMAND_PARTS = Symbol('COMMAND_PARTS');
