/** `flywheel db migrate` */
import { EXIT } from '../exit.js';
import type { Invocation, Outcome } from '../invocation.js';

export async function migrateDatabase(
  { terminal, env }: Invocation,
  { dryRun }: { readonly dryRun?: boolean },
): Promise<Outcome> {
  const { loadConfig } = await import('#libs/database');
  const { openDatabase, checkDurability, applyMigrations, pendingMigrations } = await import(
    '../supervisor/database.js'
  );
  const database = await openDatabase(loadConfig(env), (message) => terminal.detail(message));
  try {
    terminal.target(database.description);
    if (dryRun === true) {
      const pending = await pendingMigrations(database.url);
      terminal.answer('flywheel.db-migrate/1', { dryRun: true, pending, applied: [] }, () =>
        pending.length === 0 ? 'Nothing is missing.' : pending.join('\n'),
      );
      if (pending.length > 0) terminal.note('next: flywheel db migrate');
      return pending.length === 0 ? EXIT.done : EXIT.findings;
    }
    await checkDurability(database.url);
    const applied = await applyMigrations(database.url);
    terminal.answer('flywheel.db-migrate/1', { dryRun: false, pending: [], applied }, () =>
      applied.length === 0 ? 'Nothing is missing.' : applied.join('\n'),
    );
  } finally {
    await database.stop();
  }
}
