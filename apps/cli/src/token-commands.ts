/** Commands of tokens: who may come in, with what, and until when. */
import { type Command, Option } from 'commander';
import * as parse from './arguments.js';
import { type Examples, examples, group, type Run } from './program-parts.js';

const ROLES = ['creator', 'member', 'auditor', 'cron', 'admin'] as const;
const MAX_LIST = 500;
const DEFAULT_LIST = 50;
const commands = () => import('./commands/token.command.js');

export function tokenCommands(program: Command, run: Run): void {
  const makes: Examples = [
    ['flywheel token create --role creator --creator biz_x --expires 90d', 'what a creator sees'],
    ['flywheel token create --role member --creator biz_x --member user_y --quiet > token', ''],
    ['flywheel token create --role auditor --label "accounts 2026" --json', 'for a program'],
  ];
  const token = program
    .command('token')
    .description('Tokens of the interface: made once, shown once, revoked at any time.');
  group(token, makes);
  token
    .command('create')
    .summary('make a token; it is shown once')
    .description('Makes a token and writes it to stdout: once, for only its hash is kept.')
    .addOption(
      new Option('--role <role>', 'what it opens').choices([...ROLES]).makeOptionMandatory(),
    )
    .addOption(new Option('--member <id>', 'whose (user_…)').argParser(parse.idWith('user_')))
    .addOption(
      new Option(
        '--expires <when>',
        'after so long (90d, 12h) or at an instant; default: never',
      ).argParser(parse.expiry),
    )
    .option('--label <text>', 'what it is for; kept for ever: name no person')
    .addHelpText('before', examples(makes))
    .action((options, command: Command) =>
      run(command, async (invocation) => (await commands()).createToken(invocation, options)),
    );
  listing(token, run);
  linking(token, run);
}

function listing(token: Command, run: Run): void {
  const lists: Examples = [
    ['flywheel token list', 'the newest first'],
    ['flywheel token list --all', 'those that open nothing any more too'],
    ['flywheel token list --json', 'for a program'],
  ];
  token
    .command('list')
    .description('Tokens that were made: whose, by whom, and when each was last used.')
    .option('--all', 'those that are revoked or have expired too')
    .addOption(
      new Option('--limit <n>', 'rows').argParser(parse.positive(MAX_LIST)).default(DEFAULT_LIST),
    )
    .addHelpText('before', examples(lists))
    .action((options, command: Command) =>
      run(command, async (invocation) => (await commands()).listTokens(invocation, options)),
    );
  const revokes: Examples = [
    ['flywheel token revoke 12', 'it opens nothing within 2 seconds'],
    ['flywheel token revoke 12 --json', 'for a program'],
    ['flywheel token list --all', 'who revoked it'],
  ];
  token
    .command('revoke')
    .description('Ends a token, for ever.')
    .argument('<id>', 'its number: flywheel token list', parse.tokenId)
    .addHelpText('before', examples(revokes))
    .action((id: string, _options, command: Command) =>
      run(command, async (invocation) => (await commands()).revokeToken(invocation, id)),
    );
}

function linking(token: Command, run: Run): void {
  const links: Examples = [
    ['flywheel token link', 'opens the dashboard for an admin'],
    ['flywheel token link --role creator --creator biz_x', 'for a creator, without a token'],
    ['flywheel token link --role member --creator biz_x --member user_y --json', 'for a program'],
  ];
  token
    .command('link')
    .summary('an address that signs somebody in once')
    .description('Writes an address to stdout that opens the dashboard once, within 15 minutes.')
    .addOption(
      new Option('--role <role>', 'what it opens')
        .choices(ROLES.filter((role) => role !== 'cron'))
        .default('admin'),
    )
    .addOption(new Option('--member <id>', 'whose (user_…)').argParser(parse.idWith('user_')))
    .addHelpText('before', examples(links))
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/sign-in-link.command.js')).signInLink(invocation, options),
      ),
    );
}
