/** A running ledger: the API and the worker as processes of their own, and how far they have come. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { type Child, startApp } from './child.js';

export const SECRET = 'ws_bench_0123456789abcdef0123456789abcdef';
export const DATA_KEY = '0123456789abcdef'.repeat(4);
export const ADMIN_TOKEN = 'bench_0123456789abcdef0123456789abcdef';

/** Of API and worker. */
export const environmentOf = (databaseUrl: string): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  WHOP_WEBHOOK_SECRET: SECRET,
  FLYWHEEL_ADMIN_TOKEN: ADMIN_TOKEN,
  FLYWHEEL_DATA_KEY: DATA_KEY,
});

export interface RunningLedger {
  readonly url: string;
  readonly webhooks: string;
  stop(): Promise<void>;
}

/** `more`: of both processes. */
export async function startLedger(
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<RunningLedger> {
  const env = { ...environmentOf(databaseUrl), ...more };
  const worker = await startApp('worker', env);
  const apps: Child[] = [worker];
  const stop = async (): Promise<void> => {
    await Promise.all(apps.map((app) => app.stop()));
  };
  try {
    const api = await startApp('api', env);
    apps.push(api);
    return { url: api.url, webhooks: `${api.url}/api/webhooks/whop`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export interface Backlog {
  /** Deliveries that are stored and not decided. */
  readonly pending: number;
  /** Events that are appended and not projected. */
  readonly behind: number;
}

export async function backlogOf(client: pg.Client): Promise<Backlog> {
  const { rows } = await client.query<{ pending: string; behind: string }>(`
    select (select count(*) from deliveries where outcome = 'pending') as pending,
      coalesce((select max(position) from events), 0)
        - coalesce((select min(position) from projections), 0) as behind`);
  return { pending: Number(rows[0]?.pending), behind: Number(rows[0]?.behind) };
}

const ASK_MS = 20;
const LIMIT_MS = 120_000;

/** Waits until everything that was stored is decided and projected. */
export async function drained(client: pg.Client, limitMs = LIMIT_MS): Promise<void> {
  const began = performance.now();
  for (;;) {
    const { pending, behind } = await backlogOf(client);
    if (pending === 0 && behind === 0) return;
    if (performance.now() - began > limitMs)
      throw new Error(`${pending} deliveries and ${behind} events are left`);
    await delay(ASK_MS);
  }
}
