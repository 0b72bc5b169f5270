/** Runs checks for those who ask: who asks for what is being run already hears the same answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '#libs/database';
import { DomainError } from '#libs/ledger';
import { checksNamed } from './register.js';
import { keepResults } from './results.js';
import { type ChecksRun, type RunChecksOptions, runChecks } from './run-checks.js';

export type RunnerOptions = Pick<RunChecksOptions, 'signal' | 'onProgress'> & {
  readonly db: Database;
  readonly url: string;
};

const RETRY_MS = 250;
const PATIENCE_MS = 60_000;

export class CheckRunner {
  private running: { readonly names: string; readonly run: Promise<ChecksRun> } | undefined;

  constructor(private readonly options: RunnerOptions) {}

  /**
   * Runs the checks of these names (none: all) and keeps what they found. Throws `check_unknown`,
   * `read_models_missing`, and `checks_running` while others are run, here or by another process.
   */
  async run(names: readonly string[] = []): Promise<ChecksRun> {
    const checks = checksNamed(names);
    const wanted = checks.map(({ name }) => name).join(' ');
    if (this.running !== undefined) {
      if (this.running.names === wanted) return this.running.run;
      throw new DomainError(
        'checks_running',
        'other checks are running: ask again when they are done',
      );
    }
    const run = this.kept(checks);
    this.running = { names: wanted, run };
    try {
      return await run;
    } finally {
      this.running = undefined;
    }
  }

  /** As `run`, but waits while others are run. Throws `checks_running` after a minute of it. */
  async runWhenFree(names: readonly string[] = []): Promise<ChecksRun> {
    for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
      try {
        return await this.run(names);
      } catch (error) {
        const isBusy = (error as { code?: unknown }).code === 'checks_running';
        if (!isBusy || waitedMs >= PATIENCE_MS) throw error;
        await delay(RETRY_MS);
      }
    }
  }

  private async kept(checks: ReturnType<typeof checksNamed>): Promise<ChecksRun> {
    const run = await runChecks({ ...this.options, checks });
    await keepResults(this.options.db, run);
    return run;
  }
}
