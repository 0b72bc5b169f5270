/** Commands that ask whether what must always hold holds. */
import { type Command, Option } from 'commander';
import * as parse from './arguments.js';
import { examples, type Run } from './program-parts.js';

export function checkCommands(program: Command, run: Run): void {
  program
    .command('check')
    .summary('does everything that must hold hold?')
    .description('Runs the checks over all rows, or those named. Exit code 2 when one fails.')
    .argument('[names...]', 'names of checks; default: all')
    .option('--list', 'only what there is, and what was found last')
    .addHelpText(
      'before',
      examples([
        ['flywheel check', 'everything'],
        ['flywheel check shares-sum-to-sale table-rankings', 'some of it'],
        ['flywheel check --list', 'what is checked, and when it was last'],
      ]),
    )
    .action((names: string[], options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/check.command.js')).check(invocation, names, options),
      ),
    );
  program
    .command('diagnose')
    .summary('a month beside a recount from the log')
    .description('Payments by kind, the top ten beside a recount, logical checks, and a verdict.')
    .addOption(
      new Option('--month <month>', 'YYYY-MM; default: the current one').argParser(parse.month),
    )
    .addHelpText(
      'before',
      examples([
        ['flywheel diagnose', 'the current month'],
        ['flywheel diagnose --month 2025-10', 'another'],
        ['flywheel diagnose --creator biz_demo --json', 'for a program'],
      ]),
    )
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/check.command.js')).diagnose(invocation, options),
      ),
    );
}
