/** Writes what a batch decided, in the transaction that appends its events. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Transaction } from '#libs/database';
import type { Appended } from '#libs/event-store';
import type { Decided, Verdict } from './batch.js';
import { type ForgetParts, forgetErased } from './forget.js';
import { internalBody } from './internal.js';
import { maskedDetail, maskedType } from './operating/masking.js';
import { marksLiteral, writeProfiles } from './profiles.js';

/** A delivery of the batch was settled by somebody else meanwhile: the batch is done again. */
export class BatchOvertaken extends Error {
  readonly code = 'batch_overtaken';
}

export async function settleBatch(
  tx: Transaction,
  decided: Decided,
  appended: Appended,
  parts: ForgetParts,
): Promise<void> {
  const { routing, verdicts, profiles, ordersOnly } = decided;
  const positions = new Map(appended.events.map((event) => [event.id, event.position]));
  await markDeliveries(tx, verdicts, positions);
  if (!ordersOnly) await refuseOrders(tx, []);
  await routing.write(tx);
  await park(tx, verdicts);
  await wake(tx, routing.opened);
  await sendInternal(tx, routing.changedClaims);
  await writeProfiles(tx, profiles, parts);
  await forgetErased(tx, decided, parts);
}

async function markDeliveries(
  tx: Transaction,
  verdicts: readonly Verdict[],
  positions: ReadonlyMap<string, bigint>,
): Promise<void> {
  const seconds = (v: Verdict): string | null =>
    v.effectiveAt === null ? null : new Date(v.effectiveAt * 1000).toISOString();
  const position = (v: Verdict): string | null =>
    v.position ?? (v.eventId === null ? null : String(positions.get(v.eventId) ?? null));
  const { numAffectedRows } = await sql`
    update deliveries d
    set outcome = v.outcome, type = v.type, code = v.code, detail = v.detail,
        creator_id = coalesce(v.creator_id, d.creator_id), effective_at = v.effective_at,
        position = coalesce(v.position, d.position), decided_at = clock_timestamp(),
        subjects = v.subjects::bigint[]
    from unnest(
      ${verdicts.map((v) => v.id)}::bigint[], ${verdicts.map((v) => v.outcome)}::text[],
      ${verdicts.map((v) => maskedType(v.type))}::text[], ${verdicts.map((v) => v.code)}::text[],
      ${verdicts.map((v) => maskedDetail(v.code, v.detail))}::text[],
      ${verdicts.map((v) => v.creatorId)}::text[],
      ${verdicts.map(seconds)}::timestamptz[], ${verdicts.map(position)}::bigint[],
      ${verdicts.map((v) => (v.subjects === undefined ? null : marksLiteral(v.subjects)))}::text[]
    ) as v (id, outcome, type, code, detail, creator_id, effective_at, position, subjects)
    where d.id = v.id and d.outcome = 'pending'`.execute(tx);
  if (numAffectedRows !== BigInt(verdicts.length)) {
    throw new BatchOvertaken(
      `${verdicts.length} deliveries were decided, ${numAffectedRows} were pending`,
    );
  }
}

/** Orders go first: one that came since the batch was read may lead its deliveries elsewhere; its `own` do not. */
export async function refuseOrders(tx: Transaction, own: readonly Verdict[]): Promise<void> {
  const { rows } = await sql`
    select from deliveries where outcome = 'pending' and generation = 'order'
      and id <> all(${own.map(({ id }) => id)}::bigint[]) limit 1`.execute(tx);
  if (rows.length > 0) throw new BatchOvertaken('an order came before the batch was written');
}

/** Somebody else settled a delivery of the batch: found out before events are written that cannot be taken back. */
export async function refuseSettled(tx: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  const { rows } = await sql<{ pending: string }>`
    select count(*) as pending from deliveries
    where id = any(${verdicts.map((v) => v.id)}::bigint[]) and outcome = 'pending'`.execute(tx);
  if (rows[0]?.pending !== String(verdicts.length))
    throw new BatchOvertaken(`${verdicts.length} were decided, ${rows[0]?.pending} were pending`);
}

async function park(tx: Transaction, verdicts: readonly Verdict[]): Promise<void> {
  const waiting = verdicts.flatMap(({ id, waitsFor = [] }) => waitsFor.map((key) => ({ id, key })));
  if (waiting.length === 0) return;
  await sql`
    insert into waiting (key, delivery)
    select * from unnest(${waiting.map((w) => w.key)}::text[], ${waiting.map((w) => w.id)}::bigint[])
    on conflict do nothing`.execute(tx);
}

/** Whoever waited for a key that leads somewhere now is pending again; what was quarantined, only where it said what could help it. */
async function wake(tx: Transaction, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    with awake as (delete from waiting where key = any(${[...keys]}::text[]) returning delivery)
    update deliveries set outcome = 'pending', code = null, detail = null
    where id in (select delivery from awake) and outcome in ('parked', 'quarantined')`.execute(tx);
}

/** One internal delivery for each stream that watches a claim key whose owner changed. */
async function sendInternal(tx: Transaction, changed: ReadonlyMap<string, string>): Promise<void> {
  if (changed.size === 0) return;
  const keys = [...changed.keys()];
  const { rows } = await sql<{ key: string; stream: string }>`
    select key, stream from watchers where key = any(${keys}::text[]) order by key, stream`.execute(
    tx,
  );
  if (rows.length === 0) return;
  const bodies = rows.map(internalBody);
  const ids = rows.map(({ key, stream }) => `${key} ${stream} ${changed.get(key)}`);
  const hashes = bodies.map((body) => `\\x${createHash('sha256').update(body).digest('hex')}`);
  await sql`
    insert into deliveries (provider, delivery_id, body_sha256, generation, body, received_at)
    select 'internal', v.id, v.hash, '1', convert_to(v.body, 'UTF8'), clock_timestamp()
    from unnest(${ids}::text[], ${hashes}::bytea[], ${bodies}::text[]) as v (id, hash, body)
    on conflict do nothing`.execute(tx);
}
