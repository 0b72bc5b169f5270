/** Commands that order what is to be: settings, tiers, codes, referrers, memberships. */
import { type Command, InvalidArgumentError } from 'commander';
import * as parse from './arguments.js';
import { applyOptions, reasonOption, settingOptions } from './order-options.js';
import { type Examples, examples, group, type Run } from './program-parts.js';

export function orderCommands(program: Command, run: Run): void {
  settingsCommands(program, run);
  tierCommands(program, run);
  memberCommands(program, run);
  membershipCommands(program, run);
}

function settingsCommands(program: Command, run: Run): void {
  const sets: Examples = [
    ['flywheel settings set --rates 1500/6500/2000', 'what would change'],
    ['flywheel settings set --time-zone Europe/Lisbon --effective-at 2026-05-01 --apply', ''],
    ['flywheel settings set --creator biz_x --tiers Bronze=5,Gold=25 --apply', 'from now on'],
  ];
  const shows: Examples = [
    ['flywheel settings show', 'in force and to come'],
    ['flywheel settings show --creator biz_x', 'of one of several'],
    ['flywheel settings show --json', 'for a program'],
  ];
  const settings = program
    .command('settings')
    .description('Rates, time zone, tiers, grace and currency of a creator.');
  group(settings, [shows[0] as Examples[0], sets[0] as Examples[0], sets[1] as Examples[0]]);
  settings
    .command('show')
    .description('Settings in force, since when, and what follows.')
    .addHelpText('before', examples(shows))
    .action((_options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/settings.command.js')).showSettings(invocation),
      ),
    );
  settingOptions(
    settings
      .command('set')
      .description('Changes settings from an instant on. Shows what would change, unless --apply.'),
  )
    .addHelpText('before', examples(sets))
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/settings.command.js')).setSettings(invocation, options),
      ),
    );
}

function tierCommands(program: Command, run: Run): void {
  const pins: Examples = [
    ['flywheel tier pin user_x7Kq Gold --reason "as agreed"', 'what would change'],
    ['flywheel tier pin user_x7Kq Gold --reason "as agreed" --apply', 'from now on'],
    ['flywheel tier unpin user_x7Kq --reason "season over" --apply', 'by referrals again'],
  ];
  const tier = program.command('tier').description('Pinned tiers, above the thresholds.');
  group(tier, pins);
  applyOptions(
    reasonOption(
      tier
        .command('pin')
        .description('Pins a member’s tier from now on.')
        .argument('<member>', 'user_…', parse.idWith('user_'))
        .argument('<tier>', 'its name, or Unranked'),
    ),
  )
    .addHelpText('before', examples(pins))
    .action((member: string, name: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/order.command.js')).pinTier(invocation, member, name, options),
      ),
    );
  applyOptions(
    reasonOption(
      tier
        .command('unpin')
        .description('Leaves a member’s tier to the thresholds again.')
        .argument('<member>', 'user_…', parse.idWith('user_')),
    ),
  )
    .addHelpText('before', examples(pins))
    .action((member: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/order.command.js')).pinTier(invocation, member, null, options),
      ),
    );
}

/** Beside `member show`, which is declared with the commands that read. */
function memberCommands(program: Command, run: Run): void {
  const member =
    program.commands.find((command) => command.name() === 'member') ?? program.command('member');
  const codes: Examples = [
    ['flywheel member code user_x7Kq RUI-2026', 'what would change'],
    ['flywheel member code user_x7Kq RUI-2026 --apply', 'claims from now on resolve to it'],
    ['flywheel member code user_x7Kq RUI-2026 --json', 'for a program'],
  ];
  applyOptions(
    member
      .command('code')
      .description('Gives a member a referral code that was chosen; the old ones stay theirs.')
      .argument('<member>', 'user_…', parse.idWith('user_'))
      .argument('<code>', '4 to 24 of A-Z, 0-9 and -')
      .option('--reason <text>', 'why, in one line; kept for ever: name no person'),
  )
    .addHelpText('before', examples(codes))
    .action((id: string, code: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/order.command.js')).setCode(invocation, id, code, options),
      ),
    );
  eraseCommand(member, run);
  const referrers: Examples = [
    ['flywheel member referrer user_bob user_rui --reason "seen in writing"', 'what would change'],
    ['flywheel member referrer user_bob user_rui --reason "seen in writing" --apply', ''],
    ['flywheel member referrer user_bob nobody --reason "a mix-up" --apply', 'organic'],
  ];
  applyOptions(
    reasonOption(
      member
        .command('referrer')
        .description('Corrects who referred a member, for all of its payments.')
        .argument('<member>', 'user_…', parse.idWith('user_'))
        .argument('<referrer>', 'user_…, or nobody', userOrNobody),
    ),
  )
    .addHelpText('before', examples(referrers))
    .action((id: string, referrer: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/order.command.js')).correctReferrer(
          invocation,
          id,
          referrer === NOBODY ? null : referrer,
          options,
        ),
      ),
    );
}

function eraseCommand(member: Command, run: Run): void {
  const erases: Examples = [
    ['flywheel member erase user_x7Kq', 'what would go'],
    ['flywheel member erase user_x7Kq --apply', 'for ever; no figure changes'],
    ['flywheel member erase user_x7Kq --reason "they asked" --apply --json', 'for a program'],
  ];
  applyOptions(
    member
      .command('erase')
      .description('Erases what a person is called, wherever it lies. No figure changes.')
      .argument('<member>', 'user_…', parse.idWith('user_'))
      .option('--reason <text>', 'why, in one line; kept for ever: name no person')
      .option('--yes', 'as --apply'),
  )
    .addHelpText('before', examples(erases))
    .action((id: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/erase.command.js')).erasePerson(invocation, id, options),
      ),
    );
}

const NOBODY = 'nobody';

function userOrNobody(text: string): string {
  if (text === NOBODY) return text;
  if (/^user_[A-Za-z0-9_]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an id such as user_x7Kq, or nobody.');
}

function membershipCommands(program: Command, run: Run): void {
  const assigns: Examples = [
    ['flywheel membership assign mem_b71d user_x7Kq --reason "from Whop"', 'what would change'],
    ['flywheel membership assign mem_b71d user_x7Kq --reason "from Whop" --apply', 'for ever'],
    ['flywheel membership assign mem_b71d user_x7Kq --reason "from Whop" --json', ''],
  ];
  const membership = program
    .command('membership')
    .description('Memberships whose person no delivery names.');
  group(membership, assigns);
  applyOptions(
    reasonOption(
      membership
        .command('assign')
        .description('Says whose a membership is; parked deliveries that name only it are booked.')
        .argument('<membership>', 'mem_…', parse.idWith('mem_'))
        .argument('<member>', 'user_…', parse.idWith('user_')),
    ),
  )
    .addHelpText('before', examples(assigns))
    .action((id: string, user: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/order.command.js')).assignMembership(
          invocation,
          id,
          user,
          options,
        ),
      ),
    );
}
