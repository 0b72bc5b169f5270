/** `flywheel db migrate`, `flywheel db roles` and `flywheel db status` */
import { EXIT } from '../exit.js';
import { count } from '../format.js';
import type { Invocation, Outcome } from '../invocation.js';
import { factsOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export async function migrateDatabase(
  { terminal, env }: Invocation,
  { dryRun }: { readonly dryRun?: boolean },
): Promise<Outcome> {
  const { loadConfig } = await import('#libs/database');
  const { openDatabase, checkDurability, applyMigrations, pendingMigrations } = await import(
    '../supervisor/database.js'
  );
  const config = loadConfig(env);
  const database = await openDatabase(config, (message) => terminal.detail(message));
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
    const applied = await applyMigrations(database.url, config, (message) =>
      terminal.note(message),
    );
    terminal.answer('flywheel.db-migrate/1', { dryRun: false, pending: [], applied }, () =>
      applied.length === 0 ? 'Nothing is missing.' : applied.join('\n'),
    );
  } finally {
    await database.stop();
  }
}

/** Connects to nothing: what it prints is for an administrator. */
export async function databaseRoles({ terminal, env }: Invocation): Promise<Outcome> {
  const { loadConfig, rolesSql } = await import('#libs/database');
  const { databaseUrl } = loadConfig(env);
  const database =
    databaseUrl === undefined
      ? 'flywheel'
      : decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  const sql = rolesSql({ database });
  terminal.answer('flywheel.db-roles/1', { database, sql }, () => sql.trimEnd());
  if (databaseUrl === undefined)
    terminal.note('The embedded PostgreSQL needs none of it: each start sees to its logins.');
}

/** Ends with 2 when migrations are missing, or a restore did not end. */
export async function databaseStatus(invocation: Invocation): Promise<Outcome> {
  const { terminal } = invocation;
  const { databaseState } = await import('#libs/backup');
  const { migrations } = await import('#migrations');
  const { openLedger } = await import('../ledger.js');
  const ledger = await openLedger(invocation);
  try {
    const state = await databaseState(ledger.url);
    const missing = Object.keys(migrations).filter((name) => !state.migrations.includes(name));
    const { description: database } = ledger;
    terminal.answer('flywheel.db-status/1', { database, ...state, missing }, () =>
      stateText(terminal, { database, ...state, missing }),
    );
    if (state.restoring !== null)
      terminal.note('next: flywheel db restore FILE begins the restore anew');
    else if (missing.length > 0) terminal.note('next: flywheel db migrate');
    return state.restoring === null && missing.length === 0 ? EXIT.done : EXIT.findings;
  } finally {
    await ledger.stop();
  }
}

type State = Awaited<ReturnType<typeof import('#libs/backup')['databaseState']>> & {
  readonly database: string;
  readonly missing: readonly string[];
};

function stateText(terminal: Terminal, state: State): string {
  const { bytes } = state;
  const { green, red, yellow } = terminal.colors;
  return factsOf(terminal, [
    ['database', state.database],
    ['server', `PostgreSQL ${state.server}`],
    ['head', state.head === null ? 'no ledger yet' : count(Number(state.head))],
    ['recorded', state.recordedAt ?? '—'],
    ['migrations', state.migrations.at(-1) ?? 'none'],
    ['missing', state.missing.length === 0 ? green('nothing') : yellow(state.missing.join(', '))],
    ['size', bytesText(bytes.all)],
    ['events', bytesText(bytes.events)],
    ['deliveries', bytesText(bytes.deliveries)],
    ['read models', bytesText(bytes.readModels)],
    ...(state.restoring === null
      ? []
      : ([['restore', red(`did not end: ${state.restoring}`)]] as const)),
    ...(state.unknown.length === 0
      ? []
      : ([['unknown', red(`no backup is made beside ${state.unknown.join(', ')}`)]] as const)),
  ]);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `16.2 MB`. */
export function bytesText(bytes: bigint): string {
  let size = Number(bytes);
  let unit = 0;
  for (; size >= 999.5 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
