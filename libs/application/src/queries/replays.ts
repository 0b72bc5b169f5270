/** Replays that were ordered, how far one is as it goes, and what it found. */
import { sql } from 'kysely';
import { type Database, listen } from '#libs/database';
import { DomainError } from '#libs/ledger';
import { type DifferenceRow, differenceRows, shapeOf } from '#libs/projector';
import { register } from '#projections';
import { isSettled, REPLAYS_CHANNEL, type Replay } from '../replays/replay.js';
import { replayWithId } from '../replays/replay-orders.js';
import { replaysWhere } from '../replays/replay-rows.js';
import { explainPathOf } from './replay-explained.js';

/** Throws `replay_not_found`. */
export const replayOf = replayWithId;

/** The newest first; `before`: the id of the last one seen. */
export const replaysOf = (
  db: Database,
  { limit, before }: { readonly limit: number; readonly before?: bigint | undefined },
): Promise<Replay[]> =>
  replaysWhere(
    db,
    sql`where ${before ?? null}::bigint is null or id < ${before ?? null}::bigint
      order by id desc limit ${limit}::integer`,
  );

export interface DifferencePageAsked {
  readonly limit: number;
  /** `n` of the last row seen. */
  readonly after?: number | undefined;
  readonly table?: string | undefined;
}

export interface DifferencePageFound {
  readonly replay: Replay;
  readonly rows: readonly ExplainedRow[];
}

export interface ExplainedRow extends DifferenceRow {
  /** Path of the API that says from the log what the row should hold. */
  readonly explain: string | undefined;
}

/**
 * Rows that differ, the largest first. Throws `replay_not_found`, `table_unknown`, and
 * `difference_missing` where there is none: not yet, or not any more.
 */
export async function differencePageOf(
  db: Database,
  id: string,
  { limit, after, table }: DifferencePageAsked,
): Promise<DifferencePageFound> {
  const replay = await replayWithId(db, id);
  const projection = register.find(({ name }) => name === table);
  if (table !== undefined && projection === undefined)
    throw new DomainError(
      'table_unknown',
      `there is no table ${table.slice(0, 40)}: they are ${register.map(({ name }) => name).join(', ')}`,
    );
  if (replay.schema === null || replay.summary === null) throw missing(replay);
  const page = { limit, ...(after && { after }), ...(table && { table }) };
  const rows = await differenceRows(db, replay.schema, page).catch((error: unknown) => {
    throw (error as { code?: unknown }).code === 'difference_missing' ? missing(replay) : error;
  });
  return { replay, rows: rows.map((row) => ({ ...declared(row), explain: explainPathOf(row) })) };
}

/** Keys and values in the order in which the projection declares them. */
function declared(row: DifferenceRow): DifferenceRow {
  const projection = register.find(({ name }) => name === row.table);
  if (projection === undefined) return row;
  const { key, values, recomputed } = shapeOf(projection);
  const order = ['position', 'n', ...[...key, ...values].map(({ property }) => property)];
  if (recomputed !== undefined) order.push(recomputed.property);
  const inOrder = <V>(fields: Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(
      Object.entries(fields).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)),
    );
  const { live, replayed } = row;
  return {
    ...row,
    key: inOrder(row.key),
    live: live && inOrder(live),
    replayed: replayed && inOrder(replayed),
  };
}

const missing = ({ id, state, code }: Replay): DomainError =>
  new DomainError(
    'difference_missing',
    `replay ${id} is ${state}${code === null ? '' : ` (${code})`}: its rows can be read while it is ready`,
  );

/** Watches what changes; asks anyway after this time: a hint may be lost. */
const ASK_MS = 1_000;

/**
 * The replay as it is, and again whenever it has changed, until nothing more happens to it by itself,
 * or the signal aborts. `seen`: a revision that need not be told again. Throws `replay_not_found`.
 */
export async function* replayChanges(
  { db, feed }: { readonly db: Database; readonly feed: Pick<ReplayFeed, 'heard'> },
  id: string,
  { signal, seen }: { readonly signal: AbortSignal; readonly seen?: bigint | undefined },
): AsyncGenerator<Replay, void, undefined> {
  let told = seen;
  while (!signal.aborted) {
    const next = feed.heard(id, ASK_MS, signal);
    const replay = await replayWithId(db, id);
    if (replay.revision !== told) yield replay;
    told = replay.revision;
    if (isSettled(replay)) return;
    await next;
  }
}

/** One connection for all who watch replays in this process, as long as any does. */
export class ReplayFeed {
  readonly #waiting = new Set<{ readonly id: string; readonly wake: () => void }>();
  #watchers = 0;
  #listening: AbortController | undefined;

  constructor(private readonly url: string) {}

  /** Listens while it runs. */
  async *watching<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    this.#watchers += 1;
    if (this.#listening === undefined) {
      this.#listening = new AbortController();
      const { signal } = this.#listening;
      const channels = [REPLAYS_CHANNEL];
      void listen({ url: this.url, channels, signal, onHeard: (_, id) => this.#tell(id) });
    }
    try {
      yield* source;
    } finally {
      this.#watchers -= 1;
      if (this.#watchers === 0) {
        this.#listening.abort();
        this.#listening = undefined;
      }
    }
  }

  /** Resolves when something is heard of the replay, after a time, or when the signal aborts. */
  heard(id: string, limitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiter = {
        id,
        wake: () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', waiter.wake);
          this.#waiting.delete(waiter);
          resolve();
        },
      };
      const timer = setTimeout(waiter.wake, limitMs);
      this.#waiting.add(waiter);
      signal.addEventListener('abort', waiter.wake, { once: true });
      if (signal.aborted) waiter.wake();
    });
  }

  /** The empty id: a connection was made, and anything may have been missed. */
  #tell(id: string): void {
    for (const waiter of [...this.#waiting]) if (id === '' || waiter.id === id) waiter.wake();
  }
}
