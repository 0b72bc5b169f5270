/**
 * Brings a backup back into an empty ledger, exactly: positions, revisions, ids and times as they
 * were. The order of things, and why:
 *
 * - A mark is set first and taken away with the commit, so that a ledger whose restore did not end
 *   says so: nothing of Flywheel starts on it, and a restore begins anew.
 * - The schema is brought to the migrations of the backup, the rows are written, and only then it is
 *   migrated further: migrations see old rows as they would have seen them in place.
 * - All rows are written in one transaction, which reads them back before it commits: every table must
 *   have the digest that the backup states, and the log its chain. Triggers and constraints are in
 *   force all the time, for nothing is ever updated.
 * - Read models are not in a backup. What an empty ledger had of them is dropped, so that the next
 *   start makes them from the log.
 */
import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Migration } from 'kysely';
import type { ClientBase } from 'pg';
import copyStreams from 'pg-copy-streams';
import { migrate } from '#libs/database';
import { endOfRange } from '#libs/event-store';
import type { ChainState } from './chain.js';
import { copyOut, writePlainly } from './copy-out.js';
import { BackupError, corrupt } from './errors.js';
import type { Manifest, Trailer } from './format.js';
import { type BackupRead, type Frame, readBackup } from './read-backup.js';
import { assertEmpty, clearOpinions, clearRestoring, markRestoring } from './restoring.js';
import { inSession, otherSessions } from './session.js';
import { TRUTH, type TruthTable, tablesOf } from './truth.js';
import { chainOfLedger } from './verify.js';

export interface RestoreOptions {
  /** Of an empty ledger, or of a database without one; as its owner. */
  readonly url: string;
  readonly migrations: Record<string, Migration>;
  readonly source: AsyncIterable<Buffer>;
  readonly onProgress?: (progress: RestoreProgress) => void;
}

export interface RestoreProgress {
  readonly what: 'writing' | 'proving' | 'migrating';
  readonly rows: bigint;
  readonly rowsInAll: bigint;
}

export interface Restored extends BackupRead {
  /** Over the log as it was read back. */
  readonly chain: ChainState;
  /** Migrations that came after the backup was made. */
  readonly migrated: readonly string[];
}

/** Held by whoever restores, for as long as it takes. */
const RESTORE_LOCK = 7_390_400;
const LOCK_TIMEOUT_MS = 5_000;
const LEAVING_MS = 1_000;
const LEAVING_STEP_MS = 50;

/**
 * Throws what `readBackup` throws, and `ledger_not_empty`, `ledger_newer_than_backup`, `ledger_in_use`,
 * `restore_running`, `restore_differs`; then no row was written.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { url, migrations } = options;
  const restored = await inSession(url, { as: 'owner', applicationName: 'restore' }, (client) =>
    restoreIn(client, options),
  );
  options.onProgress?.({ what: 'migrating', rows: 0n, rowsInAll: 0n });
  const { applied } = await migrate(url, migrations);
  return { ...restored, migrated: applied };
}

type Writing = {
  manifest: Manifest | undefined;
  writer: TableWriter | undefined;
  rows: bigint;
  rowsInAll: bigint;
};

async function restoreIn(
  client: ClientBase,
  options: RestoreOptions,
): Promise<Omit<Restored, 'migrated'>> {
  const state: Writing = { manifest: undefined, writer: undefined, rows: 0n, rowsInAll: 0n };
  const said = (what: RestoreProgress['what'], rows: bigint) =>
    options.onProgress?.({ what, rows, rowsInAll: state.rowsInAll });
  const read = await readBackup(options.source, {
    onManifest: async (manifest) => {
      await prepare(client, options, manifest);
      state.manifest = manifest;
      state.rowsInAll = manifest.tables.reduce((sum, { rows }) => sum + BigInt(rows), 0n);
    },
    onFrame: async (frame) => {
      if (state.writer?.table !== frame.table) {
        await state.writer?.end();
        state.writer = new TableWriter(client, frame.table, columnsIn(state.manifest, frame.table));
      }
      await state.writer.write(frame);
      state.rows += BigInt(frame.rows);
      said('writing', state.rows);
    },
  });
  await state.writer?.end();
  const chain = await proved(client, read, (rows) => said('proving', rows));
  await continueIdentities(client, read.manifest);
  await clearRestoring(client);
  await client.query('commit');
  await client.query(`analyze ${read.manifest.tables.map(({ name }) => name).join(', ')}`);
  return { ...read, chain };
}

/** Refuses before it changes anything; ends within the transaction that writes. */
async function prepare(
  client: ClientBase,
  { url, migrations }: RestoreOptions,
  manifest: Manifest,
): Promise<void> {
  refuseUnknown(manifest, migrations);
  await lockAgainstOthers(client);
  await assertEmpty(client, manifest);
  await markRestoring(client, manifest);
  const known = Object.entries(migrations).filter(([name]) => manifest.migrations.includes(name));
  await migrate(url, Object.fromEntries(known));
  await client.query('begin');
  await writePlainly(client);
  await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  const found = await tablesOf(client);
  await client.query(`lock table ${[...found.keys()].join(', ')} in access exclusive mode`);
  await client.query('set local lock_timeout = 0');
  refuseOtherColumns(manifest, found);
  await assertEmpty(client, manifest);
  await clearOpinions(client);
}

function refuseUnknown(
  { migrations: applied, tables }: Manifest,
  migrations: Record<string, Migration>,
): void {
  const unknown = [
    ...applied.filter((name) => !(name in migrations)),
    ...tables.map(({ name }) => name).filter((name) => !TRUTH.some((table) => table.name === name)),
  ];
  if (unknown.length === 0) return;
  throw new BackupError(
    'backup_newer',
    `The backup was made by a later release: this one does not know ${unknown.join(', ')}.`,
    'restore it with the release that made it, or a later one',
  );
}

async function lockAgainstOthers(client: ClientBase): Promise<void> {
  const isHeld = await onceGone(async () => {
    const { rows } = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock($1) as held',
      [RESTORE_LOCK],
    );
    return rows[0]?.held === true;
  });
  if (!isHeld)
    throw new BackupError(
      'restore_running',
      'Another restore into this database is running.',
      'wait until it has ended: flywheel db status',
    );
  let others: string[] = [];
  const isAlone = await onceGone(async () => {
    others = await otherSessions(client);
    return others.length === 0;
  });
  if (isAlone) return;
  throw new BackupError(
    'ledger_in_use',
    `Flywheel uses this database: ${others.join(', ')}.`,
    'stop it first, or restore into another database or data folder',
  );
}

/** Whether it is so soon: a session that was closed is there for a moment yet, with what it holds. */
async function onceGone(isSo: () => Promise<boolean>): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < LEAVING_MS; waitedMs += LEAVING_STEP_MS) {
    if (await isSo()) return true;
    await delay(LEAVING_STEP_MS);
  }
  return isSo();
}

/** Backup and database have the same tables of truth, column by column. */
function refuseOtherColumns(
  { tables }: Manifest,
  found: ReadonlyMap<string, readonly string[]>,
): void {
  const told = new Map(tables.map(({ name, columns }) => [name, [...columns].sort()]));
  const truth = [...found.keys()].filter((name) => TRUTH.some((table) => table.name === name));
  for (const name of new Set([...told.keys(), ...truth]))
    if (String(told.get(name)) !== String([...(found.get(name) ?? [])].sort()))
      throw corrupt(`its table ${name} is not the one that its migrations make`);
}

/** One COPY after the other, each ended before the next begins. */
class TableWriter {
  private readonly stream: ReturnType<typeof copyStreams.from>;
  private readonly done: Promise<void>;
  private failure: unknown;

  constructor(
    client: ClientBase,
    readonly table: string,
    columns: readonly string[],
  ) {
    this.stream = client.query(
      copyStreams.from(`copy ${table} (${columns.join(', ')}) from stdin`),
    );
    // A stream whose COPY was refused must not be written to again.
    this.stream.on('error', (error) => {
      this.failure = error;
    });
    this.done = finished(this.stream);
    this.done.catch(() => {}); // heard of by whoever writes or ends
  }

  async write({ bytes }: Frame): Promise<void> {
    if (this.failure === undefined)
      await Promise.race([
        this.done.catch(() => {}),
        new Promise<void>((resolve) => this.stream.write(bytes, () => resolve())),
      ]);
    if (this.failure !== undefined) throw refused(this.table, this.failure);
  }

  async end(): Promise<void> {
    if (this.failure === undefined) this.stream.end();
    await this.done.catch((error: unknown) => {
      throw refused(this.table, error);
    });
  }
}

/** SQLSTATE classes: values that cannot be, rows that contradict each other. */
const BAD_ROWS = /^(22|23)...$/;

function refused(table: string, error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code !== 'string' || !BAD_ROWS.test(code)) return error;
  return corrupt(`the database does not take its rows of ${table} (${message})`, error);
}

function tableOf(name: string): TruthTable {
  const table = TRUTH.find((one) => one.name === name);
  if (table === undefined) throw corrupt(`there is no table ${name}`);
  return table;
}

/** As the backup has them: a later release may know more. */
const columnsIn = (manifest: Manifest | undefined, name: string): readonly string[] =>
  manifest?.tables.find((table) => table.name === name)?.columns ?? tableOf(name).columns;

/** Reads back what was written. Throws `restore_differs`. */
async function proved(
  client: ClientBase,
  { manifest, trailer }: BackupRead,
  onRows: (rows: bigint) => void,
): Promise<ChainState> {
  let seen = 0n;
  for (const { name, columns } of manifest.tables) {
    if (name === 'events') continue; // by the chain, below
    const digest = createHash('sha256');
    for await (const { bytes, count } of copyOut(client, { ...tableOf(name), columns })) {
      digest.update(bytes);
      seen += BigInt(count);
      onRows(seen);
    }
    const stated = trailer.tables.find((table) => table.name === name);
    if (digest.digest('hex') !== stated?.sha256) throw differs(`the rows of ${name}`);
  }
  const chain = await chainOfLedger(client, {
    columns: columnsIn(manifest, 'events'),
    onEvents: (events) => onRows(seen + events),
  });
  refuseOtherChain(chain, trailer);
  return chain;
}

function refuseOtherChain(chain: ChainState, { chain: stated }: Trailer): void {
  if (String(chain.events) !== stated.events || chain.hash !== stated.hash)
    throw differs('the chain over the log');
}

const differs = (what: string): BackupError =>
  new BackupError(
    'restore_differs',
    `After writing, ${what} is not what the backup states: nothing was kept.`,
    'look for triggers or rules that change rows in this database; flywheel db verify tells whether the backup is whole',
  );

/**
 * Whatever number was given before the backup was made is not given again; nor, where a cluster keeps
 * the log, what was given since, which the log may hold.
 */
async function continueIdentities(client: ClientBase, { tables }: Manifest): Promise<void> {
  const isJournal = tables.some(({ name, rows }) => name === 'log_home' && BigInt(rows) > 0n);
  for (const { name, lastId } of tables) {
    const { identity } = tableOf(name);
    if (identity === undefined) continue;
    const { rows } = await client.query<{ last: string | null }>(
      `select greatest($1::bigint, max(${identity})) as last from ${name}`,
      [lastId ?? null],
    );
    const last = rows[0]?.last ?? undefined;
    if (last === undefined && !isJournal) continue;
    const given = BigInt(last ?? 0);
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [
      ...[name, identity],
      isJournal ? endOfRange(given) : given,
    ]);
  }
}
