/** Commands about deliveries: what became of them, what to do about those that do not count, and trials. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as parse from './arguments.js';
import { type Examples, examples, group, type Run } from './program-parts.js';

const MAX_LIMIT = 500;
const STATUSES =
  'pending applied unchanged conflict ignored parked quarantined excluded unresolved'.split(' ');

export function operatorCommands(webhooks: Command, run: Run): void {
  deliveries(webhooks, run);
  quarantine(webhooks, run);
  fixtures(webhooks, run);
}

function deliveries(webhooks: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel webhooks deliveries list', 'the newest, and how many of each there are'],
    ['flywheel webhooks deliveries list --status conflict --from 2026-03', 'of some of them'],
    ['flywheel webhooks deliveries show 12', 'one, without personal data'],
  ];
  const command = webhooks.command('deliveries').description('What became of deliveries.');
  group(command, lines);
  listOptions(command.command('list').description('Deliveries, newest first, with their counts.'))
    .addOption(new Option('--status <status>', 'only these').choices(STATUSES))
    .addHelpText('before', examples(lines))
    .action((options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/deliveries.command.js')).listDeliveries(invocation, options),
      ),
    );
  showCommand(command, lines, run);
}

function quarantine(webhooks: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel webhooks quarantine list', 'parked and quarantined; exit code 2 if there are any'],
    ['flywheel webhooks quarantine redrive --all', 'what would become of them'],
    ['flywheel webhooks quarantine exclude 12 15 --reason "a test" --apply', 'set them aside'],
  ];
  const command = webhooks
    .command('quarantine')
    .description('Deliveries that do not count: parked and quarantined.');
  group(command, lines);
  listOptions(command.command('list').description('What is parked or quarantined.'))
    .addHelpText('before', examples(lines))
    .action((options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/deliveries.command.js')).listQuarantine(invocation, options),
      ),
    );
  showCommand(command, lines, run);
  const redrives: Examples = [
    ['flywheel webhooks quarantine redrive 12 15', 'what would become of these'],
    ['flywheel webhooks quarantine redrive --since 2026-03-01T00:00:00Z --apply', ''],
    ['flywheel webhooks quarantine redrive --all --code currency_unknown --apply', ''],
  ];
  ordering(command.command('redrive'))
    .description('Has them decided again. Says what would become of each, unless --apply.')
    .argument('[ids...]', 'numbers of deliveries', numbers)
    .option('--all', 'all that are parked or quarantined')
    .addOption(new Option('--since <instant>', 'all received since').argParser(instantText))
    .option('--code <code>', 'only those with this code')
    .option('--reason <text>', 'kept with the order')
    .addHelpText('before', examples(redrives))
    .action((ids: readonly number[], options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/deliveries.command.js')).redrive(invocation, ids, options),
      ),
    );
  ordering(command.command('exclude'))
    .description('Sets them aside, so that they hold up no month. Changes nothing, unless --apply.')
    .argument('<ids...>', 'numbers of deliveries', numbers)
    .requiredOption('--reason <text>', 'why; kept for ever, so name no person')
    .addHelpText('before', examples(lines))
    .action((ids: readonly number[], options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/deliveries.command.js')).exclude(invocation, ids, options),
      ),
    );
}

function fixtures(webhooks: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel webhooks fixtures list', 'the scenarios that come with it'],
    ['flywheel webhooks fixtures run', 'all of them, against a ledger to throw away'],
    ['flywheel webhooks fixtures run mine.json --only refund', 'some of your own'],
  ];
  const command = webhooks
    .command('fixtures')
    .description('Scenarios with expected answers, outcomes, events and figures.');
  group(command, lines);
  command
    .command('list')
    .description('The scenarios that come with Flywheel, or those of a file.')
    .argument('[file]', 'a file of your own (docs/webhooks.md)')
    .addHelpText('before', examples(lines))
    .action((file: string | undefined, _options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/fixtures.command.js')).listFixtures(invocation, file),
      ),
    );
  command
    .command('run')
    .description(
      'Sends them to a scratch ledger of its own, never to the live one. Exit code 2 if anything is not as expected.',
    )
    .argument('[file]', 'a file of your own (docs/webhooks.md)')
    .option('--only <text>', 'scenarios whose name contains it')
    .addHelpText('before', examples(lines))
    .action((file: string | undefined, options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/fixtures.command.js')).runFixtures(invocation, file, options),
      ),
    );
}

function listOptions(command: Command): Command {
  return command
    .option('--type <type>', 'such as payment.succeeded')
    .option('--code <code>', 'such as amount_missing')
    .option('--from <day>', 'first day or month of receipt, UTC')
    .option('--to <day>', 'last day or month, inclusive')
    .addOption(new Option('--limit <n>', 'rows').argParser(parse.positive(MAX_LIMIT)).default(20));
}

function showCommand(parent: Command, lines: Examples, run: Run): void {
  parent
    .command('show')
    .description('One delivery in full: body without personal data, events, what to do next.')
    .argument('<id>', 'its number', number)
    .addHelpText('before', examples(lines))
    .action((id: number, _options, self: Command) =>
      run(self, async (invocation) =>
        (await import('./commands/deliveries.command.js')).showDelivery(invocation, id),
      ),
    );
}

const ordering = (command: Command): Command =>
  command
    .addOption(new Option('--dry-run', 'only say what would be (the default)').conflicts('apply'))
    .option('--apply', 'do it');

function number(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError('It must be the number of a delivery, such as 12.');
  return Number(text);
}

const numbers = (text: string, before: readonly number[] = []): number[] => [
  ...before,
  number(text),
];

/** Checked here; the server reads it. */
function instantText(text: string): string {
  return new Date(parse.instant(text) * 1000).toISOString().replace('.000Z', 'Z');
}
