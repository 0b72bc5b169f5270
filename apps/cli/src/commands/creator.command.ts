/** `flywheel creator set`: settings change from an instant on; a dry run unless `--apply`. */
import { pathOf } from '../api-client.js';
import type { RatesArgument, TierArgument } from '../arguments.js';
import { CliError, EXIT } from '../exit.js';
import { instant } from '../format.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';

export interface CreatorSetOptions {
  readonly timeZone?: string;
  readonly rates?: RatesArgument;
  readonly tiers?: readonly TierArgument[];
  readonly graceHours?: number;
  readonly currency?: string;
  readonly effectiveAt?: string;
  readonly dryRun?: boolean;
  readonly apply?: boolean;
}

interface Changed {
  readonly creatorId: string;
  readonly changes: readonly Change[];
  readonly dryRun: boolean;
  readonly position: number | null;
  readonly timeZone: string;
}

interface Change {
  readonly type: string;
  /** An instant, or `beginning`. */
  readonly effectiveAt: string;
  readonly data: object;
}

export async function setCreator(
  invocation: Invocation,
  id: string,
  options: CreatorSetOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { timeZone, rates, tiers, graceHours, currency, effectiveAt } = options;
  const settings = { timeZone, rates, tiers, graceHours, currency };
  if (Object.values(settings).every((value) => value === undefined))
    throw new CliError(EXIT.usage, 'No setting is named.', {
      code: 'settings_missing',
      next: 'flywheel creator set --help',
    });
  const dryRun = options.apply !== true;
  const { client } = await connect(invocation, `${id}${dryRun ? ' · dry run' : ''}`);
  const path = pathOf('api', 'creators', id, 'settings');
  const changed = await client.put<Changed>(path, { ...settings, effectiveAt, dryRun });
  const zone = globals.tz ?? changed.timeZone;
  terminal.answer('flywheel.creator-set/1', changed, () =>
    changed.changes.length === 0
      ? 'All of it is so already.'
      : tableOf(
          terminal,
          [{ title: dryRun ? 'would change' : 'changed' }, { title: 'from' }, { title: 'to' }],
          changed.changes.map((change) => [
            change.type,
            change.effectiveAt === 'beginning' ? 'beginning' : instant(change.effectiveAt, zone),
            JSON.stringify(change.data),
          ]),
        ),
  );
  if (!dryRun || changed.changes.length === 0) return EXIT.done;
  terminal.note('next: the same command with --apply');
  return EXIT.findings;
}
