/** Commands about the log: following it, one event, all of it. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as parse from './arguments.js';
import { type Examples, examples, group, type Run } from './program-parts.js';

const MAX_LIMIT = 500;
const MAX_POSITION = 15;
const commands = () => import('./commands/events.command.js');
const copying = () => import('./commands/events-copy.command.js');
const exporting = () => import('./commands/events-export.command.js');

export function eventsCommands(program: Command, run: Run): void {
  const events = program.command('events').description('The log: what happened, and why.');
  group(events, [
    ['flywheel events tail -f', 'what is recorded, as it is'],
    ['flywheel events show 1200', 'one event, its cause and what it moved'],
    ['flywheel events export --out log.ndjson', 'all of it'],
  ]);
  const tails: Examples = [
    ['flywheel events tail', 'the newest twenty'],
    ['flywheel events tail -f --type RefundTold', 'refunds, as they are recorded'],
    ['flywheel events tail --member user_x7Kq --since 2025-10-01 --json', 'for a program'],
  ];
  filters(events.command('tail'))
    .description('The newest events, the last one last.')
    .option('-f, --follow', 'and go on with what is recorded, until interrupted')
    .addOption(new Option('--limit <n>', 'rows').argParser(parse.positive(MAX_LIMIT)).default(20))
    .addHelpText('before', examples(tails))
    .action((options, command: Command) =>
      run(command, async (invocation) => (await commands()).tailEvents(invocation, options)),
    );
  const shows: Examples = [
    ['flywheel events show 1200', 'by its position'],
    ['flywheel events show 0198f2c4-7a1b-7c3d-9e5f-a0b1c2d3e400', 'by its id'],
    ['flywheel events show 1200 --json', 'for a program'],
  ];
  events
    .command('show')
    .description('One event: as stored, its cause, its lines, what it moved.')
    .argument('<event>', 'position or id', eventName)
    .addHelpText('before', examples(shows))
    .action((event: string, _options, command: Command) =>
      run(command, async (invocation) => (await commands()).showEvent(invocation, event)),
    );
  const exports: Examples = [
    ['flywheel events export --out log.ndjson', 'all; the same command goes on where it stopped'],
    ['flywheel events export --after 120000 > new.ndjson', 'what came after a position'],
    ['flywheel events export --member user_x7Kq --creator biz_x', 'of one member'],
  ];
  filters(events.command('export'))
    .description('Events as stored, one JSON object a line, oldest first.')
    .option('--out <file>', 'written beside it and moved there when it is whole; default: stdout')
    .addOption(new Option('--after <position>', 'only behind it').argParser(position))
    .addHelpText('before', examples(exports))
    .action((options, command: Command) =>
      run(command, async (invocation) => (await exporting()).exportEvents(invocation, options)),
    );
  copyCommand(events, run);
}

const STORES = ['postgres', 'eventstoredb'];

function copyCommand(events: Command, run: Run): void {
  const copies: Examples = [
    ['flywheel events copy --from postgres --to eventstoredb', 'to the cluster of EVENTSTORE_URL'],
    [
      'flywheel events copy --from eventstoredb --to postgres',
      'back: the journal is the log again',
    ],
    ['flywheel events copy --from postgres --to eventstoredb --json', 'for a program'],
  ];
  events
    .command('copy')
    .description(
      'Moves the log of this ledger to the cluster of EVENTSTORE_URL, or back. Compares every event ' +
        'on both sides; switches only when all are the same (docs/scaling.md).',
    )
    .addOption(new Option('--from <store>').choices(STORES).makeOptionMandatory())
    .addOption(new Option('--to <store>').choices(STORES).makeOptionMandatory())
    .addHelpText('before', examples(copies))
    .action((options, command: Command) =>
      run(command, async (invocation) => (await copying()).copyEvents(invocation, options)),
    );
}

const filters = (command: Command): Command =>
  command
    .option('--type <type>', 'such as PaymentReceived')
    .option('--stream <stream>', 'such as member-biz_x.user_x7Kq')
    .addOption(
      new Option('--member <id>', 'their own stream (user_…)').argParser(parse.idWith('user_')),
    )
    .addOption(
      new Option('--since <time>', 'recorded since an instant, day or month (UTC)').argParser(
        since,
      ),
    );

function position(text: string): number {
  if (text.length <= MAX_POSITION && /^(0|[1-9]\d*)$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a position in the log, such as 1200.');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function eventName(text: string): string {
  const isPosition = text.length <= MAX_POSITION && /^[1-9]\d*$/.test(text);
  if (isPosition || UUID.test(text)) return text;
  throw new InvalidArgumentError('It must be the position or the id of an event.');
}

/** Checked here; the server reads it. */
function since(text: string): string {
  if (/^\d{4}-\d{2}(-\d{2})?$/.test(text)) return parse.monthOrDay(text);
  return new Date(parse.instant(text) * 1000).toISOString().replace('.000Z', 'Z');
}
