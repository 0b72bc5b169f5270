/** The replay in a process of its own, as the worker runs it; answers how long it took and what it held. */
import { decodeEvent } from '#libs/application';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { buildReplay } from '#libs/projector';
import { register } from '#projections';
import { serveOrders } from '../child.js';

export interface ReplayOrder {
  readonly url: string;
}
export interface Replayed {
  readonly schema: string;
  readonly seconds: number;
  /** Largest resident size, in MB. */
  readonly peakMb: number;
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

serveOrders<ReplayOrder>('', async ({ url }): Promise<Replayed> => {
  const db = openDatabase(url, { max: 3, applicationName: 'bench replay' });
  try {
    const store = new PostgresEventStore({ db, url });
    const began = performance.now();
    const { schema } = await buildReplay({
      db,
      store,
      register,
      decode: decodeEvent,
      signal: new AbortController().signal,
      log: quiet,
    });
    const seconds = (performance.now() - began) / 1_000;
    return { schema, seconds, peakMb: process.resourceUsage().maxRSS / 1_024 };
  } finally {
    await db.destroy();
  }
});
