/** Load, decide, append, again when somebody came between: for one stream, or for several at once. */
import type { Transaction } from '#libs/database';
import {
  type Appended,
  type EventStore,
  type JsonObject,
  RevisionConflict,
  type StreamAppend,
} from '#libs/event-store';
import type { AnyEvent, Decider } from '#libs/ledger';
import type { Ordered } from './commands/ordered.js';
import { Decisions } from './decisions.js';
import { closeOrder, type Leaving, openOrder } from './open-orders.js';

export interface Executed<S> {
  readonly events: readonly AnyEvent[];
  readonly state: S;
  readonly position: bigint | undefined;
}

interface Order<S, C, E> {
  readonly decider: Decider<S, C, E>;
  readonly stream: string;
  readonly ordered: Ordered;
  /** What is done beside these events, if anything. */
  readonly leaves?: (events: readonly E[]) => Leaving | undefined;
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
  const { decider, stream, reads, commandOf, ordered, leaves } = order;
  const { decided, position } = await executeAcross<{ events: readonly E[]; state: S }>(store, {
    streams: [stream, ...reads],
    ordered,
    leaves: ({ events }) => leaves?.(events),
    decide: (decisions) => {
      for (const other of reads) decisions.check(other);
      const command = commandOf(decisions);
      const events = decider.decide(command, decisions.stateOf(decider, stream));
      decisions.accept(stream, events, metadataOf(command.type, ordered));
      return { events, state: decisions.stateOf(decider, stream) };
    },
  });
  return { ...decided, position };
}

/** What an event says of the order that caused it. */
export const metadataOf = (command: string, { actor, reason }: Ordered): JsonObject => ({
  command,
  actor,
  ...(reason === undefined ? {} : { reason }),
});

/** What was read outside of the log has changed since: it is read and decided again. */
export class OrderOvertaken extends Error {
  readonly code = 'order_overtaken';
}

/**
 * An order that may append to several streams. `decide` accepts what it decides; it is asked again
 * when a stream moved, or when `before` throws OrderOvertaken. Throws DomainError when refused, and
 * LogUnavailable: whether it was done is not known then, and it may be ordered again.
 */
export async function executeAcross<T>(
  store: EventStore,
  order: {
    readonly streams: readonly string[];
    readonly ordered: Ordered;
    readonly decide: (decisions: Decisions) => T | Promise<T>;
    /** What is done beside the events, and is done if they are in the log. */
    readonly leaves?: (decided: T) => Leaving | undefined;
    /** Under the lock of the log, before anything is appended: where `OrderOvertaken` is thrown. */
    readonly before?: (tx: Transaction, decided: T) => Promise<void>;
  },
): Promise<{ readonly decided: T; readonly position: bigint | undefined }> {
  const { streams, ordered, decide, leaves, before } = order;
  for (let attempt = 1; ; attempt++) {
    const decisions = new Decisions(store);
    await decisions.load(streams);
    const decided = await decide(decisions);
    const appends = decisions.appends();
    const isChange = appends.some(({ events }) => events.length > 0);
    if (ordered.dryRun || !isChange) return { decided, position: undefined };
    try {
      const { lastPosition } = await appendLeaving(
        store,
        appends,
        leaves?.(decided),
        before && ((tx) => before(tx, decided)),
      );
      return { decided, position: lastPosition };
    } catch (error) {
      const isOvertaken = error instanceof RevisionConflict || error instanceof OrderOvertaken;
      if (!isOvertaken || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Appends, and does what is left beside it: in the same transaction, or written down before. */
function appendLeaving(
  store: EventStore,
  appends: readonly StreamAppend[],
  leaving: Leaving | undefined,
  before: ((tx: Transaction) => Promise<void>) | undefined,
): Promise<Appended> {
  if (leaving === undefined) return store.append(appends, undefined, before);
  if (store.isTransactional)
    return store.append(
      appends,
      (tx, { lastPosition }) => leaving.perform(tx, lastPosition),
      before,
    );
  return store.append(
    appends,
    async (tx, { lastPosition, events }) => {
      await leaving.perform(tx, lastPosition);
      const last = events.filter(({ stream }) => stream === leaving.stream).at(-1);
      if (last !== undefined) await closeOrder(tx, last.id);
    },
    async (tx) => {
      await before?.(tx);
      await openOrder(tx, leaving, appends);
    },
  );
}
