/**
 * The follower copies a cluster's log into the journal. One is active for each database, by a lease
 * whose epoch fences: a follower that was frozen and woken cannot commit. It subscribes behind the last
 * event that the journal holds, and after whatever breaks it subscribes again, from there.
 *
 * What time does not heal (a log of somebody else, a hole in a stream) is said and looked at again
 * now and then: nothing is skipped, whoever reads the journal reads a true beginning of the log.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLease, type Database, type Lease, LeaseLost } from '#libs/database';
import { Cluster, type ClusterOptions } from './cluster.js';
import { following } from './following.js';
import {
  followedUntilNow,
  JournalRefused,
  journalise,
  type LogHome,
  settleHome,
} from './journal.js';
import { identityOf } from './log-identity.js';
import { ownHome } from './own-cluster.js';
import { ForeignEvent } from './stored-event.js';

export interface FollowerOptions {
  readonly db: Database;
  /** Where the lease's own connection goes. */
  readonly url: string;
  readonly cluster: ClusterOptions;
  readonly signal: AbortSignal;
  readonly status?: FollowerStatus;
  readonly log?: (level: 'info' | 'warn' | 'error', message: string, about?: object) => void;
}

/** What health and metrics show of this process. */
export interface FollowerStatus {
  active: boolean;
  /** Position of the last event that it has written. */
  position: bigint;
  subscriptions: number;
  lastError: string | undefined;
}
export const newFollowerStatus = (): FollowerStatus => ({
  active: false,
  position: 0n,
  subscriptions: 0,
  lastError: undefined,
});

/** Name of its lease. */
export const FOLLOWER = 'follower';

const BATCH = 2_000;
const IDLE_MS = 1_000;
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

/** Runs until the signal aborts. */
export async function runFollower(options: FollowerOptions): Promise<void> {
  const { signal, url, log } = options;
  const status = options.status ?? newFollowerStatus();
  while (!signal.aborted) {
    const lease = await acquireLease({ url, name: FOLLOWER, signal });
    if (lease === undefined) return;
    log?.('info', 'the follower is active', { epoch: lease.epoch });
    status.active = true;
    try {
      await followHeld(options, lease, status);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      log?.('warn', 'the follower was taken over', { epoch: lease.epoch });
    } finally {
      status.active = false;
      await lease.release();
    }
  }
}

async function followHeld(
  options: FollowerOptions,
  lease: Lease,
  status: FollowerStatus,
): Promise<void> {
  const stop = AbortSignal.any([options.signal, lease.lost]);
  let pauseMs = MIN_PAUSE_MS;
  while (!stop.aborted) {
    const before = status.position;
    try {
      await subscribeOnce(options, lease, status, stop);
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      if (stop.aborted) return;
      const isNew = status.lastError !== saidOf(error);
      status.lastError = saidOf(error);
      if (isNew) options.log?.(levelOf(error), 'following the cluster', { error: saidOf(error) });
    }
    if (status.position > before) pauseMs = MIN_PAUSE_MS;
    await delay(pauseMs, undefined, { signal: stop }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS);
  }
}

/** One subscription, with a client of its own, until it breaks. */
async function subscribeOnce(
  { db, cluster: where }: FollowerOptions,
  lease: Lease,
  status: FollowerStatus,
  signal: AbortSignal,
): Promise<void> {
  const cluster = new Cluster(where);
  try {
    let home: LogHome =
      (await ownHome(db, cluster)) ??
      (await settleHome(db, lease, await identityOf(cluster, randomUUID)));
    status.position = home.position;
    status.subscriptions += 1;
    const client = await cluster.client();
    const batches = following({
      client,
      after: home.origin,
      maxBatch: BATCH,
      idleMs: IDLE_MS,
      signal,
    });
    for await (const events of batches) {
      if (events.length === 0) {
        await followedUntilNow(db, lease);
        continue;
      }
      home = await journalise(db, lease, home, events);
      status.position = home.position;
      status.lastError = undefined;
    }
  } finally {
    await cluster.close();
  }
}

const isLasting = (error: unknown) =>
  error instanceof JournalRefused || error instanceof ForeignEvent;
const levelOf = (error: unknown) => (isLasting(error) ? 'error' : 'warn');

/** The driver's errors may hold what was sent: of those only the kind is told. */
function saidOf(error: unknown): string {
  const { type, code, message } = error as { type?: unknown; code?: unknown; message?: unknown };
  if (isLasting(error) || (typeof code === 'string' && typeof message === 'string'))
    return `${String(code)}: ${String(message)}`;
  return typeof type === 'string'
    ? type
    : `broken${code === undefined ? '' : ` (${String(code)})`}`;
}
