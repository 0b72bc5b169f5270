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

const MAX_ATTEMPTS = 20;

/** Throws DomainError when the command is refused. */
export async function execute<S, C extends { type: string }, E extends AnyEvent>(
  store: EventStore,
  order: { decider: Decider<S, C, E>; stream: string; command: C; ordered: Ordered },
): Promise<Executed<S>> {
  const { decider, stream, command, ordered } = order;
  const { actor, reason, dryRun } = ordered;
  for (let attempt = 1; ; attempt++) {
    const decisions = new Decisions(store);
    await decisions.load([stream]);
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
