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

export interface RunningDatabase {
  readonly url: string;
  /** For people: no password in it. */
  readonly description: string;
  isAlive(): boolean;
  /** Does nothing to a server that is not ours. */
  stop(): Promise<void>;
}

export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'home' | 'pgUser'>,
  log: (message: string) => void,
): Promise<RunningDatabase> {
  const { databaseUrl, home, pgUser } = config;
  if (databaseUrl !== undefined)
    return {
      url: databaseUrl,
      description: placeOf(databaseUrl),
      isAlive: () => true,
      stop: async () => {},
    };
  const user = pgUser === undefined ? {} : { user: pgUser };
  const { url, pid, owned, stop } = await startEmbeddedPostgres({ home, log, ...user });
  return {
    url,
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
 * `data_key_missing` before it changes anything, `data_key_wrong` before anything is started.
 */
export async function applyMigrations(
  url: string,
  config: Pick<Config, 'dataKeys' | 'databaseUrl' | 'home'>,
  log: (message: string) => void,
): Promise<readonly string[]> {
  await assertRestored(url);
  const vault = await vaultOf(config);
  const { applied } = await migrate(url, migrations);
  await sealLedger({ url, vault, random: randomBytes(32), log });
  return applied;
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
