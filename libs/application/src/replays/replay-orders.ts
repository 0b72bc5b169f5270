/**
 * What people order of replays, and what the row says of it. Each change is one statement that names
 * the state it starts from: two who order at once meet in the row, and one of them is refused.
 */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import { DomainError } from '#libs/ledger';
import { AT_WORK, READY_MS, REPLAYS_CHANNEL, type Replay, type ReplayOrder } from './replay.js';
import { changeReplays, replaysWhere } from './replay-rows.js';

export interface NewReplay extends ReplayOrder {
  readonly register: string;
  /** Is promoted without being looked at. */
  readonly automatic: boolean;
}

const UNIQUE_VIOLATION = '23505';

/**
 * Orders one. What was ready and is not promoted is discarded: its tables take as much room as those
 * that serve, and the new one will say what differs now. Throws `replay_running`.
 */
export async function orderReplayIn(db: Database, order: NewReplay): Promise<Replay> {
  const { projections, until, actor, reason, register, automatic } = order;
  try {
    return await db.transaction().execute(async (tx) => {
      await supersede(tx);
      const { rows } = await sql<{ id: string }>`
        with ordered as (
          insert into replays (projections, until, actor, reason, register, automatic)
          values (${projections}::text[], ${until}, ${actor}, ${reason}, ${register}, ${automatic})
          returning id
        )
        select id, pg_notify(${REPLAYS_CHANNEL}, id::text) from ordered`.execute(tx);
      // One that became ready since then; from here on none can.
      await supersede(tx);
      return await replayWithId(tx, rows[0]?.id ?? '');
    });
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
    throw await runningAlready(db);
  }
}

const supersede = (tx: Transaction): Promise<unknown> =>
  changeReplays(
    tx,
    sql`state = 'discarded', code = 'replay_superseded', ended_at = clock_timestamp(),
      detail = 'another replay was ordered: its difference is the one to look at'`,
    sql`state = 'ready'`,
  );

async function runningAlready(db: Database): Promise<DomainError> {
  const [other] = await replaysWhere(db, sql`where state = any(${AT_WORK}::text[])`);
  return new DomainError(
    'replay_running',
    other === undefined
      ? 'another replay was at work just now: order again'
      : `replay ${other.id}, ordered by ${other.actor}, is ${other.state}: wait for it, or discard it`,
  );
}

/** Throws `replay_not_found`. */
export async function replayWithId(db: Database | Transaction, id: string): Promise<Replay> {
  const [replay] = /^[1-9]\d{0,17}$/.test(id)
    ? await replaysWhere(db, sql`where id = ${id}::bigint`)
    : [];
  if (replay !== undefined) return replay;
  throw new DomainError('replay_not_found', `there is no replay ${id.slice(0, 20)}`);
}

export interface PromoteOrder {
  readonly id: string;
  /** Of the difference that was looked at. */
  readonly differenceHash: string;
  readonly actor: string;
  readonly reason: string;
}

/**
 * Orders exactly the plan that was seen to take the place of what serves; ordered again it is no
 * change. Throws `replay_not_found`, `replay_for_looking`, `replay_expired`, `replay_not_ready`,
 * `difference_hash_mismatch`.
 */
export async function orderPromotion(db: Database, order: PromoteOrder): Promise<Replay> {
  const { id, differenceHash, actor, reason } = order;
  const before = await replayWithId(db, id);
  refuseUnready(before);
  refuseOther(before, differenceHash);
  if (before.state !== 'ready') return before;
  const [promoting] = await changeReplays(
    db,
    sql`state = 'promoting', promote_actor = ${actor}, promote_reason = ${reason}, attempts = 0,
      errors = 0, code = null, detail = null`,
    sql`id = ${id}::bigint and state = 'ready' and difference_hash = ${differenceHash}
      and ready_at > clock_timestamp() - make_interval(secs => ${READY_MS / 1000}::float8)`,
  ).catch(async (error: unknown) => {
    throw (error as { code?: unknown }).code === UNIQUE_VIOLATION
      ? await runningAlready(db)
      : error;
  });
  if (promoting !== undefined) return promoting;
  // Somebody came between, or its time was over while it was read.
  const now = await replayWithId(db, id);
  refuseUnready(now);
  if (now.state === 'ready') throw expired(now);
  return now;
}

function refuseUnready(replay: Replay): void {
  const { id, state, until, code } = replay;
  if (until !== null)
    throw new DomainError(
      'replay_for_looking',
      `replay ${id} shows the log up to ${until}: order one without until to repair what serves`,
    );
  if (state === 'discarded' && code === 'replay_expired') throw expired(replay);
  if (state === 'ready' || state === 'promoting' || state === 'promoted') return;
  const next = AT_WORK.includes(state) ? 'wait until it is ready' : 'order another one';
  throw new DomainError(
    'replay_not_ready',
    `replay ${id} is ${state}${code === null ? '' : ` (${code})`}: ${next}`,
  );
}

const expired = ({ id }: Replay): DomainError =>
  new DomainError(
    'replay_expired',
    `replay ${id} waited for ${READY_MS / 3_600_000} hours and is discarded: order another one`,
  );

function refuseOther({ id, summary }: Replay, hash: string): void {
  // One that was ordered by the start of a process was compared with nothing.
  if (summary?.hash === hash) return;
  throw new DomainError(
    'difference_hash_mismatch',
    summary === null
      ? `replay ${id} was compared with nothing: nobody can have seen its difference`
      : `the difference of replay ${id} is ${summary.hash}: look at it, then promote that one`,
  );
}

/**
 * Ends one that does not serve; its tables are dropped by whoever runs replays. Discarded again it is
 * no change. Throws `replay_not_found`, `replay_promoted`, `replay_promoting`.
 */
export async function discardIn(
  db: Database,
  order: { readonly id: string; readonly actor: string },
): Promise<Replay> {
  const { id, actor } = order;
  const [discarded] = await changeReplays(
    db,
    sql`state = 'discarded', code = 'replay_discarded', ended_at = clock_timestamp(),
      detail = ${`${actor} ordered it`}`,
    sql`id = ${(await replayWithId(db, id)).id}::bigint
      and state in ('ordered', 'running', 'comparing', 'ready') and not automatic`,
  );
  if (discarded !== undefined) return discarded;
  const now = await replayWithId(db, id);
  if (now.state === 'discarded' || now.state === 'failed') return now;
  if (now.state === 'promoted')
    throw new DomainError(
      'replay_promoted',
      `replay ${id} was promoted: only another replay can take its place`,
    );
  throw new DomainError(
    'replay_promoting',
    now.automatic
      ? `replay ${id} makes the tables that this version reads: it cannot be discarded`
      : `replay ${id} is being promoted: look again in a moment`,
  );
}
