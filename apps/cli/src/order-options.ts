/** Options of commands that order something: they show what would change, unless `--apply`. */
import { type Command, Option } from 'commander';
import * as parse from './arguments.js';

export const applyOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--dry-run', 'only show what would change (the default)').conflicts('apply'),
    )
    .option('--apply', 'change it');

/** Kept in the log for ever. */
export const reasonOption = (command: Command): Command =>
  command.requiredOption('--reason <text>', 'why, in one line; kept for ever: name no person');

export const settingOptions = (command: Command): Command =>
  applyOptions(
    command
      .addOption(new Option('--time-zone <zone>', 'zone of the months').argParser(parse.timeZone))
      .addOption(
        new Option('--rates <bps>', 'member/creator/platform in basis points').argParser(
          parse.rates,
        ),
      )
      .addOption(
        new Option('--tiers <list>', 'names and totals, Bronze=5,Silver=10').argParser(parse.tiers),
      )
      .addOption(
        new Option('--grace-hours <n>', 'before a month may be closed').argParser(parse.graceHours),
      )
      .option('--currency <code>', 'of payments and figures where none is named')
      .addOption(
        new Option('--effective-at <when>', 'an instant, a local date, or "beginning"').argParser(
          parse.effectiveAt,
        ),
      )
      .option('--reason <text>', 'why, in one line; kept for ever: name no person'),
  );
