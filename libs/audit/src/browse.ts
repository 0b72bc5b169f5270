/**
 * Reading the log for people: pages that never repeat or skip, streams, and one event with what
 * stands around it. Pages go by position, which an append never moves: newest first, what comes
 * meanwhile lies before the first page; oldest first, behind the last.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '#libs/database';
import {
  EVENT_COLUMNS,
  type EventRow,
  type RecordedEvent,
  recordedEvent,
  upcastersOf,
} from '#libs/event-store';
import { DomainError, type LedgerEvent, ledgerEventOf, ledgerUpcasters } from '#libs/ledger';
import { type Cause, causeOf } from './cause.js';
import { type Counted, countOf } from './count.js';
import { checkFilter, type EventFilter, isEmptySpan, spanOf } from './filter.js';
import { behind, type Order, SCAN_LIMITS, type ScanLimits, Scanner } from './scan.js';
import { type ListedStream, streamsFrom, streamsOfCreator, streamToWhich } from './streams.js';
import { isStreamWithin, isWithin, noSuchStream, type OneCreator } from './within.js';

export interface AsOf {
  readonly position: bigint;
  /** Unix milliseconds; 0 before the first event. */
  readonly recordedAt: number;
}

/** As it was recorded, and as the catalogue knows it; undefined: this version knows no such event. */
export interface ReadEvent {
  readonly recorded: RecordedEvent;
  readonly event: LedgerEvent | undefined;
}

export interface EventsPage {
  readonly asOf: AsOf;
  readonly items: readonly ReadEvent[];
  /** Position behind which the next page begins; undefined: it was the last. */
  readonly next: bigint | undefined;
  /** The page looked at as much as it may and stopped here: there may be more behind. */
  readonly scannedTo: bigint | undefined;
}

export interface EventsAsked {
  readonly order: Order;
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: bigint | undefined;
}

const upcasters = upcastersOf(ledgerUpcasters);

/** What else the cause of an event made is looked for so far around it. */
const AROUND = 5_000n;
const MAX_SIBLINGS = 100;

export class Browser {
  readonly scanner: Scanner;

  constructor(
    readonly db: Database,
    limits: ScanLimits = SCAN_LIMITS,
  ) {
    this.scanner = new Scanner(db, limits);
  }

  /** Throws `filter_invalid`. */
  async page(filter: EventFilter, { order, limit, cursor }: EventsAsked): Promise<EventsPage> {
    checkFilter(filter);
    const asOf = await this.head();
    const whole = await spanOf(this.db, filter, asOf.position);
    const span = cursor === undefined ? whole : within(whole, cursor, order);
    const found = await this.scanner.find(filter, span, order, limit + 1);
    const shown = found.positions.slice(0, limit);
    const isMore = found.positions.length > limit;
    return {
      asOf,
      items: await this.eventsAt(shown, order),
      next: isMore ? shown.at(-1) : found.isCut ? found.reached : undefined,
      scannedTo: found.isCut && !isMore ? found.reached : undefined,
    };
  }

  /** How many events the filter lets pass, up to the head as it is. Throws `filter_invalid`. */
  async count(filter: EventFilter): Promise<Counted> {
    checkFilter(filter);
    const { position } = await this.head();
    return countOf(this.scanner, filter, await spanOf(this.db, filter, position));
  }

  /** Events of one stream, by revision. Throws `stream_not_found`, also for another creator's. */
  async stream(
    stream: string,
    asked: EventsAsked,
    creatorId?: OneCreator,
  ): Promise<EventsPage & { stream: ListedStream }> {
    if (!isStreamWithin(stream, creatorId)) throw noSuchStream(stream);
    const { items } = await streamsFrom(this.db, stream, { limit: 1 });
    const [found] = items;
    if (found?.stream !== stream) throw noSuchStream(stream);
    return { ...(await this.page({ stream }, asked)), stream: found };
  }

  async streams(
    prefix: string,
    page: { readonly after?: string | undefined; readonly limit: number },
    creatorId?: OneCreator,
  ): Promise<{ asOf: AsOf; items: ListedStream[]; next: string | undefined }> {
    const asOf = await this.head();
    const found =
      creatorId === undefined
        ? await streamsFrom(this.db, prefix, page)
        : await streamsOfCreator(this.db, creatorId, prefix, page);
    return { asOf, ...found };
  }

  /** The stream to which the id of a payment, refund, dispute or membership leads; undefined: to none of theirs. */
  async streamOfFact(factId: string, creatorId?: OneCreator): Promise<ListedStream | undefined> {
    const stream = await streamToWhich(this.db, factId);
    if (stream === undefined || !isStreamWithin(stream, creatorId)) return undefined;
    const { items } = await streamsFrom(this.db, stream, { limit: 1 });
    return items.find((found) => found.stream === stream);
  }

  /** By id or position. Throws `event_not_found`, also for another creator's. */
  async event(
    named: { readonly id: string } | { readonly position: bigint },
    creatorId?: OneCreator,
  ): Promise<ReadEvent> {
    const where =
      'id' in named
        ? sql<boolean>`id = ${named.id}::uuid`
        : sql<boolean>`position = ${named.position}::bigint`;
    const [found] = await this.read(where);
    if (found !== undefined && isWithin(found, creatorId)) return found;
    const name = 'id' in named ? `with the id ${named.id}` : `at position ${named.position}`;
    throw new DomainError('event_not_found', `there is no event ${name}`);
  }

  /** The events before and after it in its stream. */
  async neighbours({ stream, revision }: RecordedEvent): Promise<{
    readonly previous: RecordedEvent | undefined;
    readonly next: RecordedEvent | undefined;
  }> {
    const found = await this.read(sql<boolean>`stream = ${stream}
      and revision in (${revision - 1n}::bigint, ${revision + 1n}::bigint)`);
    const at = (wanted: bigint) => found.find(({ recorded }) => recorded.revision === wanted);
    return { previous: at(revision - 1n)?.recorded, next: at(revision + 1n)?.recorded };
  }

  /**
   * What else the same cause made in the same append, in order. An append has one moment and lies
   * together; what came at that moment around it is compared by what it says of its cause.
   */
  async siblings(
    event: RecordedEvent,
    creatorId?: OneCreator,
  ): Promise<{ items: readonly ReadEvent[]; isCut: boolean }> {
    const cause = JSON.stringify(event.metadata);
    const { rows } = await sql<{ position: string }>`
      /* planned anew */ select position from (
        select position, recorded_at, metadata from events
        where position > ${event.position - AROUND}::bigint
          and position < ${event.position + AROUND}::bigint offset 0) e
      where metadata = ${cause}::jsonb and position <> ${event.position}::bigint
        and recorded_at = (select recorded_at from events where position = ${event.position}::bigint)
      order by position limit ${MAX_SIBLINGS + 1}::bigint`.execute(this.db);
    const positions = rows.map(({ position }) => BigInt(position));
    const items = await this.eventsAt(positions.slice(0, MAX_SIBLINGS), 'oldest');
    const own = items.filter((one) => isWithin(one, creatorId));
    return { items: own, isCut: positions.length > MAX_SIBLINGS };
  }

  /** Its cause; a restatement has the reason of what it came with (`ReferrerCorrected`). */
  async causeOf(event: RecordedEvent): Promise<Cause> {
    const cause = causeOf(event);
    if (cause.kind !== 'command' || cause.reason !== null) return cause;
    const { items } = await this.siblings(event);
    for (const { recorded } of items) {
      const other = causeOf(recorded);
      if (other.kind === 'command' && other.reason !== null) return other;
    }
    return cause;
  }

  /** An event that this version knows, in today's shape. */
  upcast(recorded: RecordedEvent): RecordedEvent {
    return upcasters.upcast(recorded);
  }

  /** The last event's position and moment. */
  async head(): Promise<AsOf> {
    const { rows } = await sql<{ position: string; recorded_at: string }>`
      /* planned anew */ select position, (date_part('epoch', recorded_at) * 1000)::bigint as recorded_at
      from events order by position desc limit 1`.execute(this.db);
    const [row] = rows;
    return { position: BigInt(row?.position ?? 0), recordedAt: Number(row?.recorded_at ?? 0) };
  }

  /** Events at these positions, in this order. Pages of snapshots without their lines: nobody reads those in a list. */
  async eventsAt(positions: readonly bigint[], order: Order): Promise<ReadEvent[]> {
    if (positions.length === 0) return [];
    const found = await this.read(
      sql<boolean>`position = any(${positions}::bigint[])`,
      sql`(select position, stream, revision, id, type, effective_at, recorded_at, metadata,
        case when type = 'SnapshotPage' then jsonb_set(data, '{lines}', '[]') else data end as data
        from events) listed`,
    );
    return order === 'newest' ? found.reverse() : found;
  }

  private async read(
    where: RawBuilder<boolean>,
    from: RawBuilder<unknown> = sql`events`,
  ): Promise<ReadEvent[]> {
    const { rows } = await sql<EventRow>`
      /* planned anew */ select ${EVENT_COLUMNS} from ${from} where ${where}
      order by position`.execute(this.db);
    return rows.map(recordedEvent).map(readEventOf);
  }
}

/** What is left behind a cursor, which may lie anywhere. */
function within(whole: Parameters<typeof behind>[0], cursor: bigint, order: Order) {
  const rest = behind(whole, cursor, order);
  const isNarrower = order === 'newest' ? rest.through < whole.through : rest.above > whole.above;
  return isNarrower || isEmptySpan(whole) ? rest : whole;
}

export const readEventOf = (recorded: RecordedEvent): ReadEvent => ({
  recorded,
  event: decoded(recorded),
});

/** A type or version that this build does not know is shown as it is stored. */
function decoded(recorded: RecordedEvent): LedgerEvent | undefined {
  try {
    return ledgerEventOf(upcasters.upcast(recorded));
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'event_unknown' || code === 'unknown_event_version') return undefined;
    throw error;
  }
}
