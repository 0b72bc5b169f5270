/** The command that says why a number is what it is. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as parse from './arguments.js';
import { examples, type Run } from './program-parts.js';

const MAX_LIMIT = 500;
const MAX_VERSION = 1_000_000;

export function explainCommand(program: Command, run: Run): void {
  const month = (flags: string, what: string) => new Option(flags, what).argParser(parse.month);
  const options = [
    month('--month <month>', 'YYYY-MM; default: the current one'),
    new Option('--day <day>', 'a day of earnings, YYYY-MM-DD').argParser(parse.monthOrDay),
    new Option('--through-day <day>', 'the days of a month up to this one').argParser(
      parse.monthOrDay,
    ),
    new Option('--currency <code>', 'such as usd; none: the row of what has none'),
    new Option('--state <state>', 'as now known, as closed, or pending').choices([
      ...['known', 'closed', 'pending'],
    ]),
    new Option('--version <n>', 'of a closed month').argParser(parse.positive(MAX_VERSION)),
    month('--origin <month>', 'the earlier month that a close carries something of'),
    new Option('--source <id>', 'payment, refund or dispute'),
    new Option('--limit <n>', 'facts that are listed')
      .argParser(parse.positive(MAX_LIMIT))
      .default(20),
  ];
  const command = program
    .command('explain')
    .summary('why is this 3?')
    .description(
      'Says from the log what a figure counts and what it does not, and whether the read models agree. Exit code 2 when they do not.',
    )
    .argument('<subject>', 'user_… or biz_…', subject)
    .argument('[metric]', 'as the fields of answers are called; absent: what there is');
  for (const option of options) command.addOption(option);
  command
    .addHelpText(
      'before',
      examples([
        ['flywheel explain user_x7Kq monthlyReferrals', 'why is this 3?'],
        ['flywheel explain user_x7Kq totalEarningsMinor --month 2025-10', 'as of its end'],
        ['flywheel explain biz_demo revenueMinor --month 2025-09 --state closed', 'as sealed'],
      ]),
    )
    .action((id: string, metric: string | undefined, asked, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/explain.command.js')).explain(invocation, id, metric, asked),
      ),
    );
}

function subject(text: string): string {
  if (/^(user|biz)_[A-Za-z0-9_]{1,59}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a member such as user_x7Kq, or a creator, biz_x.');
}
