/**
 * Retention: raw bodies go after some days, the row with its id, hash and outcome stays for ever
 * (product.md, "Personal data"). What is unresolved keeps its body until it is resolved; what was
 * excluded keeps it as long again from then, because an exclusion can be taken back.
 *
 * One sweep runs at a time (a lease whose epoch fences). It goes in batches of their own transactions,
 * passes over rows that somebody holds, and sees under its locks whether they are still to go.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { acquireLease, assertHeld, type Database, type Lease } from '#libs/database';
import { type Clock, type Instant, instantOf } from '#libs/ledger';

export interface RetentionOptions {
  readonly db: Database;
  /** Where the lease's own connection goes. */
  readonly url: string;
  /** The real one: deliveries are received by it. */
  readonly clock: Clock;
  readonly days: number;
  readonly signal: AbortSignal;
  readonly log?: (level: 'info' | 'warn', message: string, about?: object) => void;
}

const SWEEP_MS = 10 * 60_000;
const RETRY_MS = 30_000;
const BATCH = 500;
/** Between batches others come through. */
const REST_MS = 20;
const DAY_SECONDS = 86_400;

/** Clears bodies that are due, now and every ten minutes. Runs until the signal aborts. */
export async function runRetention(options: RetentionOptions): Promise<void> {
  const { signal, url, log } = options;
  while (!signal.aborted) {
    let rest = SWEEP_MS;
    const lease = await acquireLease({ url, name: 'retention', signal });
    if (lease === undefined) return;
    try {
      const cleared = await sweep(options, lease);
      if (cleared > 0) log?.('info', 'bodies of old deliveries are gone', { cleared });
    } catch (error) {
      rest = RETRY_MS;
      log?.('warn', 'bodies of old deliveries could not be removed yet', { err: error });
    } finally {
      await lease.release();
    }
    await pause(rest, undefined, { signal }).catch(() => {});
  }
}

async function sweep({ db, clock, days, signal }: RetentionOptions, lease: Lease): Promise<number> {
  const before = instantOf(clock.now()) - days * DAY_SECONDS;
  for (let cleared = 0; ; ) {
    const batch = await clearBodies(db, lease, { before, limit: BATCH });
    cleared += batch;
    if (batch < BATCH || signal.aborted || lease.lost.aborted) return cleared;
    await pause(REST_MS, undefined, { signal }).catch(() => {});
  }
}

/** Clears at most `limit` bodies of what was received before; answers how many. Throws LeaseLost. */
export async function clearBodies(
  db: Database,
  lease: Pick<Lease, 'name' | 'epoch'>,
  { before, limit }: { readonly before: Instant; readonly limit: number },
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await assertHeld(tx, lease);
    const { numAffectedRows } = await sql`
      update deliveries set body = null, headers = null, subjects = null
      where id in (
        select id from deliveries
        where body is not null and outcome in ('applied', 'unchanged', 'ignored', 'excluded')
          and received_at < to_timestamp(${before}::bigint)
          and (outcome <> 'excluded' or decided_at < to_timestamp(${before}::bigint))
        order by received_at limit ${limit}
        for update skip locked)`.execute(tx);
    return Number(numAffectedRows ?? 0n);
  });
}
