/** What every order carries, and what its handlers need. */
import type { EventStore } from '#libs/event-store';
import type { Clock, Defaults } from '#libs/ledger';

/** Who ordered it and why; goes into the events' metadata. */
export interface Ordered {
  readonly actor: string;
  readonly reason?: string;
  /** Say what would change, change nothing. */
  readonly dryRun?: boolean;
}

export interface CommandParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly defaults: Defaults;
}

/** Nest token of CommandParts. */
export const COMMAND_PARTS = Symbol('COMMAND_PARTS');
