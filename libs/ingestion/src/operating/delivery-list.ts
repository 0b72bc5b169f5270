/** What operators see of deliveries: lists by what became of them, and one in full. Personal data is masked. */
import { type RawBuilder, sql } from 'kysely';
import type { Database, DeliveryOutcome } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { DomainError, type Instant } from '#libs/ledger';
import type { Vault } from '#libs/vault';
import { type BodyRow, openBody } from '../bodies.js';
import { masked, maskedDetail, maskedType } from './masking.js';
import { DELIVERY_STATUSES, type DeliveryStatus, nextStep, waitsInWords } from './words.js';

export interface DeliveryFilter {
  readonly status?: DeliveryStatus | 'unresolved' | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly creatorId?: string | undefined;
  /** Received in `[from, to)`. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

export interface ListedDelivery {
  readonly id: bigint;
  readonly provider: string;
  /** The sender's own id of it, or the SHA-256 of its bytes. */
  readonly deliveryId: string;
  readonly generation: string;
  readonly status: DeliveryStatus;
  readonly type: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly creatorId: string | null;
  /** Time of what it tells. */
  readonly effectiveAt: Instant | null;
  readonly receivedAt: Instant;
  readonly decidedAt: Instant | null;
  /** Position of the last event that it caused. */
  readonly position: bigint | null;
  readonly hasBody: boolean;
}

export type StatusCounts = Readonly<Record<DeliveryStatus, bigint>>;

interface Row {
  readonly id: string;
  readonly provider: string;
  readonly delivery_id: string;
  readonly generation: string;
  readonly outcome: DeliveryOutcome;
  readonly type: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly creator_id: string | null;
  readonly effective_at: string | null;
  readonly received_at: string;
  readonly decided_at: string | null;
  readonly position: string | null;
  readonly has_body: boolean;
}

const seconds = (column: string): RawBuilder<string | null> =>
  sql`floor(extract(epoch from ${sql.ref(column)}))::bigint`;

const COLUMNS = sql`d.id, d.provider, d.delivery_id, d.generation, d.outcome, d.type, d.code,
  d.detail, d.creator_id, ${seconds('d.effective_at')} as effective_at,
  ${seconds('d.received_at')} as received_at, ${seconds('d.decided_at')} as decided_at,
  d.position, d.body is not null as has_body`;

/** Newest first. `after`: the last id of the page before. */
export async function deliveriesOf(
  db: Database,
  filter: DeliveryFilter,
  page: { readonly limit: number; readonly after?: bigint | undefined },
): Promise<{ items: ListedDelivery[]; next: bigint | undefined }> {
  const { limit, after } = page;
  const conditions = [...conditionsOf(filter), statusCondition(filter.status)];
  if (after !== undefined) conditions.push(sql`d.id < ${String(after)}::bigint`);
  const { rows } = await sql<Row>`
    select ${COLUMNS} from deliveries d
    where ${sql.join(conditions, sql` and `)}
    order by d.id desc limit ${limit + 1}`.execute(db);
  const items = rows.slice(0, limit).map(listed);
  return { items, next: rows.length > limit ? items.at(-1)?.id : undefined };
}

/**
 * How many deliveries the filter finds of each status; its own status is left out of it. Almost all
 * are applied, so those are what remains of all: everything else is found by its index.
 */
export async function deliveryCounts(db: Database, filter: DeliveryFilter): Promise<StatusCounts> {
  const where = sql.join([...conditionsOf(filter), sql`true`], sql` and `);
  const { rows } = await sql<{ status: DeliveryStatus | 'all'; n: string }>`
    select 'all' as status, count(*) as n from deliveries d where ${where}
    union all
    select 'pending', count(*) from deliveries d where d.outcome = 'pending' and ${where}
    union all
    select 'conflict', count(*) from deliveries d
      where d.code = 'conflict' and d.outcome = 'applied' and ${where}
    union all
    select d.outcome, count(*) from deliveries d
      where d.outcome not in ('pending', 'applied') and ${where} group by d.outcome`.execute(db);
  const found = new Map(rows.map(({ status, n }) => [status, BigInt(n)]));
  const others = DELIVERY_STATUSES.reduce((sum, status) => sum + (found.get(status) ?? 0n), 0n);
  found.set('applied', (found.get('all') ?? 0n) - others);
  return Object.fromEntries(
    DELIVERY_STATUSES.map((status) => [status, found.get(status) ?? 0n]),
  ) as unknown as StatusCounts;
}

/** Literals, not parameters: only so does the planner know which partial index holds them. */
function statusCondition(status: DeliveryFilter['status']): RawBuilder<unknown> {
  switch (status) {
    case undefined:
      return sql`true`;
    case 'unresolved':
      return sql`d.outcome in ('parked', 'quarantined')`;
    case 'conflict':
      return sql`d.code = 'conflict' and d.outcome = 'applied'`;
    case 'applied':
      return sql`d.outcome = 'applied' and d.code is distinct from 'conflict'`;
    default:
      return sql`d.outcome = ${sql.lit(status)}`;
  }
}

function conditionsOf({ type, code, creatorId, from, to }: DeliveryFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  if (type !== undefined) conditions.push(sql`d.type = ${type}`);
  if (code !== undefined) conditions.push(sql`d.code = ${code}`);
  if (creatorId !== undefined) conditions.push(sql`d.creator_id = ${creatorId}`);
  if (from !== undefined) conditions.push(sql`d.received_at >= to_timestamp(${from}::bigint)`);
  if (to !== undefined) conditions.push(sql`d.received_at < to_timestamp(${to}::bigint)`);
  return conditions;
}

const instantFrom = (value: string | null): Instant | null =>
  value === null ? null : Number(value);

function listed(row: Row): ListedDelivery {
  const { outcome, code, type } = row;
  return {
    id: BigInt(row.id),
    provider: row.provider,
    deliveryId: row.delivery_id,
    generation: row.generation,
    status: outcome === 'applied' && code === 'conflict' ? 'conflict' : outcome,
    type: maskedType(type),
    code,
    detail: maskedDetail(code, row.detail),
    creatorId: row.creator_id,
    effectiveAt: instantFrom(row.effective_at),
    receivedAt: Number(row.received_at),
    decidedAt: instantFrom(row.decided_at),
    position: row.position === null ? null : BigInt(row.position),
    hasBody: row.has_body,
  };
}

export interface OrderOfDelivery {
  readonly ordered: 'redrive' | 'exclude';
  readonly actor: string;
  readonly reason: string | null;
  readonly at: Instant;
  readonly statusBefore: DeliveryOutcome;
  readonly codeBefore: string | null;
}

export interface DeliveryInFull extends ListedDelivery {
  readonly sha256: string;
  /** Null: it is no longer kept. */
  readonly bytes: number | null;
  /** As JSON with everything masked that might be personal; null: none is kept, or it is not JSON. */
  readonly body: unknown;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly position: bigint;
    readonly stream: string;
  }[];
  /** In words. */
  readonly waitsFor: readonly string[];
  readonly next: string;
  /** Oldest first. */
  readonly orders: readonly OrderOfDelivery[];
}

export interface DeliveryReading {
  readonly db: Database;
  readonly store: EventStore;
  readonly vault: Vault;
}

/** Throws `delivery_not_found`. */
export async function deliveryInFull(
  { db, store, vault }: DeliveryReading,
  id: bigint,
): Promise<DeliveryInFull> {
  const { rows } = await sql<Row & Omit<BodyRow, 'body'> & { readonly body: Buffer | null }>`
    select ${COLUMNS}, d.body_sha256, d.body_form, d.body
    from deliveries d where d.id = ${String(id)}::bigint`.execute(db);
  const row = rows[0];
  if (row === undefined) throw notFound(id);
  const item = listed(row);
  const body = row.body === null ? undefined : openBody(vault, { ...row, body: row.body });
  const [events, waits, orders] = await Promise.all([
    item.position === null ? [] : eventsOf(store, String(id), item.position),
    item.status === 'parked' ? waitsOf(db, id) : [],
    ordersOf(db, id),
  ]);
  return {
    ...item,
    sha256: row.body_sha256.toString('hex'),
    bytes: body?.length ?? null,
    body: body === undefined ? null : shownBody(body),
    events,
    waitsFor: waits.map((key) => waitsInWords(key, item.type)),
    next: nextStep(item.status, item.code, item.hasBody),
    orders,
  };
}

export const notFound = (id: bigint): DomainError =>
  new DomainError('delivery_not_found', `there is no delivery ${id}`);

function shownBody(body: Buffer): unknown {
  try {
    return masked(JSON.parse(body.toString('utf8')));
  } catch {
    return null;
  }
}

const EVENTS_READ = 500;

/** A delivery's events were appended together: all of them lie around the last, recorded at one moment. */
async function eventsOf(
  store: EventStore,
  delivery: string,
  last: bigint,
): Promise<DeliveryInFull['events']> {
  const momentAfter = async (after: bigint): Promise<number | undefined> =>
    (await store.readAll({ after, limit: 1 }))[0]?.recordedAt;
  const moment = await momentAfter(last - 1n);
  if (moment === undefined) return [];
  const step = BigInt(EVENTS_READ);
  let after = last;
  do after = after > step ? after - step : 0n;
  while (after > 0n && (await momentAfter(after)) === moment);
  const found: DeliveryInFull['events'][number][] = [];
  for (;;) {
    const events = await store.readAll({ after, limit: EVENTS_READ });
    for (const { id, type, position, stream, metadata } of events)
      if (metadata.delivery === delivery) found.push({ id, type, position, stream });
    const end = events.at(-1);
    if (end === undefined || events.length < EVENTS_READ || end.recordedAt > moment) return found;
    after = end.position;
  }
}

async function waitsOf(db: Database, id: bigint): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from waiting where delivery = ${String(id)}::bigint order by key`.execute(db);
  return rows.map(({ key }) => key);
}

async function ordersOf(db: Database, id: bigint): Promise<OrderOfDelivery[]> {
  const { rows } = await sql<{
    ordered: OrderOfDelivery['ordered'];
    actor: string;
    reason: string | null;
    at: string;
    outcome_before: DeliveryOutcome;
    code_before: string | null;
  }>`
    select ordered, actor, reason, floor(extract(epoch from at))::bigint as at, outcome_before,
      code_before
    from delivery_orders where delivery = ${String(id)}::bigint order by id`.execute(db);
  return rows.map((row) => ({
    ordered: row.ordered,
    actor: row.actor,
    reason: row.reason,
    at: Number(row.at),
    statusBefore: row.outcome_before,
    codeBefore: row.code_before,
  }));
}
