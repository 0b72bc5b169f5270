/** Commands that ask for figures, of a creator and of one member. */
import { type Command, Option } from 'commander';
import * as parse from './arguments.js';
import { type Examples, examples, type Run } from './program-parts.js';

const MAX_LIMIT = 500;
const MAX_MONTHS = 120;

const csv = () => new Option('--csv', 'the whole list as CSV, as of one position');
const month = (otherwise: string) =>
  new Option('--month <month>', `YYYY-MM; default: ${otherwise}`).argParser(parse.month);
const limit = () =>
  new Option('--limit <n>', 'rows').argParser(parse.positive(MAX_LIMIT)).default(50);
const months = () =>
  new Option('--months <n>', 'how many, the current one last')
    .argParser(parse.positive(MAX_MONTHS))
    .default(6);
const currency = (otherwise: string) =>
  new Option('--currency <code>', `such as usd; default: ${otherwise}`);
const from = () =>
  new Option('--from <month>', 'first month; by day also a day').argParser(parse.monthOrDay);
const to = () => new Option('--to <month>', 'last month, included').argParser(parse.monthOrDay);
const user = (flags: string, what: string) =>
  new Option(flags, what).argParser(parse.idWith('user_'));

interface Declared {
  readonly name: string;
  readonly says: string;
  readonly options: readonly Option[];
  readonly lines: Examples;
}

/** A command with its options; `--csv` comes last with all of them. */
function declare(parent: Command, { name, says, options, lines }: Declared): Command {
  const command = parent.command(name).description(says);
  for (const option of [...options, csv()]) command.addOption(option);
  return command.addHelpText('before', examples(lines));
}

const commands = () => import('./commands/figures.command.js');
const memberCommands = () => import('./commands/member-figures.command.js');

export function figureCommands(program: Command, run: Run): void {
  declare(program, {
    name: 'revenue',
    says: 'What was sold per month, organic and referred; refunds stand apart.',
    options: [from(), to(), currency('the creator’s')],
    lines: [
      ['flywheel revenue', 'of the last twelve months'],
      ['flywheel revenue --from 2025-01 --to 2025-12', 'of a year'],
      ['flywheel revenue --csv > revenue.csv', 'for a spreadsheet'],
    ],
  }).action((options, command: Command) =>
    run(command, async (invocation) => (await commands()).revenue(invocation, options)),
  );
  declare(program, {
    name: 'growth',
    says: 'Conversions and sign-ups of referred members per month.',
    options: [months()],
    lines: [
      ['flywheel growth', 'of the last six months'],
      ['flywheel growth --months 24', 'of two years'],
      ['flywheel growth --json', 'for a program'],
    ],
  }).action((options, command: Command) =>
    run(command, async (invocation) => (await commands()).growth(invocation, options)),
  );
  declare(program, {
    name: 'payments',
    says: 'Payments with their shares and reversals, newest first.',
    options: [
      month('all'),
      user('--member <id>', 'who paid'),
      user('--referrer <id>', 'who earns the member share'),
      new Option('--kind <kind>', 'which').choices(['initial', 'recurring', 'organic']),
      currency('all'),
      limit(),
    ],
    lines: [
      ['flywheel payments', 'the newest'],
      ['flywheel payments --referrer user_x7Kq --month 2025-09', 'what somebody earned by'],
      ['flywheel payments --month 2025-09 --csv > september.csv', 'all of a month'],
    ],
  }).action((options, command: Command) =>
    run(command, async (invocation) => (await commands()).payments(invocation, options)),
  );
  declare(program, {
    name: 'referrals',
    says: 'Recent referrals: the newest conversions, with who referred them.',
    options: [limit()],
    lines: [
      ['flywheel referrals', 'the newest'],
      ['flywheel referrals --limit 5', 'the newest five'],
      ['flywheel referrals --csv > referrals.csv', 'all of them'],
    ],
  }).action((options, command: Command) =>
    run(command, async (invocation) => (await commands()).recentReferrals(invocation, options)),
  );
  declare(program, {
    name: 'members',
    says: 'Members of the community, with their referrer, total and tier.',
    options: [
      new Option('--search <text>', 'part of a name, username, code or id'),
      new Option('--tier <name>', 'in force now, or Unranked'),
      new Option('--sort <order>', 'order').choices(['memberId', 'totalReferrals', 'signedUpAt']),
      limit(),
    ],
    lines: [
      ['flywheel members --sort totalReferrals', 'most referrals first'],
      ['flywheel members --search king', 'whose name has it'],
      ['flywheel members --tier Gold --csv > gold.csv', 'all of a tier'],
    ],
  }).action((options, command: Command) =>
    run(command, async (invocation) => (await commands()).members(invocation, options)),
  );
}

export function memberFigureCommands(member: Command, run: Run): void {
  const of = (declared: Declared) =>
    declare(member, declared).argument('<id>', 'user_…', parse.idWith('user_'));
  of({
    name: 'referrals',
    says: 'Those whom a member referred, latest news first.',
    options: [new Option('--status <status>', 'which').choices(['signedUp', 'converted']), limit()],
    lines: [
      ['flywheel member referrals user_x7Kq', 'all of them'],
      ['flywheel member referrals user_x7Kq --status signedUp', 'who has not paid yet'],
      ['flywheel member referrals user_x7Kq --csv', 'for a spreadsheet'],
    ],
  }).action((id: string, options, command: Command) =>
    run(command, async (invocation) =>
      (await memberCommands()).memberReferrals(invocation, id, options),
    ),
  );
  of({
    name: 'statement',
    says: 'Every line of a member’s account in a month, with opening and closing totals.',
    options: [month('the current one'), currency('all')],
    lines: [
      ['flywheel member statement user_x7Kq', 'of the current month'],
      ['flywheel member statement user_x7Kq --month 2025-09', 'of another'],
      ['flywheel member statement user_x7Kq --month 2025-09 --csv', 'for a spreadsheet'],
    ],
  }).action((id: string, options, command: Command) =>
    run(command, async (invocation) =>
      (await memberCommands()).memberStatement(invocation, id, options),
    ),
  );
  of({
    name: 'earnings',
    says: 'What a member earned per day or month, and what was reversed.',
    options: [
      from(),
      to(),
      new Option('--by <unit>', 'rows').choices(['day', 'month']).default('month'),
      currency('the creator’s'),
    ],
    lines: [
      ['flywheel member earnings user_x7Kq', 'of the last twelve months'],
      ['flywheel member earnings user_x7Kq --by day', 'of the days of this month'],
      ['flywheel member earnings user_x7Kq --by day --from 2025-09 --to 2025-10', 'of two'],
    ],
  }).action((id: string, options, command: Command) =>
    run(command, async (invocation) =>
      (await memberCommands()).memberEarnings(invocation, id, options),
    ),
  );
  of({
    name: 'growth',
    says: 'Whom a member brought per month: conversions and sign-ups.',
    options: [months()],
    lines: [
      ['flywheel member growth user_x7Kq', 'in the last six months'],
      ['flywheel member growth user_x7Kq --months 12', 'in the last twelve'],
      ['flywheel member growth user_x7Kq --json', 'for a program'],
    ],
  }).action((id: string, options, command: Command) =>
    run(command, async (invocation) => (await commands()).growth(invocation, options, id)),
  );
}
