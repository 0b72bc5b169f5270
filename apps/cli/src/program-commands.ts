/** Commands that read, set, send and migrate; what they do is imported when they run. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as parse from './arguments.js';
import { backupCommands } from './backup-commands.js';
import { demoBreakCommand } from './demo-commands.js';
import { settingOptions } from './order-options.js';
import { memberFigureCommands } from './program-figures.js';
import { type Examples, examples, group, type Run, SCALES } from './program-parts.js';
import { operatorCommands } from './webhooks-commands.js';

const MAX_LIMIT = 500;
const MAX_DELIVERIES = 10_000;
const TRIGGERS = [
  'payment.succeeded',
  'payment.failed',
  'membership.activated',
  'membership.deactivated',
] as const;
const GENERATIONS = ['v1', 'v1-pinned', 'v5', 'v2'] as const;

export function readingCommands(program: Command, run: Run): void {
  const monthOption = () =>
    new Option('--month <month>', 'YYYY-MM; default: the current one').argParser(parse.month);
  program
    .command('status')
    .summary('is it running, and how far are the read models?')
    .description('Says what runs, whether it is ready, and how far the read models are.')
    .addOption(
      new Option('-o, --output <format>', 'form of the answer')
        .choices(['table', 'json', 'env'])
        .default('table'),
    )
    .option('--show-secrets', 'with -o env: the token itself')
    .addHelpText(
      'before',
      examples([
        ['flywheel status', 'for people'],
        ['flywheel status --json', 'for programs'],
        ['eval "$(flywheel status -o env --show-secrets)"', 'address and token for curl'],
      ]),
    )
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/status.command.js')).status(invocation, options),
      ),
    );
  program
    .command('top')
    .summary('the Top Referrers table')
    .description('Who referred most: totals, this month, earned this month, tier.')
    .addOption(monthOption())
    .addOption(new Option('--limit <n>', 'rows').argParser(parse.positive(MAX_LIMIT)).default(10))
    .option('--currency <code>', 'of the earnings; default: the creator’s')
    .option('--csv', 'the whole ranking as CSV, as of one position')
    .addHelpText(
      'before',
      examples([
        ['flywheel top', 'of the current month'],
        ['flywheel top --month 2025-09 --limit 25', 'as of the end of September'],
        ['flywheel top --creator biz_demo --json', 'for a program'],
      ]),
    )
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/top.command.js')).top(invocation, options),
      ),
    );
  const member = program.command('member').description('Members of a creator’s community.');
  memberFigureCommands(member, run);
  group(member, [
    ['flywheel member show user_x7Kq', 'figures of the current month'],
    ['flywheel member show user_x7Kq --month 2025-09', 'of another'],
    ['flywheel member show user_x7Kq --json', 'for a program'],
  ]);
  member
    .command('show')
    .description('One member: code, referrer, figures of the month, totals, tier and rank.')
    .argument('<id>', 'user_…', parse.idWith('user_'))
    .addOption(monthOption())
    .addHelpText(
      'before',
      examples([
        ['flywheel member show user_x7Kq', 'figures of the current month'],
        ['flywheel member show user_x7Kq --month 2025-09', 'of another'],
        ['flywheel member show user_x7Kq --tz Europe/Lisbon', 'with times in Lisbon'],
      ]),
    )
    .action((id: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/member.command.js')).showMember(invocation, id, options),
      ),
    );
}

export function creatorCommands(program: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel creator set biz_x --time-zone Europe/Lisbon', 'what would change'],
    ['flywheel creator set biz_x --rates 1500/6500/2000 --apply', 'from now on'],
    ['flywheel creator set biz_x --tiers Bronze=5,Gold=25 --effective-at 2026-01-01 --apply', ''],
  ];
  const creator = program.command('creator').description('Creators and their settings.');
  group(creator, lines);
  const set = creator
    .command('set')
    .description('Changes settings of a creator. Shows what would change, unless --apply.')
    .argument('<id>', 'biz_…', parse.idWith('biz_'));
  settingOptions(set)
    .addHelpText('before', examples(lines))
    .action((id: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/creator.command.js')).setCreator(invocation, id, options),
      ),
    );
}

export function deliveryCommands(program: Command, run: Run): void {
  const loads: Examples = [
    ['flywheel demo load', 'into the running server'],
    ['flywheel demo load --scale full', 'with a busy October'],
    ['flywheel demo load --json', 'progress and result for a program'],
  ];
  const demo = program.command('demo').description('A community to look at.');
  group(demo, loads);
  demoBreakCommand(demo, run);
  demo
    .command('load')
    .description(
      'Sends the demo’s signed webhooks to the running server. Repeating it is harmless.',
    )
    .addOption(
      new Option('--scale <scale>', 'size of the demo').choices([...SCALES]).default('small'),
    )
    .addHelpText('before', examples(loads))
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/demo.command.js')).demoLoad(invocation, options),
      ),
    );
  const triggers: Examples = [
    ['flywheel webhooks trigger payment.succeeded --ref ABCD-EFGH', 'a referred member pays'],
    ['flywheel webhooks trigger payment.succeeded --count 20 --amount 9.99', 'twenty do'],
    ['flywheel webhooks trigger membership.activated --set data.metadata.source=ad', ''],
  ];
  const webhooks = program
    .command('webhooks')
    .description('Signed deliveries, as Whop sends them.');
  group(webhooks, triggers);
  operatorCommands(webhooks, run);
  webhooks
    .command('trigger')
    .description('Sends a signed delivery to the running server and waits until it is booked.')
    .argument('<type>', TRIGGERS.join(', '), oneOf(TRIGGERS))
    .option('--ref <code>', 'referral code of who referred them')
    .addOption(
      new Option('--user <id>', 'the member (user_…); default: a new one').argParser(
        parse.idWith('user_'),
      ),
    )
    .addOption(
      new Option('--amount <amount>', 'in major units').argParser(parse.amount).default('49.99'),
    )
    .option('--currency <code>', 'of the amount', 'usd')
    .addOption(
      new Option('--at <instant>', 'when it was paid; default: the ledger’s now').argParser(
        parse.instant,
      ),
    )
    .addOption(
      new Option('--count <n>', 'so many, each of its own')
        .argParser(parse.positive(MAX_DELIVERIES))
        .default(1),
    )
    .option('--name <name>', 'what the member is called')
    .addOption(
      new Option('--generation <generation>', 'how Whop would spell it')
        .choices([...GENERATIONS])
        .default('v1'),
    )
    .addOption(
      new Option('--set <path=value>', 'change the payload (repeatable)').argParser(
        parse.assignment,
      ),
    )
    .option('--no-wait', 'do not wait until it is booked')
    .addHelpText('before', examples(triggers))
    .action((type: (typeof TRIGGERS)[number], options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/webhooks.command.js')).trigger(invocation, type, options),
      ),
    );
}

export function databaseCommands(program: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel db migrate --dry-run', 'what is missing; exit code 2 if anything is'],
    ['flywheel db migrate', 'apply it'],
    ['DATABASE_URL=postgres://… flywheel db migrate', 'to a database of your own'],
  ];
  const db = program.command('db').description('The database.');
  group(db, lines);
  backupCommands(db, run);
  db.command('migrate')
    .description('Brings the database to the newest migration. Safe to repeat.')
    .option('--dry-run', 'only list what is missing')
    .addHelpText('before', examples(lines))
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/db.command.js')).migrateDatabase(invocation, options),
      ),
    );
  db.command('roles')
    .description('Prints the SQL that makes logins for a PostgreSQL of your own. Changes nothing.')
    .addHelpText(
      'before',
      examples([
        ['flywheel db roles', 'of the database of DATABASE_URL'],
        ['flywheel db roles > roles.sql', 'to be run by an administrator: psql -f roles.sql'],
        ['flywheel db roles --json', 'for a program'],
      ]),
    )
    .action((_options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/db.command.js')).databaseRoles(invocation),
      ),
    );
  program
    .command('version')
    .description('The version of this command and of what it runs on.')
    .addHelpText(
      'before',
      examples([
        ['flywheel version', 'for people'],
        ['flywheel version --json', 'for programs'],
        ['flywheel status', 'what is running'],
      ]),
    )
    .action((_options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/version.command.js')).version(invocation),
      ),
    );
}

function oneOf(values: readonly string[]): (text: string) => string {
  return (text) => {
    if (values.includes(text)) return text;
    throw new InvalidArgumentError(`It must be one of ${values.join(', ')}.`);
  };
}
