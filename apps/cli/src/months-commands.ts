/** Commands about months: what is sealed of each, closing, restating, and what was learned since. */
import { type Command, Option } from 'commander';
import * as parse from './arguments.js';
import { applyOptions, reasonOption } from './order-options.js';
import { type Examples, examples, group, type Run } from './program-parts.js';

const MAX_VERSION = 1_000_000;
const commands = () => import('./commands/months.command.js');

export function monthsCommands(program: Command, run: Run): void {
  const months = program.command('months').description('Months: open, closing, closed.');
  group(months, [
    ['flywheel months list', 'where each stands'],
    ['flywheel months close 2025-09', 'what would be sealed, and what is in the way'],
    ['flywheel months drift 2025-09', 'what was learned since it was closed'],
  ]);
  const list: Examples = [
    ['flywheel months list', 'newest first'],
    ['flywheel months list --creator biz_x', 'of one of several'],
    ['flywheel months list --json', 'for a program'],
  ];
  months
    .command('list')
    .description('Every month: its state, its version, what is pending.')
    .addHelpText('before', examples(list))
    .action((_options, command: Command) =>
      run(command, async (invocation) => (await commands()).listMonths(invocation)),
    );
  readCommands(months, run);
  orderCommands(months, run);
}

const withMonth = (command: Command): Command =>
  command.argument('<month>', 'YYYY-MM', parse.month);

function readCommands(months: Command, run: Run): void {
  const shows: Examples = [
    ['flywheel months show 2025-09', 'live, as closed, pending'],
    ['flywheel months show 2025-09 --csv > september.csv', 'every line of the snapshot'],
    ['flywheel months show 2025-09 --csv --version 1', 'of the version that closed it'],
  ];
  withMonth(months.command('show').description('One month: live figures beside what was sealed.'))
    .option('--csv', 'the snapshot as CSV: every line of it')
    .addOption(
      new Option('--version <n>', 'of the snapshot, with --csv; default: the latest').argParser(
        parse.positive(MAX_VERSION),
      ),
    )
    .addHelpText('before', examples(shows))
    .action((month: string, options, command: Command) =>
      run(command, async (invocation) => (await commands()).showMonth(invocation, month, options)),
    );
  const drifts: Examples = [
    ['flywheel months drift 2025-09', 'exit code 2 if anything is pending'],
    ['flywheel months drift 2025-09 --json', 'with the events'],
    ['flywheel months restate 2025-09 --reason "…"', 'to state it anew'],
  ];
  withMonth(
    months.command('drift').description('What is known of a closed month and not stated yet.'),
  )
    .addHelpText('before', examples(drifts))
    .action((month: string, _options, command: Command) =>
      run(command, async (invocation) => (await commands()).driftOfMonth(invocation, month)),
    );
}

function orderCommands(months: Command, run: Run): void {
  const closes: Examples = [
    ['flywheel months close 2025-09', 'the plan: totals, first ten, what is in the way'],
    ['flywheel months close 2025-09 --apply', 'seal it'],
    ['flywheel months close 2025-09 --force --reason "paid early" --apply', 'inside its grace'],
  ];
  applyOptions(
    withMonth(
      months.command('close').description('Closes a month. Shows the plan, unless --apply.'),
    )
      .option('--reason <text>', 'why, in one line; kept for ever: name no person')
      .option('--force', 'before its grace is over; needs a reason'),
  )
    .addHelpText('before', examples(closes))
    .action((month: string, options, command: Command) =>
      run(command, async (invocation) => (await commands()).closeMonth(invocation, month, options)),
    );
  const restates: Examples = [
    ['flywheel months restate 2025-09 --reason "late list"', 'what version 2 would say'],
    ['flywheel months restate 2025-09 --reason "late list" --digest 3f9a… --apply', ''],
    ['flywheel months restate 2025-09 --reason "late list" --json', 'for a program'],
  ];
  applyOptions(
    reasonOption(
      withMonth(
        months
          .command('restate')
          .description('States a closed month anew, with all that is pending: the exception.'),
      ).option('--digest <hex>', 'of the version that it replaces; needed with --apply'),
    ),
  )
    .addHelpText('before', examples(restates))
    .action((month: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await commands()).restateMonth(invocation, month, options),
      ),
    );
}
