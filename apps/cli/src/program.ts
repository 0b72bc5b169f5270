/** Every command with its arguments and examples; what they do is imported when they run. */
import { Command, Option } from 'commander';
import * as parse from './arguments.js';
import { checkCommands } from './check-commands.js';
import { eventsCommands } from './events-commands.js';
import { explainCommand } from './explain-command.js';
import { importCommand } from './import-command.js';
import { monthsCommands } from './months-commands.js';
import { orderCommands } from './order-commands.js';
import {
  creatorCommands,
  databaseCommands,
  deliveryCommands,
  readingCommands,
} from './program-commands.js';
import { figureCommands } from './program-figures.js';
import { examples, type Run, SCALES } from './program-parts.js';
import { replayCommands } from './replay-commands.js';
import { tokenCommands } from './token-commands.js';

export function buildProgram(run: Run, complain: (text: string) => void): Command {
  const program = new Command('flywheel');
  program
    .description('An event-sourced ledger for referral programs.')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: complain })
    .exitOverride()
    .addHelpText(
      'before',
      examples([
        ['flywheel up --demo', 'everything, with a community to look at'],
        ['flywheel top --month 2025-10', 'who referred most'],
        ['flywheel status --json', 'how far the read models are, for a program'],
      ]),
    );
  globalOptions(program);
  processCommands(program, run);
  readingCommands(program, run);
  checkCommands(program, run);
  explainCommand(program, run);
  replayCommands(program, run);
  figureCommands(program, run);
  creatorCommands(program, run);
  orderCommands(program, run);
  monthsCommands(program, run);
  eventsCommands(program, run);
  deliveryCommands(program, run);
  importCommand(program, run);
  tokenCommands(program, run);
  databaseCommands(program, run);
  return program;
}

function globalOptions(program: Command): void {
  program
    .option('--json', 'data as JSON with a schema field; errors as JSON too')
    .option('-q, --quiet', 'only data and errors')
    .option('-v, --verbose', 'more about what happens')
    .option('--no-color', 'no colours (or set NO_COLOR)')
    .addOption(
      new Option('--url <url>', 'the server; default: the running one').argParser(parse.url),
    )
    .option('--token-file <file>', 'file with the token')
    .addOption(
      new Option('--creator <id>', 'whose ledger (biz_…); default: the only one').argParser(
        parse.idWith('biz_'),
      ),
    )
    .addOption(
      new Option('--tz <zone>', 'show times in this zone; decides nothing').argParser(
        parse.timeZone,
      ),
    );
}

function processCommands(program: Command, run: Run): void {
  const scale = () =>
    new Option('--scale <scale>', 'size of the demo').choices([...SCALES]).default('small');
  const port = () => new Option('--port <port>', 'port to listen on (PORT)').argParser(parse.port);
  program
    .command('up')
    .summary('run everything: database, API and worker')
    .description('Runs everything in one go: the embedded database, the API and the worker.')
    .option('--demo', 'load the demo community, with the clock at 2025-10-26 14:00 New York')
    .addOption(
      new Option(
        '--clock <clock>',
        'frozen: at the demo’s instant; default: real, or frozen with --demo',
      ).choices(['frozen', 'real']),
    )
    .addOption(port())
    .addOption(scale())
    .addHelpText(
      'before',
      examples([
        ['flywheel up', 'an empty or existing ledger in .flywheel'],
        ['flywheel up --demo', 'the demo in .flywheel-demo'],
        ['FLYWHEEL_HOME=/var/lib/flywheel flywheel up --port 8080', 'elsewhere'],
      ]),
    )
    .action((options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/up.command.js')).up(invocation, options),
      ),
    );
  for (const name of ['serve', 'worker'] as const) {
    const what = name === 'serve' ? 'the API process alone' : 'the worker process alone';
    const command = program.command(name).summary(`run ${what}`);
    if (name === 'serve') command.addOption(port());
    command
      .description(`Runs ${what}, in the foreground, for a machine that restarts it.`)
      .addHelpText(
        'before',
        examples([
          [`DATABASE_URL=postgres://… flywheel ${name}`, 'with a database of your own'],
          [`flywheel ${name} --verbose`, 'and say more'],
          [`LOG_LEVEL=debug flywheel ${name}`, 'with a detailed log'],
        ]),
      )
      .action((options, self: Command) =>
        run(self, async (invocation) =>
          (await import('./commands/process.command.js')).runProcess(invocation, name, options),
        ),
      );
  }
}
