/**
 * How a snapshot comes into the log: pages first, then the seal, which is one event and makes them
 * mean something. Killed anywhere, a month is closed or it is not; called again, it is finished.
 *
 * Pages go to a stream named after what they hold, one append each. So whoever has the same pages to
 * write goes on where another stopped, many may write at once, and what an attempt left behind that
 * read something else is never in the way. The seal is appended to the revision of the months stream
 * that was read before the books: of many who close at once, one seals, and the others then find the
 * month closed.
 */
import { type EventStore, type JsonObject, RevisionConflict } from '#libs/event-store';
import {
  creatorStream,
  type Instant,
  type MonthsCommand,
  type MonthsEvent,
  type MonthsState,
  monthsDecider,
  monthsStream,
  type Snapshot,
  snapshotDecider,
} from '#libs/ledger';
import { Decisions, StreamMemory } from '../decisions.js';
import { metadataOf } from '../execute.js';
import { knownCreator } from './known-creator.js';
import type { Ordered } from './ordered.js';

const MAX_ATTEMPTS = 20;

/** A creator's seals, as they were read; what is decided on them is appended only if they still stand. */
export interface SealBook {
  readonly state: MonthsState;
  /** Throws DomainError when the command is refused; none: it is so already. */
  decide(command: MonthsCommand): readonly MonthsEvent[];
  /** Writes the pages, then what was decided. Undefined: somebody sealed meanwhile. */
  seal(
    events: readonly MonthsEvent[],
    snapshot: Snapshot,
    at: Instant,
  ): Promise<bigint | undefined>;
}

/** Runs an order on the seals, again when somebody sealed meanwhile. Throws `creator_not_found`. */
export async function onSeals<T>(
  store: EventStore,
  creatorId: string,
  { command, ordered }: { readonly command: string; readonly ordered: Ordered },
  run: (book: SealBook) => Promise<T | undefined>,
): Promise<T> {
  const stream = monthsStream(creatorId);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const decisions = new Decisions(store);
    await decisions.load([stream, creatorStream(creatorId)]);
    knownCreator(decisions, creatorId);
    const metadata = metadataOf(command, ordered);
    const done = await run({
      state: decisions.stateOf(monthsDecider, stream),
      decide: (order) => monthsDecider.decide(order, decisions.stateOf(monthsDecider, stream)),
      seal: async (events, snapshot, at) => {
        await writePages(store, events[0]?.data.snapshot ?? '', snapshot, at, metadata);
        decisions.accept(stream, events, metadata);
        return appended(store, decisions);
      },
    });
    if (done !== undefined) return done;
  }
  throw new Error(`the months of ${creatorId} never came to rest`);
}

async function writePages(
  store: EventStore,
  stream: string,
  { pages }: Snapshot,
  at: Instant,
  metadata: JsonObject,
): Promise<void> {
  // Between two pages the stream is remembered, not read again.
  let memory = new StreamMemory();
  let conflicts = 0;
  for (let page = 0; page < pages.length; ) {
    const decisions = new Decisions(store, memory);
    await decisions.load([stream]);
    const command = { type: 'WritePage', at, page, lines: pages[page] ?? [] } as const;
    const events = snapshotDecider.decide(command, decisions.stateOf(snapshotDecider, stream));
    decisions.accept(stream, events, metadata);
    if (events.length > 0 && (await appended(store, decisions)) === undefined) {
      // Another one who writes the same was faster.
      conflicts += 1;
      if (conflicts > MAX_ATTEMPTS * pages.length) throw new Error(`${stream} never came to rest`);
      memory = new StreamMemory();
      continue;
    }
    decisions.remember();
    page += 1;
  }
}

async function appended(store: EventStore, decisions: Decisions): Promise<bigint | undefined> {
  try {
    return (await store.append(decisions.appends())).lastPosition;
  } catch (error) {
    if (error instanceof RevisionConflict) return undefined;
    throw error;
  }
}
