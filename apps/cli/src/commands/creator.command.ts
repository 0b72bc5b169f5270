/** `flywheel creator set`: settings change from an instant on; a dry run unless `--apply`. */
import { type ApiClient, pathOf } from '../api-client.js';
import type { RatesArgument, TierArgument } from '../arguments.js';
import { CliError, EXIT } from '../exit.js';
import { instant } from '../format.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';
import { type SettingValue, settingText } from './setting-text.js';

export interface CreatorSetOptions {
  readonly timeZone?: string;
  readonly rates?: RatesArgument;
  readonly tiers?: readonly TierArgument[];
  readonly graceHours?: number;
  readonly currency?: string;
  readonly effectiveAt?: string;
  readonly reason?: string;
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
  /** Null: the creator comes into being. */
  readonly setting: string | null;
  readonly before: SettingValue;
  readonly after: SettingValue;
}

export async function setCreator(
  invocation: Invocation,
  id: string,
  options: CreatorSetOptions,
): Promise<Outcome> {
  namedSettings(options, 'flywheel creator set --help');
  const dryRun = options.apply !== true;
  const { client } = await connect(invocation, `${id}${dryRun ? ' · dry run' : ''}`);
  return changeSettings(invocation, client, id, options);
}

/** The settings that the options name. Throws `settings_missing` when they name none. */
export function namedSettings(options: CreatorSetOptions, help: string): object {
  const { timeZone, rates, tiers, graceHours, currency } = options;
  const settings = { timeZone, rates, tiers, graceHours, currency };
  if (Object.values(settings).some((value) => value !== undefined)) return settings;
  throw new CliError(EXIT.usage, 'No setting is named.', { code: 'settings_missing', next: help });
}

/** Orders the change and says what it changes; exit code 2 for a dry run that would change something. */
export async function changeSettings(
  { terminal, globals }: Invocation,
  client: ApiClient,
  id: string,
  options: CreatorSetOptions,
): Promise<Outcome> {
  const { effectiveAt, reason } = options;
  const dryRun = options.apply !== true;
  const path = pathOf('api', 'creators', id, 'settings');
  const settings = namedSettings(options, 'flywheel settings set --help');
  const changed = await client.put<Changed>(path, { ...settings, effectiveAt, reason, dryRun });
  const zone = globals.tz ?? changed.timeZone;
  terminal.answer('flywheel.creator-set/1', changed, () =>
    changed.changes.length === 0
      ? 'All of it is so already.'
      : tableOf(
          terminal,
          [
            { title: dryRun ? 'would change' : 'changed' },
            { title: 'from' },
            { title: 'before' },
            { title: 'after' },
          ],
          changed.changes.map(({ setting, effectiveAt: at, before, after }) => [
            setting ?? `${id} (new)`,
            at === 'beginning' ? at : instant(at, zone),
            setting === null ? '' : settingText(before),
            setting === null ? '' : settingText(after),
          ]),
        ),
  );
  if (!dryRun || changed.changes.length === 0) return EXIT.done;
  terminal.note('next: the same command with --apply');
  return EXIT.findings;
}
