/** The database that a run uses: the one of DATABASE_URL, or the embedded one of the data folder. */
import { randomBytes } from 'node:crypto';
import { assertRestored } from '#libs/backup';
import {
  type Config,
  migrate,
  missingMigrations,
  openDatabase as openConnections,
  startEmbeddedPostgres,
  verifyDurability,
} from '#libs/database';
import { sealLedger } from '#libs/ingestion';
import { vaultOf } from '#libs/vault';
import { migrations } from '#migrations';
import { CliError, EXIT } from '../exit.js';
import type { ProcessName } from './node-flags.js';

export interface RunningDatabase {
  /** Of its owner, where it is known: DATABASE_OWNER_URL, else DATABASE_URL. */
  readonly url: string;
  /** As what the processes connect. Needs the migrations. */
  addresses(): Promise<ProcessAddresses>;
  /** For people: no password in it. */
  readonly description: string;
  isAlive(): boolean;
  /** Does nothing to a server that is not ours. */
  stop(): Promise<void>;
}

export type ProcessAddresses = Readonly<Record<ProcessName, string>> & {
  /** The logins are the application's own, and must not be able to become the owner. */
  readonly ownLogin: boolean;
};

export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'databaseOwnerUrl' | 'home' | 'pgUser'>,
  log: (message: string) => void,
): Promise<RunningDatabase> {
  const { databaseUrl, databaseOwnerUrl, home, pgUser } = config;
  if (databaseUrl !== undefined)
    return {
      url: databaseOwnerUrl ?? databaseUrl,
      addresses: async () => ({
        ...{ api: databaseUrl, worker: databaseUrl },
        ownLogin: databaseOwnerUrl !== undefined,
      }),
      description: placeOf(databaseUrl),
      isAlive: () => true,
      stop: async () => {},
    };
  const user = pgUser === undefined ? {} : { user: pgUser };
  const server = await startEmbeddedPostgres({ home, log, ...user });
  const { url, pid, owned, stop } = server;
  return {
    url,
    addresses: async () => ({ ...(await server.processAddresses()), ownLogin: true }),
    description: `embedded PostgreSQL ${owned ? 'started' : 'joined'}, ${placeOf(url)}`,
    isAlive: () => isAlive(pid),
    stop,
  };
}

/** Refuses a server that could lose what it acknowledges. Throws DurabilityError. */
export async function checkDurability(url: string): Promise<void> {
  const db = openConnections(url, { max: 1, applicationName: 'durability', as: 'owner' });
  try {
    await verifyDurability(db);
  } finally {
    await db.destroy();
  }
}

/**
 * Migrates the ledger and seals what it holds in plain. Throws `restore_unfinished` and
 * `data_key_missing` before it changes anything, `data_key_wrong` before anything is started, and
 * `migrations_missing` where the address is that of a login of the application's own, which may not
 * apply them.
 */
export async function applyMigrations(
  url: string,
  config: Pick<Config, 'dataKeys' | 'databaseUrl' | 'home'>,
  log: (message: string) => void,
): Promise<readonly string[]> {
  await assertRestored(url);
  const vault = await vaultOf(config);
  const applied = await migrated(url);
  await sealLedger({ url, vault, random: randomBytes(32), log });
  return applied;
}

async function migrated(url: string): Promise<readonly string[]> {
  try {
    return (await migrate(url, migrations)).applied;
  } catch (error) {
    if ((error as { code?: unknown }).code !== NOT_PERMITTED) throw error;
    const missing = await missingAsApp(url).catch(() => {
      throw error;
    });
    if (missing.length === 0) return [];
    throw new CliError(EXIT.notAllowed, `Migrations are missing: ${missing.join(', ')}.`, {
      code: 'migrations_missing',
      why: 'the login of DATABASE_URL may not apply them',
      next: 'DATABASE_OWNER_URL=postgres://… flywheel db migrate',
      cause: error,
    });
  }
}

const NOT_PERMITTED = '42501';

async function missingAsApp(url: string): Promise<readonly string[]> {
  const db = openConnections(url, { max: 1, applicationName: 'migrate' });
  try {
    return await missingMigrations(db, migrations);
  } finally {
    await db.destroy();
  }
}

/** Names of the migrations that the database has not seen, in order. */
export async function pendingMigrations(url: string): Promise<readonly string[]> {
  const db = openConnections(url, { max: 1, applicationName: 'migrate', as: 'owner' });
  try {
    return await missingMigrations(db, migrations);
  } finally {
    await db.destroy();
  }
}

/** Host, port and name: what may be shown. */
export function placeOf(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
