/** Brings a database to the newest migration; safe to call from several processes at once. */
import { type Migration, Migrator, sql } from 'kysely';
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

export interface AppliedMigration {
  readonly name: string;
  /** Unix milliseconds. */
  readonly appliedAt: number;
}

/** What the database has of the migrations, oldest first, and what it is. */
export async function databaseState(
  db: Database,
  migrations: Record<string, Migration>,
): Promise<{ readonly server: string; readonly applied: readonly AppliedMigration[] }> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const [known, { rows }] = await Promise.all([
    migrator.getMigrations(),
    sql<{ server: string }>`select current_setting('server_version') as server`.execute(db),
  ]);
  const applied = known.flatMap(({ name, executedAt }) =>
    executedAt === undefined ? [] : [{ name, appliedAt: executedAt.getTime() }],
  );
  return { server: rows[0]?.server ?? '', applied };
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
