/**
 * The intake: turns stored deliveries into events. One is active at a time (a fenced lease); it
 * takes pending deliveries in order of arrival, in batches, decides them in memory, and appends
 * events, routes and outcomes in one transaction.
 *
 * Hazards. A revision that moved (an admin's command came between) fails the batch, which is read
 * and decided again. Whatever else fails a batch is halved until the culprit stands alone, which is
 * then quarantined as `intake_failed`: one delivery that nobody foresaw must not stop the others.
 * Failures of the database itself are never blamed on a delivery: the loop waits and tries again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { isOrderOpen, StreamMemory } from '#libs/application';
import { acquireLease, assertHeld, type Lease, LeaseLost, type Transaction } from '#libs/database';
import { RevisionConflict } from '#libs/event-store';
import { type BatchParts, type Decided, type Delivery, decideBatch } from './batch.js';
import { DELIVERY, type DeliveryRow, deliveryOf } from './bodies.js';
import { forgetErasedIn } from './forget.js';
import { maskedDetail } from './operating/masking.js';
import { BatchOvertaken, refuseOrders, refuseSettled, settleBatch } from './settle-batch.js';

export interface IntakeOptions extends BatchParts {
  /** Does what orders left that were cut off, where the log is in a cluster; true: some may still come. */
  readonly finishOrders?: () => Promise<boolean>;
  /** Where the lease's own connection goes. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Resolves when there may be something to do; the loop also looks by itself now and then. */
  readonly wake: IntakeWake;
  readonly log?: (level: 'info' | 'warn' | 'error', message: string, about?: object) => void;
  readonly status?: IntakeStatus;
}

/** What health and metrics show. */
export interface IntakeStatus {
  active: boolean;
  decided: bigint;
  lastError: string | undefined;
}
export const newIntakeStatus = (): IntakeStatus => ({
  active: false,
  decided: 0n,
  lastError: undefined,
});

/** A bell that is rung when a delivery was stored. */
export class IntakeWake {
  private ringing = false;
  private waiter: (() => void) | undefined;

  ring(): void {
    this.ringing = true;
    this.waiter?.();
  }

  /** Resolves at the next ring (or at once if it rang since), at the latest after `ms`. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.ringing) {
      const timer = new AbortController();
      const stop = (): void => timer.abort();
      signal.addEventListener('abort', stop);
      this.waiter = stop;
      await delay(ms, undefined, { signal: timer.signal }).catch(() => {});
      signal.removeEventListener('abort', stop);
      this.waiter = undefined;
    }
    this.ringing = false;
  }
}

/** An order was cut off, and its event may still come into the log. */
class OrdersOutstanding extends Error {
  readonly code = 'orders_outstanding';
}
const SAID_OUTSTANDING = 'an order was cut off, and may still come into the log';

const BATCH = 500;
const IDLE_MS = 500;
const BACKOFF_MS = 500;

/** Runs until the signal aborts. */
export async function runIntake(options: IntakeOptions): Promise<void> {
  const { signal, url, log } = options;
  const status = options.status ?? newIntakeStatus();
  while (!signal.aborted) {
    const lease = await acquireLease({ url, name: 'intake', signal });
    if (lease === undefined) return;
    log?.('info', 'intake is active', { epoch: lease.epoch });
    status.active = true;
    try {
      await runHeld(options, lease, status);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      log?.('warn', 'intake was taken over', { epoch: lease.epoch });
    } finally {
      status.active = false;
      await lease.release();
    }
  }
}

async function runHeld(options: IntakeOptions, lease: Lease, status: IntakeStatus): Promise<void> {
  const stop = AbortSignal.any([options.signal, lease.lost]);
  const queue = new Queue(options);
  // Nobody else decides while the lease is held; what admins order moves a revision.
  const remembering = { ...options, memory: new StreamMemory() };
  let limit = BATCH;
  while (!stop.aborted) {
    try {
      const settled = await intakeBatch(remembering, lease, limit, queue);
      status.decided += BigInt(settled);
      status.lastError = undefined;
      limit = Math.min(BATCH, limit * 2);
      if (settled === 0) await options.wake.wait(IDLE_MS, stop);
    } catch (error) {
      queue.forget();
      if (error instanceof LeaseLost) throw error;
      if (error instanceof RevisionConflict || error instanceof BatchOvertaken) continue;
      if (error instanceof OrdersOutstanding) {
        await delay(BACKOFF_MS, undefined, { signal: stop }).catch(() => {});
        continue;
      }
      status.lastError = error instanceof Error ? error.message : String(error);
      limit = await recover(error, options, lease, limit, stop);
    }
  }
}

/** Halves the next batch, quarantines a culprit that stands alone, or waits for the database. */
async function recover(
  error: unknown,
  options: IntakeOptions,
  lease: Lease,
  limit: number,
  signal: AbortSignal,
): Promise<number> {
  // By `err` the log says what kind of error it was, and nothing that it may quote.
  const about = { err: error };
  if (isDatabaseTrouble(error)) {
    options.log?.('warn', 'intake waits for the database', about);
    await delay(BACKOFF_MS, undefined, { signal }).catch(() => {});
    return limit;
  }
  options.log?.('error', `intake failed on a batch of at most ${limit}`, about);
  if (limit > 1) return Math.floor(limit / 2);
  await quarantineFirst(options, lease).catch(() =>
    delay(BACKOFF_MS, undefined, { signal }).catch(() => {}),
  );
  return limit;
}

/** Connection failures, shutdowns, locks, resources: classes 08, 40, 53, 55, 57, 58 (PostgreSQL, appendix A), or no SQLSTATE at all from the socket. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && /^(08|25P03|40|53|55|57|58)/.test(code)) return true;
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return true;
  // The cluster, or the journal: nothing of it is a delivery's fault.
  if (code === 'log_unavailable' || code === 'cluster_refused') return true;
  return /connection|timeout exceeded|client has encountered/i.test(error.message);
}

/** Decides and writes one batch; answers how many deliveries it settled. */
export async function intakeBatch(
  options: IntakeOptions,
  lease: Pick<Lease, 'name' | 'epoch'>,
  limit: number = BATCH,
  queue: Queue = new Queue(options),
): Promise<number> {
  if ((await options.finishOrders?.()) === true) throw new OrdersOutstanding(SAID_OUTSTANDING);
  const deliveries = await queue.next(limit);
  if (deliveries.length === 0) return 0;
  const decided = await decideBatch(deliveries, options);
  queue.readAhead(deliveries, limit);
  await write(options, lease, decided);
  decided.decisions.remember();
  return deliveries.length;
}

async function write(
  { store, vault, keys, providers, repeats }: IntakeOptions,
  lease: Pick<Lease, 'name' | 'epoch'>,
  decided: Decided,
): Promise<void> {
  await store.append(
    decided.decisions.appends(),
    async (tx, appended) => {
      await assertHeld(tx, lease);
      await settleBatch(tx, decided, appended, { vault, keys, providers });
    },
    repeats ? (tx) => refuseOvertaken(tx, lease, decided) : undefined,
  );
}

/** Where the events cannot be taken back, what would refuse them is asked before: under the same lock. */
async function refuseOvertaken(
  tx: Transaction,
  lease: Pick<Lease, 'name' | 'epoch'>,
  { ordersOnly, verdicts }: Decided,
): Promise<void> {
  await assertHeld(tx, lease);
  if (await isOrderOpen(tx)) throw new BatchOvertaken('an order was cut off before it was done');
  if (!ordersOnly) await refuseOrders(tx, verdicts);
  await refuseSettled(tx, verdicts);
}

/**
 * Pending deliveries in order of arrival. While a batch is written the next one is read. What it
 * read may be settled by somebody else meanwhile: then the batch is overtaken and done again.
 */
class Queue {
  private ahead: Promise<Delivery[]> | undefined;

  constructor(private readonly parts: Pick<BatchParts, 'db' | 'vault'>) {}

  async next(limit: number): Promise<Delivery[]> {
    const ahead = await this.ahead;
    this.ahead = undefined;
    if (ahead !== undefined && ahead.length > 0 && ahead.length <= limit) return ahead;
    return pending(this.parts, [], limit);
  }

  /** Starts to read what comes after a batch that is not settled yet. */
  readAhead(batch: readonly Delivery[], limit: number): void {
    // A partial batch took all there was: what comes next is fresher when it is read after it.
    if (batch.length < limit) return;
    const ids = batch.map((delivery) => delivery.id);
    this.ahead = pending(this.parts, ids, limit);
    // Whoever awaits it hears of a failure; until then it is nobody's.
    this.ahead.catch(() => {});
  }

  forget(): void {
    this.ahead = undefined;
  }
}

async function pending(
  { db, vault }: Pick<BatchParts, 'db' | 'vault'>,
  except: readonly string[],
  limit: number,
): Promise<Delivery[]> {
  const { rows } = await sql<DeliveryRow>`
    (select ${DELIVERY}
      from deliveries where outcome = 'pending' and generation = 'order'
        and id <> all(${[...except]}::bigint[]) order by id limit ${limit})
    union all
    (select ${DELIVERY}
      from deliveries where outcome = 'pending' and generation <> 'order'
        and id <> all(${[...except]}::bigint[]) order by id limit ${limit})`.execute(db);
  // Orders first (internal.ts), and each kind in order of arrival.
  return rows.slice(0, limit).map((row) => deliveryOf(row, vault));
}

/** Under the lock of the log: nobody whom it tells of is erased meanwhile. */
async function quarantineFirst(
  { store, vault, keys, providers }: IntakeOptions,
  lease: Pick<Lease, 'name' | 'epoch'>,
): Promise<void> {
  await store.append([], async (tx) => {
    await assertHeld(tx, lease);
    const { rows } = await sql<DeliveryRow>`
      update deliveries set outcome = 'quarantined', code = 'intake_failed',
        detail = ${maskedDetail('intake_failed', '')}, decided_at = clock_timestamp()
      where id = (select id from deliveries where outcome = 'pending'
        order by generation = 'order' desc, id limit 1)
      returning ${DELIVERY}`.execute(tx);
    for (const row of rows) await forgetErasedIn(tx, row, { vault, keys, providers });
  });
}
