/**
 * The course of a replay, as whoever runs it writes it down. Every statement names the lease's epoch
 * and the state it starts from: a runner that was replaced, or whose replay was discarded meanwhile,
 * changes nothing, and learns it.
 */
import { sql } from 'kysely';
import { assertHeld, type Database, type Lease, type Transaction } from '#libs/database';
import type { DifferenceSummary, ReplayProgress } from '#libs/projector';
import { AT_WORK, MAX_ATTEMPTS, READY_MS, type Replay } from './replay.js';
import { changeReplays, replaysWhere, summaryText } from './replay-rows.js';

/** The replay is no longer this runner's: another one runs it, or somebody discarded it. */
export class ReplayWithdrawn extends Error {
  readonly code = 'replay_withdrawn';
  constructor(readonly replay: string) {
    super(`replay ${replay} was discarded, or is run by another process now`);
  }
}

/** The one at work, if there is one. */
export async function replayAtWork(db: Database): Promise<Replay | undefined> {
  const [replay] = await replaysWhere(db, sql`where state = any(${AT_WORK}::text[])`);
  return replay;
}

/** One that nobody has written to for a while: whoever was to run it is gone. */
export async function isForsaken(db: Database, id: string, afterMs: number): Promise<boolean> {
  const [replay] = await replaysWhere(
    db,
    sql`where id = ${id}::bigint
      and touched_at < clock_timestamp() - make_interval(secs => ${afterMs / 1000}::float8)`,
  );
  return replay !== undefined;
}

export interface Failure {
  readonly code: string;
  readonly detail: string;
}

export class ReplayCourse {
  constructor(
    private readonly db: Database,
    readonly id: string,
    readonly lease: Pick<Lease, 'name' | 'epoch'>,
  ) {}

  /** Begins it, again if somebody has before; what that one left is in `schema`. Throws ReplayWithdrawn. */
  begin(): Promise<Replay> {
    return this.change(
      sql`epoch = ${this.lease.epoch}::bigint, attempts = attempts + 1,
        state = case state when 'promoting' then state else 'running' end,
        started_at = coalesce(started_at, clock_timestamp()),
        phase = case state when 'promoting' then phase end`,
      sql`state = any(${AT_WORK}::text[])`,
      { begins: true },
    );
  }

  forgetSchema(): Promise<Replay> {
    return this.change(sql`schema = null`, sql`state = 'running'`);
  }

  tell(progress: ReplayProgress): Promise<Replay> {
    const { schema, phase, table, position, head, eventsPerSecond } = progress;
    return this.change(
      sql`schema = coalesce(nullif(${schema}, ''), schema), phase = ${phase},
        at_table = ${table ?? null}, position = ${position}::bigint, head = ${head}::bigint,
        events_per_second = ${eventsPerSecond}::bigint`,
      sql`state = any(${AT_WORK}::text[])`,
    );
  }

  comparing(schema: string): Promise<Replay> {
    return this.change(sql`state = 'comparing', schema = ${schema}`, sql`state = 'running'`);
  }

  ready(summary: DifferenceSummary): Promise<Replay> {
    return this.change(
      sql`state = 'ready', ready_at = clock_timestamp(), summary = ${summaryText(summary)}::jsonb,
        difference_hash = ${summary.hash}, phase = null, code = null, detail = null`,
      sql`state = 'comparing'`,
    );
  }

  /** One that nobody has to look at. */
  promoting(schema: string): Promise<Replay> {
    return this.change(
      sql`state = 'promoting', schema = ${schema}, promote_actor = actor, promote_reason = reason`,
      sql`state = 'running' and automatic`,
    );
  }

  /** The lease is ours and nobody has withdrawn the replay, until the transaction ends. */
  async assertOursIn(tx: Transaction): Promise<void> {
    await assertHeld(tx, this.lease);
    const { rows } = await sql`
      select from replays where id = ${this.id}::bigint and epoch = ${this.lease.epoch}::bigint
        and state = 'promoting' for update`.execute(tx);
    if (rows.length === 0) throw new ReplayWithdrawn(this.id);
  }

  /** In the transaction that moves the pointer. `position`: of the event that says so. */
  promotedIn(tx: Transaction, position: bigint | undefined): Promise<Replay> {
    return this.change(
      sql`state = 'promoted', event_position = ${position ?? null}::bigint, schema = null,
        phase = null, code = null, detail = null, ended_at = clock_timestamp()`,
      sql`state = 'promoting'`,
      { db: tx },
    );
  }

  /** It will not pass by being begun again. Its tables are dropped by whoever tidies. */
  fail({ code, detail }: Failure): Promise<Replay> {
    return this.change(
      sql`state = 'failed', errors = errors + 1, code = ${code}, detail = ${detail},
        phase = null, ended_at = clock_timestamp()`,
      sql`state = any(${AT_WORK}::text[])`,
    );
  }

  private async change(
    set: ReturnType<typeof sql>,
    from: ReturnType<typeof sql>,
    { db = this.db, begins = false }: { db?: Database | Transaction; begins?: boolean } = {},
  ): Promise<Replay> {
    const ours = begins ? sql`true` : sql`epoch = ${this.lease.epoch}::bigint`;
    const where = sql`id = ${this.id}::bigint and ${ours} and ${from}`;
    const [replay] = await changeReplays(db, set, where);
    if (replay === undefined) throw new ReplayWithdrawn(this.id);
    return replay;
  }
}

/**
 * An attempt ended before it had said how: it is begun again, a bounded number of times. Returns the
 * replay as it is then; undefined: it is not at work any more.
 */
export async function attemptFailed(
  db: Database,
  id: string,
  { code, detail }: Failure,
): Promise<Replay | undefined> {
  const last = sql`greatest(attempts, errors + 1) >= ${MAX_ATTEMPTS}`;
  const [replay] = await changeReplays(
    db,
    sql`errors = errors + 1, code = ${code}, detail = ${detail},
      state = case when ${last} then 'failed' else state end,
      ended_at = case when ${last} then clock_timestamp() end`,
    sql`id = ${id}::bigint and state = any(${AT_WORK}::text[])`,
  );
  return replay;
}

/** It is not begun again. */
export async function giveUp(db: Database, id: string, { code, detail }: Failure): Promise<void> {
  await changeReplays(
    db,
    sql`state = 'failed', code = ${code}, detail = ${detail}, ended_at = clock_timestamp()`,
    sql`id = ${id}::bigint and state = any(${AT_WORK}::text[])`,
  );
}

/** Discards what has waited for too long. */
export const expireReplays = (db: Database): Promise<Replay[]> =>
  changeReplays(
    db,
    sql`state = 'discarded', code = 'replay_expired', ended_at = clock_timestamp(),
      detail = ${`nobody promoted it within ${READY_MS / 3_600_000} hours`}`,
    sql`state = 'ready'
      and ready_at <= clock_timestamp() - make_interval(secs => ${READY_MS / 1000}::float8)`,
  );

/** Those that are over and may still have tables. */
export const replaysHolding = (db: Database): Promise<Replay[]> =>
  replaysWhere(
    db,
    // A later one may have been given the name anew: then the tables are not this one's.
    sql`where schema is not null and state in ('discarded', 'failed') and not exists (
        select from replays other where other.schema = replays.schema and other.id > replays.id)
      order by id`,
  );

export async function tablesDropped(db: Database, id: string): Promise<void> {
  await changeReplays(
    db,
    sql`schema = null`,
    sql`id = ${id}::bigint and state in ('discarded', 'failed')`,
  );
}
