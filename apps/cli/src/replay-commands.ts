/** Commands that repair by replay: build the read models again, see what differs, promote or discard. */
import type { Command } from 'commander';
import { Option } from 'commander';
import * as parse from './arguments.js';
import { type Examples, examples, type Run } from './program-parts.js';

const MAX_LIST = 500;
const DEFAULT_LIST = 20;
const commands = () => import('./commands/replay.command.js');

export function replayCommands(program: Command, run: Run): void {
  const lines: Examples = [
    ['flywheel replay', 'rebuild all beside what serves, and show what differs'],
    ['flywheel replay rankings --diff-out rows.ndjson', 'some of it, every row into a file'],
    ['flywheel replay --plan 7 --reason "edited by hand"', 'promote exactly what was seen'],
  ];
  const replay = program
    .command('replay')
    .summary('repair: rebuild read models from the log, see what differs, switch')
    .description(
      'Builds read models again from the log, beside those that serve, and shows what differs. ' +
        'Nothing that serves changes until it is promoted. Exit code 2 when something differs.',
    )
    .argument('[projections...]', 'names of read models; default: all')
    .option('--all', 'all of them (the default)')
    .addOption(
      new Option(
        '--until <when>',
        'a position or an instant: to look at the past, never to promote it',
      ).argParser(parse.positionOrInstant),
    )
    .option('--diff-out <file>', 'every row that differs, as NDJSON')
    .addOption(
      new Option('--plan <id>', 'promote this replay, as it was seen')
        .argParser(parse.replayId)
        .conflicts(['all', 'until', 'diffOut', 'apply', 'discard']),
    )
    .addOption(
      new Option('--apply', 'replay, show, and promote at once; needs a reason').conflicts('until'),
    )
    .option('--reason <text>', 'why, in one line; kept for ever: name no person')
    .addOption(
      new Option('--discard <id>', 'drop this replay')
        .argParser(parse.replayId)
        .conflicts(['all', 'until', 'diffOut', 'apply', 'plan']),
    )
    .addHelpText('before', examples(lines))
    .action((names: string[], options, command: Command) =>
      run(command, async (invocation) => (await commands()).replay(invocation, names, options)),
    );
  listing(replay, run);
}

function listing(replay: Command, run: Run): void {
  const lists: Examples = [
    ['flywheel replay list', 'what was ordered, the newest first'],
    ['flywheel replay list --limit 100', 'further back'],
    ['flywheel replay list --json', 'for a program'],
  ];
  replay
    .command('list')
    .description('Replays that were ordered: by whom, why, what they found, how they ended.')
    .addOption(
      new Option('--limit <n>', 'rows').argParser(parse.positive(MAX_LIST)).default(DEFAULT_LIST),
    )
    .addHelpText('before', examples(lists))
    .action((options, command: Command) =>
      run(command, async (invocation) => (await commands()).listReplays(invocation, options)),
    );
  const shows: Examples = [
    ['flywheel replay show 7', 'what it found; waits for one that is at work'],
    ['flywheel replay show 7 --diff-out rows.ndjson', 'every row into a file'],
    ['flywheel replay show 7 --json', 'for a program'],
  ];
  replay
    .command('show')
    .description('One replay: how far it is, and what differs. Exit code 2 when something does.')
    .argument('<id>', 'of the replay', parse.replayId)
    .option('--diff-out <file>', 'every row that differs, as NDJSON')
    .addHelpText('before', examples(shows))
    .action((id: string, _options, command: Command) =>
      run(command, async (invocation) =>
        (await commands()).showReplay(invocation, id, command.optsWithGlobals()),
      ),
    );
}
