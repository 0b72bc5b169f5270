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
export async function openLedger(
  { terminal, env }: Invocation,
  homes = homesOf(env),
): Promise<OpenLedger> {
  const config = loadConfig({ ...env, ...(await homeWithLedger(env, homes)) });
  const database = await openDatabase(config, (message) => terminal.detail(message));
  terminal.target(database.description);
  return { ...database, config };
}

/** Of several folders the first that runs, else the first that holds something. */
async function homeWithLedger(env: Environment, homes: readonly string[]): Promise<Environment> {
  if (setting(env, 'DATABASE_URL') !== undefined) return {};
  const found = homes.filter((one) => existsSync(path.join(one, 'postgres')));
  for (const one of found)
    if ((await readRunFile(one)) !== undefined) return { FLYWHEEL_HOME: one };
  const [home] = found;
  if (home !== undefined) return { FLYWHEEL_HOME: home };
  throw new CliError(EXIT.failed, `There is no ledger in ${homes.map(shownPath).join(' or ')}.`, {
    code: 'ledger_missing',
    next: 'name its data folder with FLYWHEEL_HOME, or its database with DATABASE_URL',
  });
}
