/** The ledger that a command opens itself, past the server: of DATABASE_URL, or embedded in a data folder. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Config, loadConfig } from '#libs/database';
import { type Environment, homesOf, setting, shownPath } from './environment.js';
import { CliError, EXIT } from './exit.js';
import type { Invocation } from './invocation.js';
import { readRunFile } from './run-file.js';
import { openDatabase, type RunningDatabase } from './supervisor/database.js';

export interface OpenLedger extends RunningDatabase {
  readonly config: Config;
}

/**
 * Opens the ledger that is there: joins the database of a running server, or starts it until `stop`.
 * Makes none. Throws `ledger_missing`.
 */
export async function openLedger({ terminal, env }: Invocation): Promise<OpenLedger> {
  const config = loadConfig({ ...env, ...(await homeWithLedger(env)) });
  const database = await openDatabase(config, (message) => terminal.detail(message));
  terminal.target(database.description);
  return { ...database, config };
}

/** Of several default folders the one that runs, else the one that holds something. */
async function homeWithLedger(env: Environment): Promise<Environment> {
  if (setting(env, 'DATABASE_URL') !== undefined) return {};
  const homes = homesOf(env).filter((home) => existsSync(path.join(home, 'postgres')));
  for (const home of homes)
    if ((await readRunFile(home)) !== undefined) return { FLYWHEEL_HOME: home };
  const [home] = homes;
  if (home !== undefined) return { FLYWHEEL_HOME: home };
  throw new CliError(
    EXIT.failed,
    `There is no ledger in ${homesOf(env).map(shownPath).join(' or ')}.`,
    {
      code: 'ledger_missing',
      next: 'name its data folder with FLYWHEEL_HOME, or its database with DATABASE_URL',
    },
  );
}
