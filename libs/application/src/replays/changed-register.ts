/**
 * A process starts with other projections than those whose tables serve: a changed version, a new
 * one, one less. The tables are then replayed and switched like any other replay, by itself, while
 * the old ones serve.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import {
  BATCH_EVENTS,
  ensureReadModels,
  type Log,
  type Register,
  RegisterNotServed,
  type ReplayOptions,
  readCheckpoint,
  registerText,
} from '#libs/projector';
import { orderReplayIn } from './replay-orders.js';

/** Who orders it. */
export const STARTER = 'start';

const MAX_NAMED = 400;
/** After an automatic one has failed. */
const AGAIN_MS = 60_000;

/**
 * At the start of a process: a ledger that is new, or short, has its tables before anything else. What
 * takes longer is ordered as a replay (`orderIfChanged`) and waited for by whoever needs it.
 */
export async function makeFirstTables<E>(options: ReplayOptions<E>): Promise<void> {
  const { db, register, store } = options;
  const isShort = async (log: EventStore) => (await log.head()) <= BigInt(BATCH_EVENTS);
  if ((await notServed(db, register)) === 'missing' && (await isShort(store)))
    await ensureReadModels(options);
}

/** Orders the replay of a register that is not served, unless it is ordered already. */
export async function orderIfChanged(options: {
  readonly db: Database;
  readonly register: Register;
  readonly log: Log;
}): Promise<void> {
  const { db, register, log } = options;
  if ((await notServed(db, register)) === undefined) return;
  if (await failedLately(db, register)) return;
  const reason = `The projections have changed: ${await changesOf(db, register)}`;
  try {
    const { id } = await orderReplayIn(db, {
      projections: null,
      until: null,
      actor: STARTER,
      reason: reason.length > MAX_NAMED ? `${reason.slice(0, MAX_NAMED)} …` : reason,
      register: registerText(register),
      automatic: true,
    });
    log.info({ replay: id, reason }, 'the read models are made from the log');
  } catch (error) {
    // It is ordered already, or another one must end first.
    if ((error as { code?: unknown }).code !== 'replay_running') throw error;
  }
}

/** What failed is tried again, but not at once: its remedy mostly comes with another release. */
async function failedLately(db: Database, register: Register): Promise<boolean> {
  const { rows } = await sql`
    select from replays
    where automatic and state = 'failed' and register = ${registerText(register)}
      and ended_at > clock_timestamp() - make_interval(secs => ${AGAIN_MS / 1000}::float8)
    limit 1`.execute(db);
  return rows.length > 0;
}

/** Why these projections are not served; undefined: they are. */
export async function notServed(
  db: Database,
  register: Register,
): Promise<RegisterNotServed['reason'] | undefined> {
  try {
    await readCheckpoint(db, register);
    return undefined;
  } catch (error) {
    if (error instanceof RegisterNotServed) return error.reason;
    throw error;
  }
}

/** `lines 1 → 2, snapshots is new, old_table is no more`. */
async function changesOf(db: Database, register: Register): Promise<string> {
  const { rows } = await sql<{ name: string; version: number }>`
    select name, version from projections order by name`.execute(db);
  if (rows.length === 0) return 'there were no tables';
  const before = new Map(rows.map(({ name, version }) => [name, version]));
  const changed = register.flatMap(({ name, version }) => {
    const old = before.get(name);
    if (old === undefined) return [`${name} is new`];
    return old === version ? [] : [`${name} ${old} → ${version}`];
  });
  const now = new Set(register.map(({ name }) => name));
  const gone = rows.flatMap(({ name }) => (now.has(name) ? [] : [`${name} is no more`]));
  return [...changed, ...gone].join(', ') || 'the tables were not all of one schema';
}
