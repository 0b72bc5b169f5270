/** After the cron: every digest recomputed from the log, and all checks, over all rows. */
import { type CheckRunner, type ChecksRun, snapshotsAsSealed } from '#libs/checks';
import { sealedSnapshots } from '#projections';
import type { MonthDeliveries } from '../commands/month-parts.js';
import type { ReadSide } from './read-side.js';

export interface VerificationParts {
  readonly reads: Pick<ReadSide, 'withSource'>;
  readonly runner: Pick<CheckRunner, 'runWhenFree'>;
  readonly deliveries: MonthDeliveries;
}

export interface Verification {
  /** No check that is an error fails. */
  readonly valid: boolean;
  readonly digests: { readonly recomputed: number; readonly differing: number };
  readonly run: ChecksRun;
  /** Parked and quarantined deliveries of which nobody can tell whose they are: they block nobody. */
  readonly nameless: { readonly parked: number; readonly quarantined: number };
}

/** From 1970 to the end of 9999: every month there is. */
const ALWAYS = { from: 0, to: 253_402_300_800 };

/** Throws `read_models_missing`; `checks_running` when others have run checks for a minute. */
export async function verificationOf(parts: VerificationParts): Promise<Verification> {
  const run = await parts.runner.runWhenFree();
  const recomputed = await parts.reads.withSource(sealedSnapshots);
  const { nameless } = await parts.deliveries.unresolvedIn({ creatorId: '', ...ALWAYS }, 0);
  const digests = run.results.find(({ name }) => name === snapshotsAsSealed.name);
  return {
    valid: run.results.every(({ holds, severity }) => holds || severity !== 'error'),
    digests: { recomputed, differing: digests?.violations ?? 0 },
    run,
    nameless,
  };
}
