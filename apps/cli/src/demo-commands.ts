/** Commands of the demo beside its loading. */
import { Argument, type Command } from 'commander';
import { examples, type Run } from './program-parts.js';

const DAMAGES = ['stale-month', 'drift', 'lost-row', 'rounding'] as const;

export function demoBreakCommand(demo: Command, run: Run): void {
  demo
    .command('break')
    .description(
      'Damages a read model of the demo as the old system damaged its counters: the month empty for ' +
        'everybody, a total that drifted, a row that is lost, a cent that was rounded up. The log is ' +
        'never touched.',
    )
    .addArgument(new Argument('<how>', 'what goes wrong').choices([...DAMAGES]))
    .addHelpText(
      'before',
      examples([
        ['flywheel demo break stale-month', '"this month" is empty for everybody'],
        ['flywheel check', 'finds it'],
        ['flywheel replay', 'shows the difference, and how to repair it'],
      ]),
    )
    .action((how: (typeof DAMAGES)[number], _options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/demo-break.command.js')).demoBreak(invocation, how),
      ),
    );
}
