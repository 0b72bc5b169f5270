/** The declaration of `flywheel import`; what it does is imported when it runs. */
import { type Command, Option } from 'commander';
import { type Examples, examples, type Run } from './program-parts.js';

/** As libs/ingestion reads them; said here so that `--help` loads nothing. */
const TYPES = ['payment', 'refund', 'dispute', 'membership'] as const;

export function importCommand(program: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel import payments.ndjson --dry-run', 'what it would do; exit code 2 if anything'],
    ['flywheel import payments.ndjson.gz', 'do it; run it again to go on after a kill'],
    ['zstdcat dump.zst | flywheel import - --creator biz_4f2a', 'from a pipe, of that creator'],
  ];
  program
    .command('import')
    .summary('history, and what was missed, from a file')
    .description(
      'Sends lines of JSON (payments, refunds, disputes and memberships as Whop’s API returns ' +
        'them, or whole webhooks) to the running server, and waits until they are booked. ' +
        'Repeating it is harmless.',
    )
    .argument('<file>', 'one object a line, .gz or not; - for standard input')
    .addOption(
      new Option('--type <type>', 'what the lines are whose ids do not say it').choices([...TYPES]),
    )
    .option('--dry-run', 'read all of it, say what it would do, change nothing')
    .option('--no-wait', 'do not wait until it is booked')
    .addHelpText('before', examples(lines))
    .action((file: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/import.command.js')).importFile(invocation, file, options),
      ),
    );
}
