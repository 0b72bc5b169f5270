/**
 * The inbox: where a verified delivery becomes durable before it is answered.
 *
 * Group commit. One commit costs a flush of the disk whatever it holds, so callers share one: while
 * a batch is being committed the next one gathers, and an idle inbox starts at once, after the
 * requests that the same turn of the event loop has brought. Nobody waits for a timer. A caller is
 * answered after the commit that holds its delivery, never before, and all callers of a failed
 * batch are refused: the sender comes again, and a repetition is a duplicate.
 *
 * The intake is told after the commit, apart from it: PostgreSQL lets only one transaction that
 * notifies commit at a time, so that commits would queue behind each other's flush of the disk.
 *
 * Hazards. Two batches in flight, here or in two processes, may hold the same new keys: rows are
 * inserted in the order of their keys, or they would deadlock. A row that PostgreSQL refuses must
 * not take its neighbours down: such a batch is retried in halves until the culprit stands alone.
 * The statement's own snapshot does not show a row that a concurrent batch has just committed, so
 * the ids of duplicates are read by a second statement.
 */
import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { Vault } from '#libs/vault';
import { sealBody } from './bodies.js';

export interface NewDelivery {
  readonly provider: string;
  /** The provider's own id of the delivery, or the SHA-256 of its bytes. */
  readonly deliveryId: string;
  readonly generation: string;
  /** The raw bytes, as signed. */
  readonly body: Buffer;
  /** The few that are kept as evidence: ids, timestamps, signatures. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly receivedAt: number;
}

export interface Stored {
  /** `duplicate`: the same id with the same bytes was there before. */
  readonly status: 'stored' | 'duplicate';
  readonly id: string;
}

/** The delivery was not stored, or nobody knows whether it was: the sender must come again. */
export class InboxUnavailable extends Error {
  override readonly name = 'InboxUnavailable';
  readonly code = 'inbox_unavailable';
}

export interface InboxOptions {
  readonly db: Database;
  /** Seals bodies. */
  readonly vault: Vault;
  /** Deliveries in one commit. */
  readonly maxBatch?: number;
  /** Commits under way at once. */
  readonly maxInFlight?: number;
  /** Callers that may wait for a batch; the next one is refused. */
  readonly maxWaiting?: number;
  /** Called after each commit that stored something, to wake the intake. Must not throw. */
  readonly onStored?: () => void;
}

/** The channel that tells other processes of new deliveries; the payload is empty. */
export const DELIVERIES_CHANNEL = 'flywheel_deliveries';

const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
const MAX_ATTEMPTS = 3;

interface Row {
  readonly key: string;
  readonly provider: string;
  readonly deliveryId: string;
  readonly sha256: Buffer;
  readonly generation: string;
  /** Sealed. */
  readonly body: Buffer;
  readonly headers: string;
  readonly receivedAt: string;
}

interface Caller {
  readonly row: Row;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: InboxUnavailable) => void;
}

/** All callers of one batch that brought the same key: one row, the first of them stores it. */
type Group = readonly [Caller, ...Caller[]];

export class DeliveryInbox {
  private readonly db: Database;
  private readonly vault: Vault;
  private readonly maxBatch: number;
  private readonly maxInFlight: number;
  private readonly maxWaiting: number;
  private readonly onStored: () => void;
  private waiting: Caller[] = [];
  private waitingBytes = 0;
  private inFlight = 0;
  private scheduled = false;
  private isTelling = false;
  private untold = false;

  constructor(options: InboxOptions) {
    this.db = options.db;
    this.vault = options.vault;
    this.maxBatch = options.maxBatch ?? 500;
    this.maxInFlight = options.maxInFlight ?? 2;
    this.maxWaiting = options.maxWaiting ?? 20_000;
    this.onStored = options.onStored ?? (() => {});
  }

  /**
   * Resolves once the delivery is durable.
   * @throws InboxUnavailable if it could not be stored, or too many wait already
   */
  async store(delivery: NewDelivery): Promise<Stored> {
    const row = rowOf(delivery, this.vault);
    const full = this.waitingBytes + row.body.length > MAX_WAITING_BYTES;
    if (full || this.waiting.length >= this.maxWaiting)
      throw new InboxUnavailable('too many deliveries wait to be stored');
    return new Promise((resolve, reject) => {
      this.waiting.push({ row, resolve, reject });
      this.waitingBytes += row.body.length;
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.maxInFlight) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

  private dispatch(): void {
    while (this.inFlight < this.maxInFlight && this.waiting.length > 0) {
      const groups = grouped(this.take());
      this.inFlight += 1;
      void this.commit(groups).finally(() => {
        this.inFlight -= 1;
        this.dispatch();
      });
    }
  }

  /** The oldest callers, up to the limits of a batch and at least one. */
  private take(): Caller[] {
    let count = 0;
    let bytes = 0;
    for (const { row } of this.waiting) {
      bytes += row.body.length;
      if (count === this.maxBatch || (count > 0 && bytes > MAX_BATCH_BYTES)) break;
      count += 1;
      this.waitingBytes -= row.body.length;
    }
    return this.waiting.splice(0, count);
  }

  /** Answers every caller of the groups; never rejects. */
  private async commit(groups: readonly Group[]): Promise<void> {
    try {
      const rows = groups.map(([first]) => first.row);
      const stored = await this.insert(rows);
      const missing = rows.filter((row) => !stored.has(row.key));
      const known = missing.length === 0 ? NONE : await findRows(this.db, missing);
      for (const group of groups) answer(group, stored, known);
      if (stored.size > 0) {
        this.onStored();
        void this.tell();
      }
    } catch (error) {
      if (isDataError(error) && groups.length > 1) return this.commitHalves(groups);
      const refusal = new InboxUnavailable('the delivery could not be stored', { cause: error });
      for (const group of groups) for (const caller of group) caller.reject(refusal);
    }
  }

  /** One notification at a time: what is stored meanwhile is told of by the next one. */
  private async tell(): Promise<void> {
    this.untold = true;
    if (this.isTelling) return;
    this.isTelling = true;
    while (this.untold) {
      this.untold = false;
      // A hint: the intake also looks by itself, and a lost database is for others to report.
      await sql`select pg_notify(${DELIVERIES_CHANNEL}, '')`.execute(this.db).catch(() => {});
    }
    this.isTelling = false;
  }

  private async commitHalves(groups: readonly Group[]): Promise<void> {
    const middle = groups.length >> 1;
    await this.commit(groups.slice(0, middle));
    await this.commit(groups.slice(middle));
  }

  /** One statement is one transaction. Returns the ids of the rows that were new, by key. */
  private async insert(rows: readonly Row[]): Promise<Map<string, string>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await insertRows(this.db, rows);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isContention(error)) throw error;
      }
    }
  }
}

const NONE: ReadonlyMap<string, string> = new Map();

function answer(
  [first, ...others]: Group,
  stored: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string>,
): void {
  const fresh = stored.get(first.row.key);
  const id = fresh ?? known.get(first.row.key);
  if (id === undefined) {
    const lost = new InboxUnavailable('the delivery was neither stored nor found');
    for (const caller of [first, ...others]) caller.reject(lost);
    return;
  }
  first.resolve({ status: fresh === undefined ? 'duplicate' : 'stored', id });
  for (const caller of others) caller.resolve({ status: 'duplicate', id });
}

function rowOf(delivery: NewDelivery, vault: Vault): Row {
  const { provider, deliveryId, generation } = delivery;
  const sha256 = hash('sha256', delivery.body, 'buffer');
  return {
    key: keyOf(deliveryId, provider, sha256.toString('hex')),
    provider,
    deliveryId,
    sha256,
    generation,
    body: sealBody(vault, { provider, deliveryId, sha256 }, delivery.body),
    headers: JSON.stringify(delivery.headers),
    receivedAt: new Date(delivery.receivedAt).toISOString(),
  };
}

const keyOf = (deliveryId: string, provider: string, sha256: string): string =>
  `${deliveryId}\n${provider}\n${sha256}`;

/** By key, in the order of the keys: the same order wherever two batches meet. */
function grouped(callers: readonly Caller[]): Group[] {
  const groups = new Map<string, [Caller, ...Caller[]]>();
  for (const caller of callers) {
    const group = groups.get(caller.row.key);
    if (group === undefined) groups.set(caller.row.key, [caller]);
    else group.push(caller);
  }
  return [...groups.values()].sort(([a], [b]) => (a.row.key < b.row.key ? -1 : 1));
}

interface Found {
  readonly id: string;
  readonly provider: string;
  readonly delivery_id: string;
  readonly sha256: string;
}

/**
 * Bodies and hashes travel as one run of bytes each, in binary, cut up by the server: as an array
 * pg would spell them in hexadecimal, which costs ten times as much.
 */
async function insertRows(db: Database, rows: readonly Row[]): Promise<Map<string, string>> {
  const ends = endsOf(rows);
  const result = await sql<Found>`
    insert into deliveries
      (provider, delivery_id, body_sha256, generation, body_form, body, headers, received_at)
    select
      told.provider, told.delivery_id,
      substring(${Buffer.concat(rows.map((row) => row.sha256))}::bytea from told.n::int * 32 - 31 for 32),
      told.generation, 'sealed',
      substring(${Buffer.concat(rows.map((row) => row.body))}::bytea
        from told.ends - told.length + 1 for told.length),
      told.headers, told.received_at
    from unnest(
      ${rows.map((row) => row.provider)}::text[],
      ${rows.map((row) => row.deliveryId)}::text[],
      ${rows.map((row) => row.generation)}::text[],
      ${rows.map((row) => row.body.length)}::int[],
      ${ends}::int[],
      ${rows.map((row) => row.headers)}::jsonb[],
      ${rows.map((row) => row.receivedAt)}::timestamptz[])
      with ordinality
      as told (provider, delivery_id, generation, length, ends, headers, received_at, n)
    on conflict (delivery_id, provider, body_sha256) do nothing
    returning id, provider, delivery_id, encode(body_sha256, 'hex') as sha256`.execute(db);
  return idsByKey(result.rows);
}

/** Where each body ends in the run of all of them. */
function endsOf(rows: readonly Row[]): number[] {
  let end = 0;
  return rows.map((row) => {
    end += row.body.length;
    return end;
  });
}

async function findRows(db: Database, rows: readonly Row[]): Promise<Map<string, string>> {
  const result = await sql<Found>`
    select d.id, d.provider, d.delivery_id, encode(d.body_sha256, 'hex') as sha256
    from unnest(
      ${rows.map((row) => row.provider)}::text[],
      ${rows.map((row) => row.deliveryId)}::text[],
      ${rows.map((row) => row.sha256)}::bytea[]) as sought (provider, delivery_id, body_sha256)
    join deliveries d using (delivery_id, provider, body_sha256)`.execute(db);
  return idsByKey(result.rows);
}

function idsByKey(rows: readonly Found[]): Map<string, string> {
  return new Map(rows.map((row) => [keyOf(row.delivery_id, row.provider, row.sha256), row.id]));
}

/** Data exceptions, violated constraints, exceeded limits: some row's fault, not the database's. */
function isDataError(error: unknown): boolean {
  return ['22', '23', '54'].includes(sqlState(error).slice(0, 2));
}

/** Serialisation failures and deadlocks pass by themselves. */
function isContention(error: unknown): boolean {
  return sqlState(error).startsWith('40');
}

function sqlState(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.length === 5 ? code : '';
}
