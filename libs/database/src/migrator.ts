/** Brings a database to the newest migration; safe to call from several processes at once. */
import { type Migration, Migrator } from 'kysely';
import { openDatabase } from './connection.js';
import { grantDeclared } from './grants.js';
import type { Database } from './tables.js';

export interface Migrated {
  /** Names of the migrations that this call applied. */
  readonly applied: readonly string[];
}

/** Applies what is missing, as the owner of the address. Throws the first failure; nothing of a failed migration remains. */
export async function migrate(
  url: string,
  migrations: Record<string, Migration>,
): Promise<Migrated> {
  const db = openDatabase(url, { max: 1, applicationName: 'migrate', as: 'owner' });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    await grantDeclared(db);
    return { applied: (results ?? []).map((result) => result.migrationName) };
  } finally {
    await db.destroy();
  }
}

/** Names of the migrations that the database lacks. */
export async function missingMigrations(
  db: Database,
  migrations: Record<string, Migration>,
): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const known = await migrator.getMigrations();
  return known.filter((migration) => migration.executedAt === undefined).map(({ name }) => name);
}
