/**
 * The desk: what operators order of deliveries that did not count.
 *
 * Redriving decides nothing. It sets the outcome back to pending, in a transaction that locks the
 * rows and records who ordered it, and the intake, of which one is active, takes them like any other:
 * so nothing is decided twice in parallel, and ordering it twice is harmless. What waited is forgotten
 * first; the intake notes it anew. An excluded delivery keeps its code: it says why it did not count.
 *
 * Hazard. The intake wakes parked deliveries in its own order, so the two may deadlock; PostgreSQL
 * ends one of them, the intake begins again by itself, and so does the desk.
 */
import { type RawBuilder, sql } from 'kysely';
import {
  type DeliveryDesk,
  type DeliverySelection,
  type DeliveryVerdict,
  type ExcludedDelivery,
  MAX_ORDERED_DELIVERIES,
  type Ordered,
  type Redriven,
} from '#libs/application';
import type { Database, DeliveryOutcome, Transaction } from '#libs/database';
import type { Vault } from '#libs/vault';
import type { BatchParts, Delivery } from '../batch.js';
import { type BodyRow, openBody } from '../bodies.js';
import { DELIVERIES_CHANNEL } from '../deliveries.js';
import { notFound } from './delivery-list.js';
import { maskedDetail } from './masking.js';
import { type Forecast, forecastsOf } from './verdicts.js';

export type DeskParts = Omit<BatchParts, 'keys'> & {
  /** Asked when they are needed: the ledger may be without its tables when the process starts. */
  readonly keys: () => Promise<BatchParts['keys']>;
};

interface Chosen {
  readonly id: string;
  readonly outcome: DeliveryOutcome;
  readonly provider: string;
  /** As it lies there; null: it is no longer kept. */
  readonly kept: BodyRow | undefined;
  readonly receivedAt: number;
}

const MAX_ATTEMPTS = 5;

/** Where orders about deliveries are carried out. */
export class Desk implements DeliveryDesk {
  constructor(private readonly parts: DeskParts) {}

  async redrive(selection: DeliverySelection, ordered: Ordered): Promise<Redriven> {
    const { db } = this.parts;
    const { chosen, next } = await choose(db, selection);
    const missing = missingFrom(selection.ids, chosen);
    const ready = chosen.filter((one) => refusalOf(one) === undefined && one.outcome !== 'pending');
    const parts = { ...this.parts, keys: await this.parts.keys() };
    const { byId, opened } = await forecastsOf(
      ready.map((one) => deliveryOf(one, parts.vault)),
      parts,
    );
    const wakes = await waitersOf(db, opened, chosen);
    const ids = ready.map(({ id }) => id);
    const moved = ordered.dryRun || ids.length === 0 ? [] : await setPending(db, ids, ordered);
    const redriven = new Set(moved);
    const items = [
      ...chosen.map((one) => verdictOf(one, byId.get(one.id), redriven.has(one.id))),
      ...missing.map((id) => refused(id, null, notFound(id))),
    ];
    return { items, wakes, next };
  }

  async exclude(ids: readonly bigint[], ordered: Ordered): Promise<readonly ExcludedDelivery[]> {
    const { db } = this.parts;
    const { chosen } = await choose(db, { ids, statuses: [] });
    const ready = chosen.filter(({ outcome }) => isExcludable(outcome)).map(({ id }) => id);
    const moved = ordered.dryRun || ready.length === 0 ? [] : await setExcluded(db, ready, ordered);
    const excluded = new Set(moved);
    return [
      ...chosen.map(({ id, outcome }) => ({
        delivery: BigInt(id),
        status: outcome,
        excluded: excluded.has(id),
        refusal:
          isExcludable(outcome) || outcome === 'excluded' ? null : notExcludable(id, outcome),
      })),
      ...missingFrom(ids, chosen).map((id) => {
        const { code, detail } = notFound(id);
        return { delivery: id, status: null, excluded: false, refusal: { code, detail } };
      }),
    ];
  }
}

const isExcludable = (outcome: string): boolean => /^(parked|quarantined)$/.test(outcome);
const notExcludable = (id: string, outcome: string) => ({
  code: 'delivery_not_excludable',
  detail: `delivery ${id} is ${outcome}: only parked and quarantined ones can be excluded`,
});

async function choose(
  db: Database,
  selection: DeliverySelection,
): Promise<{ chosen: Chosen[]; next: bigint | undefined }> {
  const { ids, statuses, code, creatorId, since, after } = selection;
  const conditions: RawBuilder<unknown>[] = [];
  if (ids !== undefined) conditions.push(sql`id = any(${ids.map(String)}::bigint[])`);
  else conditions.push(sql`outcome in (${sql.join(statuses.map((one) => sql.lit(one)))})`);
  if (code !== undefined) conditions.push(sql`code = ${code}`);
  if (creatorId !== undefined) conditions.push(sql`creator_id = ${creatorId}`);
  if (since !== undefined) conditions.push(sql`received_at >= to_timestamp(${since}::bigint)`);
  if (after !== undefined) conditions.push(sql`id > ${String(after)}::bigint`);
  const { rows } = await sql<ChosenRow>`
    select id, outcome, provider, delivery_id, body_sha256, body_form, body, floor(extract(epoch from received_at))::bigint as received_at
    from deliveries where ${sql.join(conditions, sql` and `)}
    order by id limit ${MAX_ORDERED_DELIVERIES + 1}`.execute(db);
  const chosen = rows.slice(0, MAX_ORDERED_DELIVERIES).map(chosenOf);
  const last = chosen.at(-1);
  const next = rows.length > chosen.length && last !== undefined ? BigInt(last.id) : undefined;
  return { chosen, next };
}

type ChosenRow = Omit<BodyRow, 'body'> &
  Pick<Chosen, 'id' | 'outcome'> & {
    readonly body: Buffer | null;
    readonly received_at: string;
  };

const chosenOf = (row: ChosenRow): Chosen => {
  const { id, outcome, provider, body, received_at } = row;
  const kept = body === null ? undefined : { ...row, body };
  return { id, outcome, provider, kept, receivedAt: Number(received_at) };
};

function missingFrom(ids: readonly bigint[] | undefined, chosen: readonly Chosen[]): bigint[] {
  const found = new Set(chosen.map(({ id }) => BigInt(id)));
  return [...new Set(ids ?? [])].filter((id) => !found.has(id));
}

function refusalOf({ id, outcome, kept }: Chosen): { code: string; detail: string } | undefined {
  if (outcome === 'applied' || outcome === 'unchanged')
    return {
      code: 'delivery_decided',
      detail: `delivery ${id} is ${outcome}: what it tells is in the books already`,
    };
  if (kept === undefined)
    return {
      code: 'delivery_body_gone',
      detail: `the body of delivery ${id} is no longer kept: have the sender repeat it`,
    };
  return undefined;
}

/** Only of what is ready: its body is there. */
const deliveryOf = ({ id, provider, kept, receivedAt }: Chosen, vault: Vault): Delivery => ({
  id,
  provider,
  body: kept === undefined ? Buffer.alloc(0) : openBody(vault, kept),
  receivedAt,
  isScrubbed: kept?.body_form === 'scrubbed',
});

function verdictOf(
  chosen: Chosen,
  forecast: Forecast | undefined,
  redriven: boolean,
): DeliveryVerdict {
  const delivery = BigInt(chosen.id);
  const refusal = refusalOf(chosen);
  if (refusal !== undefined) return refused(delivery, chosen.outcome, refusal);
  const about = { delivery, status: chosen.outcome, events: [], duplicateOf: null, redriven };
  if (forecast === undefined)
    return { ...about, would: 'wait', code: null, says: 'is pending already' };
  const { verdict, events, duplicateOf } = forecast;
  const { outcome: would, code } = verdict;
  return { ...about, would, code, events, duplicateOf, says: saysOf(chosen.outcome, forecast) };
}

const refused = (
  delivery: bigint,
  status: string | null,
  { code, detail }: { code: string; detail: string },
): DeliveryVerdict => ({
  delivery,
  status,
  would: 'refused',
  code,
  events: [],
  duplicateOf: null,
  says: detail,
  redriven: false,
});

function saysOf(before: DeliveryOutcome, { verdict, events, duplicateOf }: Forecast): string {
  const { outcome, code } = verdict;
  const why = maskedDetail(code, verdict.detail) ?? code;
  switch (outcome) {
    case 'applied': {
      const added = `would append ${events.length} event${events.length === 1 ? '' : 's'}: ${events.join(', ')}`;
      return code === 'conflict' ? `${added}; it contradicts what was told first` : added;
    }
    case 'unchanged':
      return duplicateOf === null ? 'would change nothing' : `duplicate of #${duplicateOf}`;
    case 'ignored':
      return `would ${before === 'ignored' ? 'stay' : 'be'} ignored: ${why}`;
    case 'parked':
      return `would ${before === 'parked' ? 'stay' : 'be'} parked: ${why}`;
    case 'quarantined':
      return `would be quarantined${before === 'quarantined' ? ' again' : ''}: ${code}: ${why}`;
  }
}

/** Parked deliveries beyond those ordered that wait for what would be opened. */
async function waitersOf(
  db: Database,
  opened: readonly string[],
  ordered: readonly Chosen[],
): Promise<number> {
  if (opened.length === 0) return 0;
  const { rows } = await sql<{ n: string }>`
    select count(distinct w.delivery) as n
    from waiting w join deliveries d on d.id = w.delivery
    where w.key = any(${[...opened]}::text[]) and d.outcome = 'parked'
      and d.id <> all(${ordered.map(({ id }) => id)}::bigint[])`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

/** Resolves with the ids that are pending by this order. */
async function setPending(
  db: Database,
  ids: readonly string[],
  ordered: Ordered,
): Promise<string[]> {
  const moved = await settled(db, (tx) =>
    recorded(tx, ids, ordered, {
      ordered: 'redrive',
      from: sql`outcome in ('parked', 'quarantined', 'excluded', 'ignored') and body is not null`,
      to: sql`outcome = 'pending', code = null, detail = null, decided_at = null`,
    }),
  );
  if (moved.length > 0) await sql`select pg_notify(${DELIVERIES_CHANNEL}, '')`.execute(db);
  return moved;
}

const setExcluded = (db: Database, ids: readonly string[], ordered: Ordered): Promise<string[]> =>
  settled(db, (tx) =>
    recorded(tx, ids, ordered, {
      ordered: 'exclude',
      from: sql`outcome in ('parked', 'quarantined')`,
      to: sql`outcome = 'excluded', decided_at = clock_timestamp()`,
    }),
  );

interface Move {
  readonly ordered: 'redrive' | 'exclude';
  readonly from: RawBuilder<unknown>;
  readonly to: RawBuilder<unknown>;
}

async function recorded(
  tx: Transaction,
  ids: readonly string[],
  { actor, reason }: Ordered,
  { ordered, from, to }: Move,
): Promise<string[]> {
  await sql`delete from waiting where delivery = any(${[...ids]}::bigint[])`.execute(tx);
  const { rows } = await sql<{ delivery: string }>`
    with chosen as (
      select id, outcome, code from deliveries
      where id = any(${[...ids]}::bigint[]) and ${from} order by id for update
    ), moved as (
      update deliveries d set ${to} from chosen c where d.id = c.id returning d.id
    )
    insert into delivery_orders (delivery, ordered, actor, reason, outcome_before, code_before)
    select c.id, ${ordered}, ${actor}, ${reason ?? null}, c.outcome, c.code
    from chosen c join moved m on m.id = c.id order by c.id
    returning delivery`.execute(tx);
  return rows.map(({ delivery }) => delivery);
}

/** In a transaction of its own, again after a deadlock. */
async function settled<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      const { code } = error as { code?: unknown };
      const passes = typeof code === 'string' && code.startsWith('40');
      if (!passes || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
