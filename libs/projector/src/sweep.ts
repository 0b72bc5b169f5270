/** Drops, again and again, the schemas of read models whose time is over: one loop per worker is enough, several do no harm. */
import type { Database } from '#libs/database';
import { pause } from './backoff.js';
import type { Log } from './log.js';
import { type DropOptions, dropOldSchemas } from './schemas.js';

export interface SweepOptions extends DropOptions {
  readonly db: Database;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;

/** Sweeps at once and then at the interval, until the signal aborts. Never throws for what may pass. */
export async function sweepSchemas(options: SweepOptions): Promise<void> {
  const { db, signal, log, everyMs = EVERY_MS } = options;
  while (!signal.aborted) {
    try {
      const schemas = await dropOldSchemas(db, options);
      if (schemas.length > 0) log.info({ schemas }, 'old schemas are dropped');
    } catch (error) {
      log.warn({ err: error }, 'old schemas were not dropped');
    }
    await pause(everyMs, signal);
  }
}
