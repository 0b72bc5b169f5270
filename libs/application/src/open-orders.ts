/**
 * What an order does beside its events, where the log is in no transaction with it. It is written down
 * before the events are appended, under the lock of the log, and struck out by the transaction that
 * does it. Whoever is killed in between leaves it here: the intake does it before it decides anything
 * else, if the event is in the log. So an order is done as a whole or was never ordered, and nothing that
 * is decided after it was recorded is decided without it.
 *
 * An event that is not in the log may still be on its way for as long as the cluster would take it, so
 * what was written down a moment ago is waited for. It never comes once its place is taken by another.
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import {
  type EventStore,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from '#libs/event-store';
import type { Instant } from '#libs/ledger';
import type { IntakeNotices } from './commands/ordered.js';

/** What is done beside the events of an order; all of it may be done twice. */
export type Notice =
  | { readonly kind: 'settings'; readonly creatorId: string; readonly since: Instant }
  | {
      readonly kind: 'code';
      readonly code: string;
      readonly stream: string;
      readonly notBefore: Instant;
    }
  | { readonly kind: 'membership'; readonly membershipId: string; readonly stream: string }
  | { readonly kind: 'erasure'; readonly creatorId: string; readonly memberId: string };

/** What an order leaves to be done once the last of its events on `stream` is in the log. */
export interface Leaving {
  readonly stream: string;
  readonly notice: Notice;
  /** Does it. `position`: of the last event of the order. */
  readonly perform: (tx: Transaction, position: bigint) => Promise<void>;
}

type IntakeNotice = Exclude<Notice, { kind: 'erasure' }>;

/** What is left for the intake. */
export const leavingFor = (
  intake: IntakeNotices,
  stream: string,
  notice: IntakeNotice,
): Leaving => ({
  stream,
  notice,
  perform: (tx, position) => tellIntake(intake, tx, notice, position),
});

function tellIntake(
  intake: IntakeNotices,
  tx: Transaction,
  notice: IntakeNotice,
  position: bigint,
): Promise<void> {
  switch (notice.kind) {
    case 'settings':
      return intake.settingsChanged(tx, { ...notice, position });
    case 'code':
      return intake.codeReserved(tx, { ...notice, position });
    case 'membership':
      return intake.membershipAssigned(tx, { ...notice, position });
  }
}

/** Writes down what is to be done. In the transaction that is ended before the events are appended. */
export async function openOrder(
  tx: Transaction,
  { stream, notice }: Leaving,
  appends: readonly StreamAppend[],
): Promise<void> {
  const append = appends.find((one) => one.stream === stream);
  const last = append?.events.at(-1);
  if (append === undefined || last === undefined)
    throw new RangeError(`the order appends nothing to ${stream}`);
  const { expectedRevision, events } = append;
  const before = expectedRevision === 'no_stream' ? -1n : expectedRevision;
  await sql`
    insert into open_orders (event, stream, revision, notice, made_at)
    values (${last.id}::uuid, ${stream}, ${before + BigInt(events.length)}::bigint,
      ${JSON.stringify(notice)}::jsonb, clock_timestamp())
    on conflict (event) do update set made_at = excluded.made_at`.execute(tx);
}

/** Strikes out what is done in this transaction. False: somebody else has done it. */
export async function closeOrder(tx: Transaction, event: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from open_orders where event = ${event}::uuid`.execute(tx);
  return numAffectedRows === 1n;
}

/** How long the cluster may take an append of somebody who is gone: its own deadline, and more. */
const ON_ITS_WAY_SECONDS = 10;
/** What has not come after this time is not kept. */
const FORGOTTEN_HOURS = 24;

/** Whether an order is, or may be, in the log and not done. Under the lock of the log only what was left by the dead. */
export async function isOrderOpen(tx: Transaction): Promise<boolean> {
  const { rows } = await sql`
    select from open_orders o
    where o.made_at > clock_timestamp() - make_interval(secs => ${ON_ITS_WAY_SECONDS})
      or exists (select from events e where e.stream = o.stream and e.revision = o.revision)
    limit 1`.execute(tx);
  return rows.length > 0;
}

export interface OpenOrderParts {
  readonly db: Database;
  readonly store: EventStore;
  readonly intake: IntakeNotices;
  /** Erases again, under the lock of the log, a person of whom the log says that they were erased. */
  readonly erase: (whom: { creatorId: string; memberId: string }) => Promise<unknown>;
}

interface OpenRow {
  readonly event: string;
  readonly stream: string;
  readonly revision: string;
  readonly notice: Notice;
  readonly is_fresh: boolean;
  readonly is_old: boolean;
}

/**
 * Does what orders left that were cut off. Answers whether some may still come: whoever decides waits
 * for them. Throws LogUnavailable.
 */
export async function finishOrders(parts: OpenOrderParts): Promise<boolean> {
  const { rows } = await sql<OpenRow>`
    select event, stream, revision, notice,
      made_at > clock_timestamp() - make_interval(secs => ${ON_ITS_WAY_SECONDS}) as is_fresh,
      made_at < clock_timestamp() - make_interval(hours => ${FORGOTTEN_HOURS}) as is_old
    from open_orders order by made_at, event limit 100`.execute(parts.db);
  let mayCome = false;
  for (const row of rows) {
    const isThere = await settleRow(parts, row);
    mayCome ||= !isThere && row.is_fresh;
  }
  return mayCome;
}

/** False: nothing stands in its place yet, and it may still come. */
async function settleRow(parts: OpenOrderParts, row: OpenRow): Promise<boolean> {
  const { event: id, notice, is_old: isOld } = row;
  const found = await eventIn(parts.store, row);
  if (found?.id === id) {
    await finish(parts, notice, found);
    return true;
  }
  if (found === undefined && !isOld) return false;
  await parts.db.transaction().execute((tx) => closeOrder(tx, id));
  return true;
}

async function finish(
  { store, intake, erase }: OpenOrderParts,
  notice: Notice,
  { id, position }: RecordedEvent,
): Promise<void> {
  if (notice.kind === 'erasure') {
    await erase(notice);
    await store.append([], async (tx) => void (await closeOrder(tx, id)));
    return;
  }
  await store.append([], async (tx) => {
    if (await closeOrder(tx, id)) await tellIntake(intake, tx, notice, position);
  });
}

/** What stands in its place in the log, not only in the journal: that may be behind. */
async function eventIn(
  store: EventStore,
  { stream, revision }: OpenRow,
): Promise<RecordedEvent | undefined> {
  const place = BigInt(revision);
  const expectedRevision = place === 0n ? 'no_stream' : place - 1n;
  try {
    await store.append([{ stream, expectedRevision, events: [] }]);
    return undefined;
  } catch (error) {
    if (!(error instanceof RevisionConflict)) throw error;
  }
  return (await store.readStreams([stream])).get(stream)?.[Number(place)];
}
