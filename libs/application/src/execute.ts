/** Load, decide, append for one stream, again when somebody came between. */
import { type EventStore, RevisionConflict } from '#libs/event-store';
import type { AnyEvent, Decider } from '#libs/ledger';
import type { Ordered } from './commands/ordered.js';
import { Decisions } from './decisions.js';

export interface Executed<S> {
  readonly events: readonly AnyEvent[];
  readonly state: S;
  readonly position: bigint | undefined;
}

interface Order<S, C, E> {
  readonly decider: Decider<S, C, E>;
  readonly stream: string;
  readonly ordered: Ordered;
}

const MAX_ATTEMPTS = 20;

/** Throws DomainError when the command is refused. */
export function execute<S, C extends { type: string }, E extends AnyEvent>(
  store: EventStore,
  { command, ...order }: Order<S, C, E> & { readonly command: C },
): Promise<Executed<S>> {
  return executeReading(store, { ...order, reads: [], commandOf: () => command });
}

/**
 * A command that depends on other streams, `reads`. They are read together with the one that
 * decides, and what is decided is appended only if none of them has moved meanwhile.
 */
export async function executeReading<S, C extends { type: string }, E extends AnyEvent>(
  store: EventStore,
  order: Order<S, C, E> & {
    readonly reads: readonly string[];
    readonly commandOf: (seen: Pick<Decisions, 'stateOf'>) => C;
  },
): Promise<Executed<S>> {
  const { decider, stream, reads, commandOf, ordered } = order;
  const { actor, reason, dryRun } = ordered;
  for (let attempt = 1; ; attempt++) {
    const decisions = new Decisions(store);
    await decisions.load([stream, ...reads]);
    for (const other of reads) decisions.check(other);
    const command = commandOf(decisions);
    const events: readonly AnyEvent[] = decider.decide(command, decisions.stateOf(decider, stream));
    decisions.accept(stream, events, {
      command: command.type,
      actor,
      ...(reason === undefined ? {} : { reason }),
    });
    const state = decisions.stateOf(decider, stream);
    if (dryRun || events.length === 0) return { events, state, position: undefined };
    try {
      const { lastPosition } = await store.append(decisions.appends());
      return { events, state, position: lastPosition };
    } catch (error) {
      if (!(error instanceof RevisionConflict) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
