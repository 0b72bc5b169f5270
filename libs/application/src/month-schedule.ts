/**
 * The scheduler: closes what is due in each creator's zone once its grace is over, as the cron does.
 * One worker at a time looks, by a lease; and were it two, a close is idempotent. It goes by the
 * ledger's clock, so that a late start only means that more is due. A month that is still being told,
 * as by an import, is left until that has been quiet for a while: a close would cut it in two.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLease } from '#libs/database';
import { closeDueMonths, type DueOutcome, type DueParts } from './commands/close-due-months.js';

export interface ScheduleLog {
  readonly info: (about: object, message: string) => void;
  readonly warn: (about: object, message: string) => void;
  readonly error: (about: object, message: string) => void;
}

export interface MonthScheduleOptions {
  readonly parts: DueParts;
  readonly url: string;
  readonly signal: AbortSignal;
  readonly log: ScheduleLog;
  /** Between two looks. */
  readonly askMs?: number;
  readonly quietMs?: number;
  /** How long a blocked creator is left alone: whoever redrives or repairs need not wait longer. */
  readonly retryBlockedMs?: number;
  /** After each look, for tests. */
  readonly onLooked?: (outcome: DueOutcome) => void;
}

const ASK_MS = 60_000;
const QUIET_MS = 10 * 60_000;
const RETRY_BLOCKED_MS = 10 * 60_000;
/** What passes by itself. */
const PASSING = new Set(['read_models_behind', 'read_models_missing']);

/** Until the signal aborts. Never throws for what may pass. */
export async function runMonthSchedule(options: MonthScheduleOptions): Promise<void> {
  const { url, signal, log, askMs = ASK_MS } = options;
  while (!signal.aborted) {
    const lease = await acquireLease({ url, name: 'months', signal });
    if (lease === undefined) return;
    const ours = AbortSignal.any([signal, lease.lost]);
    const triedAt = new Map<string, number>();
    while (!ours.aborted) {
      try {
        await look(options, triedAt, ours);
      } catch (error) {
        if (!ours.aborted && !PASSING.has((error as { code?: string }).code ?? ''))
          log.error({ err: error }, 'the months that are due could not be looked at');
      }
      await delay(askMs, undefined, { signal: ours }).catch(() => {});
    }
    await lease.release();
  }
}

async function look(
  {
    parts,
    log,
    onLooked,
    quietMs = QUIET_MS,
    retryBlockedMs = RETRY_BLOCKED_MS,
  }: MonthScheduleOptions,
  triedAt: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await closeDueMonths(parts, {
    actor: 'scheduler',
    quietMs,
    signal,
    isLeft: (creatorId) =>
      performance.now() - (triedAt.get(creatorId) ?? -Infinity) < retryBlockedMs,
  });
  for (const { creatorId } of outcome.blocked) triedAt.set(creatorId, performance.now());
  tell(log, outcome);
  onLooked?.(outcome);
}

/** A blocked month is said once, however often it is tried, and whoever tries. */
function tell(log: ScheduleLog, { closed, blocked, cleared }: DueOutcome): void {
  for (const { creatorId, seal, warnings } of closed) {
    const { month, version, digest, position } = seal;
    log.info({ creatorId, month, version, digest, position }, `${month} of ${creatorId} is closed`);
    for (const warning of warnings) log.warn({ creatorId, month }, warning);
  }
  for (const { creatorId, month, code, detail, isNew, error } of blocked) {
    const about = { creatorId, month, code, ...(error === undefined ? {} : { err: error }) };
    if (isNew) log.error(about, `${month} of ${creatorId} cannot be closed: ${detail}`);
  }
  for (const creatorId of cleared) log.info({ creatorId }, `nothing blocks ${creatorId} any more`);
}
