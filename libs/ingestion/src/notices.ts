/**
 * What orders leave for the intake (libs/application knows only the port). Everything here runs in
 * the transaction that appends the order's events and holds the lock of the log: the intake writes
 * under that lock too, so a batch either sees an order or is refused by it.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { IntakeNotices, MembershipTidings } from '#libs/application';
import type { Database, Transaction } from '#libs/database';
import { DELIVERIES_CHANNEL } from './deliveries.js';
import { INTERNAL, internalBody, ORDER, type RouteTask } from './internal.js';
import { type Keys, membershipKey } from './keys.js';
import { Routing } from './routing.js';

/** How many of the waiting deliveries are named. */
const MAX_NAMED = 50;
/** No fact is dated later than this after its receipt (product.md, "Money"). */
const LONGEST_AHEAD_MS = 24 * 3_600_000;
/** Dated by when they were recorded, not by a fact. */
const UNDATED = ['ClaimResolved', 'CommissionRestated', 'ConflictFound', 'ReferralCodeAssigned'];

export function intakeNotices(db: Database, keys: () => Promise<Keys>): IntakeNotices {
  return {
    bearerOf: async (creatorId, username) => {
      const key = (await keys()).username(creatorId, username);
      const routing = new Routing(db);
      await routing.loadBearers([key]);
      return routing.bearerOf(key);
    },
    settingsChanged: async (tx, { creatorId, since, position }) => {
      await wakeMembers(tx, creatorId, since, position);
      await ring(tx);
    },
    codeReserved: async (tx, { code, stream, notBefore, position }) => {
      await sendOrder(tx, `code ${code}`, { task: 'code', code, stream, notBefore }, position);
      await ring(tx);
    },
    membershipAssigned: async (tx, { membershipId, stream, position }) => {
      const task = { task: 'membership', membershipId, stream } as const;
      await sendOrder(tx, `membership ${membershipId}`, task, position);
      await ring(tx);
    },
    membershipTold: (membershipId, tx) => membershipTold(tx ?? db, membershipId),
  };
}

/** The intake looks by itself too: this only makes it look at once. */
const ring = (tx: Transaction) => sql`select pg_notify(${DELIVERIES_CHANNEL}, '')`.execute(tx);

async function sendOrder(
  tx: Transaction,
  id: string,
  task: RouteTask,
  position: bigint,
): Promise<void> {
  const body = Buffer.from(internalBody(task));
  const hash = createHash('sha256').update(body).digest();
  await sql`
    insert into deliveries
      (provider, delivery_id, body_sha256, generation, body, received_at, position)
    values ('internal', ${id}, ${hash}, ${ORDER}, ${body}, clock_timestamp(), ${position}::bigint)
    on conflict do nothing`.execute(tx);
}

/** One internal delivery for each member of the creator with anything dated from an instant on. */
async function wakeMembers(
  tx: Transaction,
  creatorId: string,
  since: number,
  position: bigint,
): Promise<void> {
  const after = await lastPositionBefore(tx, since * 1000 - LONGEST_AHEAD_MS, position);
  // Streams of one creator's members lie together: '.' ends the creator's id, '/' is next to it.
  await sql`
    insert into deliveries (provider, delivery_id, body_sha256, generation, body, received_at)
    select 'internal', ${`settings ${position} `}::text || m.stream, sha256(m.body), ${INTERNAL},
      m.body, clock_timestamp()
    from (
      select e.stream,
        convert_to(json_build_object('task', 'settings', 'stream', e.stream)::text, 'UTF8') as body
      from events e
      where e.position > ${after}::bigint
        and e.stream >= ${`member-${creatorId}.`}::text and e.stream < ${`member-${creatorId}/`}::text
        and e.effective_at >= to_timestamp(${since}::bigint) and e.type <> all(${UNDATED}::text[])
      group by e.stream order by e.stream) m
    on conflict do nothing`.execute(tx);
}

/** The last position recorded before an instant: recorded times never fall along the log. */
async function lastPositionBefore(tx: Transaction, ms: number, head: bigint): Promise<bigint> {
  let low = 0n;
  let high = head;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    const { rows } = await sql<{ before: boolean }>`
      select recorded_at < to_timestamp(${ms}::double precision / 1000) as before
      from events where position = ${middle}::bigint`.execute(tx);
    if (rows[0]?.before === true) low = middle;
    else high = middle - 1n;
  }
  return low;
}

async function membershipTold(
  db: Database | Transaction,
  membershipId: string,
): Promise<MembershipTidings> {
  const key = membershipKey(membershipId);
  const { rows } = await sql<{
    stream: string | null;
    creator_id: string | null;
    user_id: string | null;
  }>`
    select (select stream from routes where key = ${key}) as stream,
      (select creator_id from halves where key = ${key}) as creator_id,
      (select user_id from halves where key = ${key}) as user_id`.execute(db);
  const waiting = await sql<{ id: string; type: string | null; at: string | null; n: string }>`
    select d.id, d.type, floor(extract(epoch from d.effective_at))::bigint as at,
      count(*) over () as n
    from waiting w join deliveries d on d.id = w.delivery
    where w.key = ${key} and d.outcome = 'parked' order by d.id limit ${MAX_NAMED}`.execute(db);
  return {
    stream: rows[0]?.stream ?? undefined,
    creatorId: rows[0]?.creator_id ?? undefined,
    userId: rows[0]?.user_id ?? undefined,
    waiting: waiting.rows.map(({ id, type, at }) => ({
      id,
      type,
      at: at === null ? null : Number(at),
    })),
    waitingCount: Number(waiting.rows[0]?.n ?? 0),
  };
}
