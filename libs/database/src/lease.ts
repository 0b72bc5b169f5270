/**
 * Who runs a loop. A lease is held by one process at a time; its epoch fences: a transaction that
 * begins with `assertHeld` cannot commit for a holder that was replaced, however late it wakes.
 *
 * Hazards. A holder that is killed must be replaced at once, so its connection holds an advisory
 * lock (shared: it is a sign of life, not the lease), and the lease is free as soon as that backend
 * holds it no longer. A holder that is frozen keeps its connection, so the lease also expires. A
 * session lock alone would give the first but not the second; a clock alone the second but not the
 * first. pg_stat_activity would not do: it hides sessions of other roles. Only the server's clock counts.
 */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { clientConfig } from './connection.js';
import type { Database, Transaction } from './tables.js';

export interface Lease {
  readonly name: string;
  readonly epoch: string;
  /** Aborts when the lease is lost or released. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** The lease was taken over: nothing of this transaction may stand. */
export class LeaseLost extends Error {
  readonly code = 'lease_lost';
  constructor(readonly lease: string) {
    super(`the lease '${lease}' is held by another process now`);
  }
}

const TTL_MS = 6_000;
const RENEW_MS = 1_500;
const RETRY_MS = 250;

/** Waits until the lease is ours. Ends with undefined when the signal aborts first. */
export async function acquireLease(options: {
  url: string;
  name: string;
  signal: AbortSignal;
}): Promise<Lease | undefined> {
  const { url, name, signal } = options;
  while (!signal.aborted) {
    const client = new pg.Client(clientConfig(url, { applicationName: `lease ${name}` }));
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select pg_advisory_lock_shared($1, hashtext($2))', [LIFE_CLASS, name]);
      const epoch = await take(client, name, signal);
      if (epoch !== undefined) return hold(client, name, epoch);
    } catch {
      // The server is away or restarting: try again below.
    }
    await client.end().catch(() => {});
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

async function take(
  client: pg.Client,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ epoch: string }>(TAKE, [name, holderName(), TTL_MS]);
    if (rows[0] !== undefined) return rows[0].epoch;
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}

/** First key of the advisory locks by which holders show that they live; the second is the lease's name. */
const LIFE_CLASS = 7_390_300;

/** Whether the backend that took the lease `l` still lives. */
const LIVES = `exists (
  select from pg_locks k
  where k.locktype = 'advisory' and k.granted and k.pid = l.backend_pid
    and k.database = (select oid from pg_database where datname = current_database())
    and k.classid = ${LIFE_CLASS} and k.objid::bigint = (hashtext(l.name)::bigint & 4294967295))`;

const TAKE = `
  insert into leases as l (name, epoch, holder, backend_pid, expires_at)
  values ($1, 1, $2, pg_backend_pid(), clock_timestamp() + make_interval(secs => $3::float8 / 1000))
  on conflict (name) do update
    set epoch = l.epoch + 1, holder = excluded.holder, backend_pid = excluded.backend_pid,
        expires_at = excluded.expires_at
    where l.expires_at < clock_timestamp() or not ${LIVES}
  returning epoch`;

const holderName = (): string => `${hostname()}:${process.pid}`;

function hold(client: pg.Client, name: string, epoch: string): Lease {
  const lost = new AbortController();
  let renewing = false;
  const lose = (): void => {
    clearInterval(timer);
    lost.abort();
    client.end().catch(() => {});
  };
  const renew = async (): Promise<void> => {
    if (renewing) return;
    renewing = true;
    try {
      const { rowCount } = await client.query(RENEW, [name, epoch, TTL_MS]);
      if (rowCount !== 1) lose();
    } catch {
      lose();
    } finally {
      renewing = false;
    }
  };
  const timer = setInterval(() => void renew(), RENEW_MS);
  client.once('end', lose);
  client.once('error', lose);
  return {
    name,
    epoch,
    lost: lost.signal,
    release: async () => {
      clearInterval(timer);
      client.removeAllListeners('end');
      await client.query(RELEASE, [name, epoch]).catch(() => {});
      await client.end().catch(() => {});
      lost.abort();
    },
  };
}

const RENEW = `
  update leases set expires_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
  where name = $1 and epoch = $2`;
const RELEASE = `
  update leases set expires_at = '-infinity', holder = null where name = $1 and epoch = $2`;

/** First statement of every transaction of a leased loop: holds a takeover off until it ends. Throws LeaseLost. */
export async function assertHeld(
  tx: Transaction,
  lease: Pick<Lease, 'name' | 'epoch'>,
): Promise<void> {
  const row = await tx
    .selectFrom('leases')
    .select('name')
    .where('name', '=', lease.name)
    .where('epoch', '=', lease.epoch)
    .forShare()
    .executeTakeFirst();
  if (row === undefined) throw new LeaseLost(lease.name);
}

/** Whether somebody who lives holds the lease. */
export async function isLeaseHeld(db: Database, name: string): Promise<boolean> {
  const { rows } = await sql`
    select from leases l
    where name = ${name} and expires_at > clock_timestamp() and ${sql.raw(LIVES)}`.execute(db);
  return rows.length > 0;
}
