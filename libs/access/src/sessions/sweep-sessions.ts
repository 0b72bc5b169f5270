/** Rows of sessions and links that open nothing any more go: they are of no use, and say when people came. */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { Clock } from '#libs/ledger';
import { at, IDLE_MS, tokenStands } from './sessions.js';

export interface SweepOptions {
  readonly db: Database;
  /** The real one. */
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log?: (level: 'info' | 'warn', message: string, about?: object) => void;
}

const EVERY_MS = 10 * 60_000;
const BATCH = 1000;

/** Sweeps now and every ten minutes until the signal aborts. Two who sweep at once take different rows. */
export async function sweepSessions(options: SweepOptions): Promise<void> {
  const { signal, log } = options;
  while (!signal.aborted) {
    try {
      const gone = await sweepOnce(options);
      if (gone > 0) log?.('info', 'sessions that ended are gone', { gone });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log?.('warn', 'sessions that ended could not be removed yet', { error: message });
    }
    await pause(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** How many rows went. */
export async function sweepOnce({
  db,
  clock,
}: Pick<SweepOptions, 'db' | 'clock'>): Promise<number> {
  const now = clock.now();
  let gone = 0;
  for (let batch = BATCH; batch >= BATCH; gone += batch) {
    const { numAffectedRows } = await sql`
      delete from sessions where sha256 in (
        select s.sha256 from sessions s left join tokens t on t.id = s.token_id
        where s.expires_at <= ${at(now)} or s.seen_at <= ${at(now - IDLE_MS)}
          or not ${tokenStands(now)}
        limit ${BATCH} for update of s skip locked)`.execute(db);
    batch = Number(numAffectedRows ?? 0n);
  }
  const { numAffectedRows } = await sql`
    delete from sign_in_links where expires_at <= ${at(now)}`.execute(db);
  return gone + Number(numAffectedRows ?? 0n);
}
