/**
 * Runs one replay to where somebody has to decide: builds the tables, compares them with those that
 * serve, and waits for nobody. One that was ordered to be promoted it promotes; that is said by an
 * event, in the transaction that moves the pointer, so that neither is ever there without the other.
 *
 * It runs in a process of its own, which may be killed at any moment: what is begun again begins
 * anew, and what it left is dropped. Nothing that it does reaches anybody outside of the database.
 */
import { sql } from 'kysely';
import type { Database, Lease } from '#libs/database';
import { LeaseLost, workAs } from '#libs/database';
import type { JoinableLog } from '#libs/event-store';
import {
  type Clock,
  instantOf,
  type LedgerEvent,
  type PromoteReplay,
  replayDecider,
  replayStream,
} from '#libs/ledger';
import {
  buildDifference,
  buildReplay,
  discardReplay,
  dropOldSchemas,
  type Log,
  type Projecting,
  type PromoteOptions,
  promote,
  selectProjections,
} from '#libs/projector';
import { Decisions } from '../decisions.js';
import { metadataOf } from '../execute.js';
import { endOf, type Replay } from './replay.js';
import { ReplayCourse, ReplayWithdrawn } from './replay-course.js';
import { ReplayTelling } from './replay-telling.js';

export interface ReplayParts extends Projecting<LedgerEvent> {
  /** Uses up to six connections at once. */
  readonly db: Database;
  readonly store: JoinableLog;
  /** When a promotion is said to have happened: the ledger's clock. */
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface ReplayToRun {
  readonly id: string;
  /** Under which it runs. */
  readonly lease: Pick<Lease, 'name' | 'epoch'>;
}

/**
 * Ends when the row says how it ended, or that it is ready. Throws what may pass: a lost connection or
 * lease, the signal's reason; then it is to be run again.
 */
export async function runReplay(parts: ReplayParts, { id, lease }: ReplayToRun): Promise<void> {
  const course = new ReplayCourse(parts.db, id, lease);
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const telling = new ReplayTelling(course, parts.store, stop);
  const run = { ...parts, signal, onProgress: telling.hear };
  try {
    const replay = await course.begin();
    telling.begin(replay);
    if (replay.state === 'promoting') await promoteReplay(run, course, replay);
    else await buildAndCompare(run, course, replay);
  } catch (error) {
    if (isWithdrawn(error, stop.signal)) return;
    if (parts.signal.aborted || mayPass(error)) throw error;
    parts.log.error({ err: error, replay: id }, 'the replay failed');
    await course.fail(failureOf(error)).catch((other: unknown) => {
      if (!(other instanceof ReplayWithdrawn)) throw other;
    });
  } finally {
    await telling.end();
  }
}

type Run = PromoteOptions<LedgerEvent> & ReplayParts;

async function buildAndCompare(run: Run, course: ReplayCourse, replay: Replay): Promise<void> {
  const { db } = run;
  // Of an attempt that was cut off; and what others left, for there is room for one more only then.
  if (replay.schema !== null && (await discardReplay(db, replay.schema)))
    await course.forgetSchema();
  await dropOldSchemas(db);
  const { projections, until } = replay;
  const options = {
    ...run,
    ...(projections === null ? {} : { projections }),
    ...(replay.automatic ? {} : { until: until === null ? ('live' as const) : endOf(until) }),
  };
  const { schema } = await buildReplay(options);
  if (replay.automatic) {
    await promoteReplay(run, course, await course.promoting(schema));
    return;
  }
  await course.comparing(schema);
  await course.ready(await buildDifference(run, schema));
}

async function promoteReplay(run: Run, course: ReplayCourse, replay: Replay): Promise<void> {
  const { store, clock } = run;
  const { id, schema, summary, promotion } = replay;
  if (schema === null || promotion === null)
    throw new RangeError(`replay ${id} has nothing to promote`);
  const { actor, reason } = promotion;
  const stream = replayStream(id);
  const decisions = new Decisions(store);
  await decisions.load([stream]);
  const command: PromoteReplay = {
    type: 'PromoteReplay',
    at: instantOf(clock.now()),
    reason,
    found: foundOf(replay, run.register),
  };
  // Said before, and cut off from the switch: what the log says is done, whatever was seen.
  const { isPromoted: isSaid } = decisions.stateOf(replayDecider, stream);
  const events = replayDecider.decide(command, decisions.stateOf(replayDecider, stream));
  decisions.accept(stream, events, metadataOf(command.type, { actor, reason }));
  await promote(
    {
      ...run,
      ...(summary === null || isSaid ? {} : { differenceHash: summary.hash }),
      within: async (tx) => {
        // The pool's commits do not wait for the disk: this one says something to the log.
        await sql`set local synchronous_commit = on`.execute(tx);
        // Who makes tables may not write to the log; the rest of the transaction is the application's.
        await workAs(tx, 'app');
        await course.assertOursIn(tx);
        const appended = await store.appendIn(tx, decisions.appends());
        const said = isSaid ? (await store.readStreams([stream], tx)).get(stream) : appended.events;
        await course.promotedIn(tx, said?.at(-1)?.position);
      },
    },
    schema,
  );
}

/** A recomputed column has what it looks at rebuilt with it. */
function foundOf(
  { projections, summary }: Replay,
  register: Run['register'],
): PromoteReplay['found'] {
  const tables = (summary?.tables ?? [])
    .filter(({ missing, extra, changed }) => missing + extra + changed > 0n)
    .map((one) => [one.table, `${one.missing}`, `${one.extra}`, `${one.changed}`] as const);
  return {
    ...(projections === null
      ? {}
      : { projections: selectProjections(register, projections).rebuilt.map(({ name }) => name) }),
    ...(summary === null
      ? {}
      : { position: String(summary.position), differenceHash: summary.hash }),
    tables,
  };
}

const isWithdrawn = (error: unknown, stop: AbortSignal): boolean =>
  error instanceof ReplayWithdrawn || (stop.aborted && stop.reason instanceof ReplayWithdrawn);

/**
 * SQLSTATE classes: connection failure, serialization and deadlock, out of connections, shutdown. And
 * tables that are not logged yet vanish when the server is killed: the next attempt makes them again.
 */
const PASSING =
  /^(08...|40001|40P01|53300|57P0.|E[A-Z]{3,}|replay_lost|log_unavailable|revision_conflict)$/;
const BROKEN = /^(connection terminated|timeout exceeded|client has encountered|.*not queryable)/i;

/** Whether another attempt may meet what this one did not. */
export function mayPass(error: unknown): boolean {
  if (error instanceof LeaseLost) return true;
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? PASSING.test(code) : BROKEN.test(error.message);
}

const MAX_DETAIL = 1_000;

export function failureOf(error: unknown): { code: string; detail: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const ours = typeof code === 'string' && /^[a-z]+(_[a-z]+)+$/.test(code);
  return {
    code: ours ? code : 'replay_failed',
    detail: String(message ?? error).slice(0, MAX_DETAIL),
  };
}
