/** `flywheel settings show` and `set`. */
import { pathOf } from '../api-client.js';
import { instant } from '../format.js';
import { connect, creatorOf, type Invocation, type Outcome } from '../invocation.js';
import { tableOf } from '../table.js';
import { type CreatorSetOptions, changeSettings, namedSettings } from './creator.command.js';
import { type SettingValue, settingText } from './setting-text.js';

interface Setting {
  readonly inForce: SettingValue;
  /** An instant, or `beginning`. */
  readonly since: string;
  readonly toCome: readonly { readonly value: SettingValue; readonly from: string }[];
}

interface Settings {
  readonly creatorId: string;
  readonly settings: Readonly<Record<string, Setting>>;
  readonly timeZone: string;
}

export async function showSettings(invocation: Invocation): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, globals.creator);
  const creator = await creatorOf(invocation, client);
  const shown = await client.get<Settings>(pathOf('api', 'creators', creator, 'settings'));
  const zone = globals.tz ?? shown.timeZone;
  const when = (at: string): string => (at === 'beginning' ? at : instant(at, zone));
  terminal.answer('flywheel.settings/1', shown, () =>
    tableOf(
      terminal,
      [{ title: 'setting' }, { title: 'value' }, { title: 'from' }, { title: '' }],
      Object.entries(shown.settings).flatMap(([name, { inForce, since, toCome }]) => [
        [name, settingText(inForce), when(since), 'in force'],
        ...toCome.map(({ value, from }) => ['', settingText(value), when(from), 'to come']),
      ]),
    ),
  );
}

export async function setSettings(
  invocation: Invocation,
  options: CreatorSetOptions,
): Promise<Outcome> {
  namedSettings(options, 'flywheel settings set --help');
  const dryRun = options.apply !== true;
  const { client } = await connect(invocation, dryRun ? 'settings · dry run' : 'settings');
  const creator = await creatorOf(invocation, client);
  return changeSettings(invocation, client, creator, options);
}
