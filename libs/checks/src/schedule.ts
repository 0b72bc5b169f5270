/**
 * Runs all checks again and again: once in every interval, by whichever worker holds the lease, and
 * by the server's clock, so that a restart neither repeats nor forgets a run. What fails is an error
 * in the log each time, what looks odd a warning when it changes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { acquireLease, type Database } from '#libs/database';
import { checks } from './register.js';
import { keepResults, type LastResult, lastResults, ranWithin } from './results.js';
import { type CheckResult, type ChecksRun, runChecks } from './run-checks.js';

export interface CheckLog {
  readonly info: (about: object, message: string) => void;
  readonly warn: (about: object, message: string) => void;
  readonly error: (about: object, message: string) => void;
}

export interface CheckScheduleOptions {
  readonly db: Database;
  readonly url: string;
  /** Between the beginnings of two runs. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly log: CheckLog;
}

/** How often it is asked whether a run is due. */
const ASK_MS = 5_000;

/** Until the signal aborts. Never throws for what may pass. */
export async function runCheckSchedule(options: CheckScheduleOptions): Promise<void> {
  const { url, signal, log } = options;
  while (!signal.aborted) {
    const lease = await acquireLease({ url, name: 'checks', signal });
    if (lease === undefined) return;
    const ours = AbortSignal.any([signal, lease.lost]);
    while (!ours.aborted) {
      try {
        if (await isDue(options)) tell(log, ...(await checked(options, ours)));
      } catch (error) {
        const code = (error as { code?: unknown }).code;
        // Somebody asked for a run just now, or there is nothing to check yet: the next time will do.
        if (!ours.aborted && code !== 'checks_running' && code !== 'read_models_missing')
          log.error({ err: error }, 'the checks could not be run');
      }
      await delay(ASK_MS, undefined, { signal: ours }).catch(() => {});
    }
    await lease.release();
  }
}

/** Each check must have been run since; one run that somebody asked for is not a run of all. */
const isDue = async ({ db, intervalMs }: CheckScheduleOptions): Promise<boolean> =>
  !(await ranWithin(db, checks, intervalMs));

async function checked(
  { db, url }: CheckScheduleOptions,
  signal: AbortSignal,
): Promise<[ChecksRun, readonly LastResult[]]> {
  const before = await lastResults(db);
  const run = await runChecks({ db, url, signal });
  await keepResults(db, run);
  return [run, before];
}

/** What somebody should hear of a run, as log lines. */
export function tell(
  log: CheckLog,
  run: ChecksRun,
  before: readonly Pick<LastResult, 'name' | 'holds' | 'violations'>[],
): void {
  for (const result of run.results) {
    const known = before.find(({ name }) => name === result.name);
    const about = aboutOf(result, run);
    if (result.holds) {
      if (known?.holds === false) log.info(about, `check ${result.name} holds again`);
    } else if (result.severity === 'error') {
      log.error(about, `check ${result.name} FAILS: ${result.why}`);
    } else if (known?.violations !== result.violations) {
      log.warn(about, `check ${result.name} has something to look at: ${result.why}`);
    }
  }
  const failing = run.results.filter(({ holds, severity }) => !holds && severity === 'error');
  const about = { position: String(run.position), durationMs: Math.round(run.durationMs) };
  log.info(about, `${run.results.length} checks were run, ${failing.length} fail`);
}

const aboutOf = ({ name, violations, first }: CheckResult, { position }: ChecksRun): object => ({
  check: name,
  violations,
  position: String(position),
  ...(first[0] === undefined ? {} : { first: first[0] }),
});
