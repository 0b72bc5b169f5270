/**
 * The loop that has replays run: one at a time, under a lease, each in a process of its own, so that
 * intake and projector go on as if there were none. It also orders the replay of projections that
 * have changed, discards what nobody promoted, and drops the tables that are left over.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLease, type Database, endSessions, listen } from '#libs/database';
import {
  discardReplay,
  dropOldSchemas,
  type Log,
  type Register,
  registerText,
} from '#libs/projector';
import { notServed, orderIfChanged } from './changed-register.js';
import { AT_WORK, MAX_ATTEMPTS, READY_MS, REPLAYS_CHANNEL } from './replay.js';
import {
  attemptFailed,
  expireReplays,
  type Failure,
  giveUp,
  isForsaken,
  replayAtWork,
  replaysHolding,
  tablesDropped,
} from './replay-course.js';
import { replayWithId } from './replay-orders.js';
import type { ReplayToRun } from './run-replay.js';

export interface ReplayLoopOptions {
  readonly db: Database;
  /** As who owns the read models, to drop old ones; default: `db`. */
  readonly tables?: Database;
  readonly url: string;
  readonly register: Register;
  /** Runs one in a process of its own; undefined: it ended in order, and the row says how. */
  readonly run: (replay: ReplayToRun, signal: AbortSignal) => Promise<Failure | undefined>;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Between two looks when nothing is heard. */
  readonly askMs?: number;
  /** After which an order of another version of the projections is given up for them. */
  readonly forsakenMs?: number;
  /** After each look, for tests. */
  readonly onLooked?: () => void;
}

const LEASE = 'replays';
const ASK_MS = 5_000;
const RETRY_MS = 1_000;
const FORSAKEN_MS = 60_000;
/** Nobody who has those projections is there to run it. */
const FORSAKEN: Failure = {
  code: 'register_changed',
  detail: 'it was ordered of other versions of the projections: order another one',
};
/** The tables of a replay outlive its row's patience, not the other way round. */
const BUILT_SECONDS = READY_MS / 1_000 + 3_600;

/** Under which name a replay's process is connected. */
export const replaySession = (id: string): string => `replay ${id}`;

/** Until the signal aborts. Never throws for what may pass. */
export async function runReplays(options: ReplayLoopOptions): Promise<void> {
  const { url, signal, log, askMs = ASK_MS } = options;
  const bell = new Bell();
  const hearing = listen({
    url,
    channels: [REPLAYS_CHANNEL],
    signal,
    onHeard: () => bell.ring(),
  });
  let haveServed = false;
  while (!signal.aborted) {
    bell.silence();
    try {
      await tidy(options);
      const why = await notServed(options.db, options.register);
      haveServed ||= why === undefined;
      // Once ours have served, others that serve are those of a worker that was started later.
      if (why === 'missing' || !haveServed) await orderIfChanged(options);
      const replay = await replayAtWork(options.db);
      if (replay !== undefined) await runUnderLease(options);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'replays could not be looked after');
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
    options.onLooked?.();
    await bell.rung(askMs, signal);
  }
  await hearing;
}

/** What is over leaves nothing behind. */
async function tidy({ db, tables = db, log }: ReplayLoopOptions): Promise<void> {
  for (const { id } of await expireReplays(db))
    log.warn({ replay: id }, 'nobody promoted the replay in time: it is discarded');
  for (const { id, schema } of await replaysHolding(db))
    if (schema !== null && (await dropped(tables, schema))) await tablesDropped(db, id);
  const schemas = await dropOldSchemas(tables, { builtSeconds: BUILT_SECONDS });
  if (schemas.length > 0) log.info({ schemas }, 'old read models are dropped');
}

/** False: somebody reads them just now; another time. */
const dropped = (tables: Database, schema: string): Promise<boolean> =>
  discardReplay(tables, schema).catch((error: unknown) => {
    // It serves: the row was written by a runner that lost its connection, not its transaction.
    if ((error as { code?: unknown }).code === 'replay_promoted') return true;
    throw error;
  });

async function runUnderLease(options: ReplayLoopOptions): Promise<void> {
  const { db, url, register, signal, forsakenMs = FORSAKEN_MS } = options;
  const waiting = await replayAtWork(db);
  if (waiting === undefined) return;
  if (waiting.register !== registerText(register)) {
    // Another version runs beside this one, in an upgrade: it is theirs, as long as they live.
    if (!(await isForsaken(db, waiting.id, forsakenMs))) return;
  }
  const lease = await acquireLease({ url, name: LEASE, signal });
  if (lease === undefined) return;
  const ours = AbortSignal.any([signal, lease.lost]);
  try {
    for (;;) {
      // Before the next one too: it may be given the name of a schema that a row still holds.
      await tidy(options);
      const replay = await replayAtWork(db);
      if (replay === undefined || ours.aborted) return;
      // A process that was killed may have left a long statement behind.
      await endSessions(url, replaySession(replay.id));
      if (replay.register !== registerText(register)) await giveUp(db, replay.id, FORSAKEN);
      else await runOnce(options, { id: replay.id, lease }, ours);
    }
  } finally {
    await lease.release();
  }
}

async function runOnce(
  { db, url, run, log }: ReplayLoopOptions,
  replay: ReplayToRun,
  signal: AbortSignal,
): Promise<void> {
  const { id } = replay;
  const failure =
    (await attemptsLeft(db, id)) ?? (await run(replay, signal)) ?? (await stillAtWork(db, id));
  await endSessions(url, replaySession(id)).catch(() => {});
  if (failure === undefined || signal.aborted) return;
  const now = await attemptFailed(db, id, failure);
  if (now === undefined) return; // it was discarded, or had come to its end
  const says = now.state === 'failed' ? 'the replay failed' : 'the replay is begun again';
  log[now.state === 'failed' ? 'error' : 'warn']({ replay: id, ...failure }, says);
  await delay(RETRY_MS, undefined, { signal }).catch(() => {});
}

/** Who runs it dies each time, and takes the whole worker with it. */
async function attemptsLeft(db: Database, id: string): Promise<Failure | undefined> {
  const { attempts } = await replayWithId(db, id);
  if (attempts < MAX_ATTEMPTS) return undefined;
  return {
    code: 'replay_died',
    detail: `it was begun ${attempts} times and never came to an end: see the log of the worker`,
  };
}

async function stillAtWork(db: Database, id: string): Promise<Failure | undefined> {
  const { state, attempts } = await replayWithId(db, id);
  // It was ready, and is ordered to be promoted already: that has not been begun.
  if (!AT_WORK.includes(state) || attempts === 0) return undefined;
  return { code: 'replay_died', detail: 'its process ended without having said why' };
}

/** Rung when something was heard; what rings while nobody waits is not lost. */
class Bell {
  #isRung = false;
  #wake = (): void => {};

  ring(): void {
    this.#isRung = true;
    this.#wake();
  }

  silence(): void {
    this.#isRung = false;
  }

  async rung(limitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#isRung || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', this.#wake, { once: true });
    });
    signal.removeEventListener('abort', this.#wake);
    this.#wake = () => {};
  }
}
