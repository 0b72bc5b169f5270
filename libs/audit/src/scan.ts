/**
 * Looking through the log for events that a filter lets pass, in order of position, without ever
 * reading more than a bound. Where to look is chosen anew for each page, the narrowest that there is:
 *
 * - streams that are known by name, by (stream, revision);
 * - all streams of a creator who has few events: they are read, and sorted;
 * - a rare type, by its index;
 * - else the log itself, window by window, each larger than the one before.
 *
 * What the chosen place does not decide is compared row by row. A scan that has looked at as much as
 * it may stops and says where: whoever wants more goes on from there. Statements are planned anew
 * (libs/database prepares none that begins with a comment): they depend on what is in the log.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '#libs/database';
import { type EventFilter, type EventType, isEmptySpan, lengthOf, type Span } from './filter.js';
import { revisionsAt } from './places.js';
import { countOfCreator, isOfCreator, memberStreams } from './streams.js';

export type Order = 'newest' | 'oldest';

/** Types that have no index (migrations/0010-audit.ts): they are most of the log. */
export const COMMON_TYPES: readonly EventType[] = [
  'PaymentReceived',
  'PaymentFailed',
  'MembershipActivated',
  'MembershipDeactivated',
  'ReferralCodeReserved',
  'ReferralCodeAssigned',
  'ClaimResolved',
];

/** How far a scan goes. */
export interface ScanLimits {
  /** Rows that a page looks at at most; a window more, where it had begun. */
  readonly lookedAt: number;
  /** Rows of the first window, and of the largest. */
  readonly firstWindow: number;
  readonly largestWindow: number;
  /** A creator with so many events at most is read whole. */
  readonly fewEvents: number;
  /** A span of so many positions is read as it is. */
  readonly shortSpan: bigint;
}
export const SCAN_LIMITS: ScanLimits = {
  lookedAt: 200_000,
  firstWindow: 2_000,
  largestWindow: 64_000,
  fewEvents: 4_000,
  shortSpan: 5_000n,
};
const GROWTH = 4;

export type Place =
  | { readonly kind: 'log' }
  | { readonly kind: 'type'; readonly type: EventType }
  | { readonly kind: 'creator'; readonly creatorId: string }
  | { readonly kind: 'streams'; readonly streams: readonly string[] };

export interface Found {
  /** In order. */
  readonly positions: readonly bigint[];
  /** Where the scan stopped: the last position looked at; undefined: there is nothing behind. */
  readonly reached: bigint | undefined;
  /** It stopped because it had looked at as much as it may. */
  readonly isCut: boolean;
}

/** Whoever looks for events; remembers what can never become untrue. */
export class Scanner {
  /** Creators who have more than few events. */
  private readonly large = new Set<string>();

  constructor(
    private readonly db: Database,
    private readonly limits = SCAN_LIMITS,
  ) {}

  /** At most `limit` positions of the span in order, `newest` first or `oldest`. */
  async find(filter: EventFilter, span: Span, order: Order, limit: number): Promise<Found> {
    if (isUnconditional(filter)) return densely(span, order, limit);
    const place = await this.placeOf(filter, span);
    const positions: bigint[] = [];
    let left = span;
    let lookedAt = 0;
    const { firstWindow, largestWindow } = this.limits;
    for (let window = firstWindow; ; window = Math.min(window * GROWTH, largestWindow)) {
      if (isEmptySpan(left)) return { positions, reached: undefined, isCut: false };
      const looked = await this.look(place, filter, left, order, {
        limit: limit - positions.length,
        window,
      });
      positions.push(...looked.positions);
      const reached = positions.length === limit ? positions.at(-1) : looked.reached;
      if (reached === undefined) return { positions, reached, isCut: false };
      if (positions.length === limit) return { positions, reached, isCut: false };
      left = behind(left, reached, order);
      lookedAt += looked.lookedAt;
      if (lookedAt >= this.limits.lookedAt && !isEmptySpan(left))
        return { positions, reached, isCut: true };
    }
  }

  /** The narrowest place that holds all that the filter lets pass. */
  private async placeOf(filter: EventFilter, span: Span): Promise<Place> {
    const { stream, creatorId, memberId, type } = filter;
    if (stream !== undefined) return { kind: 'streams', streams: [stream] };
    if (memberId !== undefined)
      return { kind: 'streams', streams: await memberStreams(this.db, memberId, creatorId) };
    if (lengthOf(span) <= this.limits.shortSpan) return { kind: 'log' };
    if (creatorId !== undefined && (await this.isSmall(creatorId)))
      return { kind: 'creator', creatorId };
    if (type !== undefined && !COMMON_TYPES.includes(type)) return { kind: 'type', type };
    return { kind: 'log' };
  }

  private async isSmall(creatorId: string): Promise<boolean> {
    if (this.large.has(creatorId)) return false;
    const { fewEvents } = this.limits;
    if ((await countOfCreator(this.db, creatorId, fewEvents + 1)) <= fewEvents) return true;
    this.large.add(creatorId);
    return false;
  }

  private look(
    place: Place,
    filter: EventFilter,
    span: Span,
    order: Order,
    most: { readonly limit: number; readonly window: number },
  ): Promise<Looked> {
    const conditions = conditionsOf(place, filter);
    const passes = conditions.length === 0 ? sql<boolean>`true` : allOf(conditions);
    // Where everything passes, what is looked at is what is found.
    const isOpen = conditions.length === 0 && place.kind !== 'log';
    const window = isOpen ? most.limit : most.window;
    const statement = { span, order, limit: most.limit, window, passes };
    switch (place.kind) {
      case 'log':
        return lookThroughLog(this.db, statement);
      case 'type':
        return lookThroughType(this.db, { ...statement, type: place.type });
      case 'creator':
        return lookThroughCreator(this.db, { ...statement, creatorId: place.creatorId });
      case 'streams':
        return lookThroughStreams(this.db, { ...statement, streams: place.streams });
    }
  }
}

export const isUnconditional = ({ type, stream, creatorId, memberId }: EventFilter): boolean =>
  (type ?? stream ?? creatorId ?? memberId) === undefined;

/** Positions have no gaps: where everything passes, nobody needs to look. */
function densely(span: Span, order: Order, limit: number): Found {
  const length = isEmptySpan(span) ? 0n : lengthOf(span);
  const isAll = length <= BigInt(limit);
  const positions = Array.from({ length: isAll ? Number(length) : limit }, (_, n) =>
    order === 'newest' ? span.through - BigInt(n) : span.above + 1n + BigInt(n),
  );
  return { positions, reached: isAll ? undefined : positions.at(-1), isCut: false };
}

/** What is left of the span once it was looked through up to a position. */
export const behind = (span: Span, reached: bigint, order: Order): Span =>
  order === 'newest' ? { ...span, through: reached - 1n } : { ...span, above: reached };

interface Looked {
  readonly positions: readonly bigint[];
  readonly reached: bigint | undefined;
  readonly lookedAt: number;
}

interface Statement {
  readonly span: Span;
  readonly order: Order;
  readonly limit: number;
  readonly window: number;
  /** Of `e`: what the place itself does not see to. */
  readonly passes: RawBuilder<boolean>;
}

/** What the place does not see to by itself. */
function conditionsOf(place: Place, { type, creatorId }: EventFilter): RawBuilder<boolean>[] {
  const conditions: RawBuilder<boolean>[] = [];
  if (type !== undefined && place.kind !== 'type') conditions.push(sql`e.type = ${type}`);
  // A member's streams are those of the creator already.
  const isOpen = place.kind === 'log' || place.kind === 'type';
  if (creatorId !== undefined && isOpen) conditions.push(isOfCreator(creatorId));
  return conditions;
}

const allOf = (conditions: readonly RawBuilder<boolean>[]): RawBuilder<boolean> =>
  sql`${sql.join(conditions, sql` and `)}`;

const directionOf = (order: Order) => (order === 'newest' ? sql.raw('desc') : sql.raw('asc'));
const inSpan = ({ above, through }: Span) =>
  sql`position > ${above}::bigint and position <= ${through}::bigint`;
const bigints = (rows: readonly { readonly position: string }[]): bigint[] =>
  rows.map(({ position }) => BigInt(position));

/** `offset 0` keeps the window what it is: the planner would look for whole ranges of streams instead. */
async function lookThroughLog(db: Database, statement: Statement): Promise<Looked> {
  const { span, order, limit, window, passes } = statement;
  const size = BigInt(window);
  const part =
    lengthOf(span) <= size
      ? span
      : order === 'newest'
        ? { above: span.through - size, through: span.through }
        : { above: span.above, through: span.above + size };
  const { rows } = await sql<{ position: string }>`
    /* planned anew */ select position from (
      select position, stream, type from events where ${inSpan(part)}
      order by position ${directionOf(order)} offset 0) e
    where ${passes} limit ${limit}::bigint`.execute(db);
  const end = order === 'newest' ? part.above + 1n : part.through;
  return { positions: bigints(rows), reached: end, lookedAt: window };
}

async function lookThroughType(
  db: Database,
  { span, order, limit, window, passes, type }: Statement & { readonly type: EventType },
): Promise<Looked> {
  // A literal: only so does the planner know that the index holds it.
  const { rows } = await sql<{ positions: string[]; count: string; reached: string | null }>`
    /* planned anew */ with looked as materialized (
      select position, stream, type from events
      where type = ${sql.lit(type)} and ${inSpan(span)}
      order by position ${directionOf(order)} limit ${window}::bigint)
    select
      array(select position::text from looked e where ${passes}
        order by e.position ${directionOf(order)} limit ${limit}::bigint) as positions,
      (select count(*) from looked) as count,
      (select ${order === 'newest' ? sql.raw('min') : sql.raw('max')}(position)::text from looked
        having count(*) = ${window}::bigint) as reached`.execute(db);
  return lookedOf(rows[0]);
}

/** All of them, and there are few. */
async function lookThroughCreator(
  db: Database,
  { span, order, limit, passes, creatorId }: Statement & { readonly creatorId: string },
): Promise<Looked> {
  const { rows } = await sql<{ position: string }>`
    /* planned anew */ select position from (
      select e.position, e.type from events e where ${isOfCreator(creatorId)} offset 0) e
    where ${inSpan(span)} and ${passes}
    order by position ${directionOf(order)} limit ${limit}::bigint`.execute(db);
  return { positions: bigints(rows), reached: undefined, lookedAt: rows.length };
}

/** So many of each stream; what lies behind the first stream that has more is left to the next look. */
async function lookThroughStreams(
  db: Database,
  statement: Statement & { readonly streams: readonly string[] },
): Promise<Looked> {
  const { span, order, limit, window, passes, streams } = statement;
  const [lows, highs] = await Promise.all([
    revisionsAt(db, streams, span.above + 1n),
    revisionsAt(db, streams, span.through + 1n),
  ]);
  const nearest = order === 'newest' ? sql.raw('max') : sql.raw('min');
  const within = order === 'newest' ? sql.raw('>=') : sql.raw('<=');
  const { rows } = await sql<{ positions: string[]; count: string; reached: string | null }>`
    /* planned anew */ with looked as materialized (
      select e.position, e.type, e.n, s.stream
      from unnest(${streams}::text[], ${lows}::bigint[], ${highs}::bigint[]) as s(stream, low, high)
      cross join lateral (
        select position, type, row_number() over (order by revision ${directionOf(order)}) as n
        from events where stream = s.stream and revision >= s.low and revision < s.high
        order by revision ${directionOf(order)} limit ${window}::bigint) e
    ), stop as (
      select ${nearest}(position) as position from looked where n = ${window}::bigint
    )
    select
      array(select e.position::text from looked e, stop where ${passes}
        and (stop.position is null or e.position ${within} stop.position)
        order by e.position ${directionOf(order)} limit ${limit}::bigint) as positions,
      (select count(*) from looked) as count,
      (select position::text from stop) as reached`.execute(db);
  return lookedOf(rows[0]);
}

const lookedOf = (
  row:
    | { readonly positions: string[]; readonly count: string; readonly reached: string | null }
    | undefined,
): Looked => ({
  positions: (row?.positions ?? []).map(BigInt),
  reached: row?.reached == null ? undefined : BigInt(row.reached),
  lookedAt: Number(row?.count ?? 0),
});
