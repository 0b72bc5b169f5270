/** Commands that carry a ledger away and back, and look at its database. */
import type { Command } from 'commander';
import { examples, type Run } from './program-parts.js';

export function backupCommands(db: Command, run: Run): void {
  db.command('status')
    .description('How far the log is, which migrations are applied, and what takes how much room.')
    .addHelpText(
      'before',
      examples([
        ['flywheel db status', 'of the ledger that runs, or of the data folder'],
        ['FLYWHEEL_HOME=/var/lib/flywheel flywheel db status', 'of another one'],
        ['flywheel db status --json', 'for a program'],
      ]),
    )
    .action((_options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/db.command.js')).databaseStatus(invocation),
      ),
    );
  db.command('backup')
    .description('Writes the truth of one moment to a file, while the ledger runs.')
    .argument('<file>', 'a file that is not there yet; - for a pipe')
    .addHelpText(
      'before',
      examples([
        ['flywheel db backup ledger.backup', 'readable by its owner only: it holds keys'],
        ['flywheel db backup - | age -r age1… > ledger.age', 'encrypted on its way'],
        ['DATABASE_URL=postgres://… flywheel db backup ledger.backup', 'of a database of your own'],
      ]),
    )
    .action((file: string, _options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/backup.command.js')).backUpDatabase(invocation, file),
      ),
    );
  db.command('restore')
    .description('Brings a backup back, into an empty ledger or a new data folder, and proves it.')
    .argument('<file>', 'a file of flywheel db backup; - for a pipe')
    .addHelpText(
      'before',
      examples([
        ['FLYWHEEL_HOME=.restored flywheel db restore ledger.backup', 'into a new data folder'],
        ['age -d ledger.age | flywheel db restore -', 'into .flywheel, if nothing is there'],
        ['DATABASE_URL=postgres://… flywheel db restore ledger.backup', 'into an empty database'],
      ]),
    )
    .action((file: string, _options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/backup.command.js')).restoreDatabase(invocation, file),
      ),
    );
  db.command('verify')
    .description(
      'Reads all of a backup and says whether it is whole; --against: and of this ledger.',
    )
    .argument('<file>', 'a file of flywheel db backup; - for a pipe')
    .option('--against', 'compare its log with that of the ledger, event by event')
    .addHelpText(
      'before',
      examples([
        ['flywheel db verify ledger.backup', 'is it whole?'],
        ['flywheel db verify ledger.backup --against', 'is it the past of the ledger that runs?'],
        ['flywheel db verify - --json < ledger.backup', 'for a program'],
      ]),
    )
    .action((file: string, options, command: Command) =>
      run(command, async (invocation) =>
        (await import('./commands/backup.command.js')).verifyFile(invocation, file, options),
      ),
    );
}
