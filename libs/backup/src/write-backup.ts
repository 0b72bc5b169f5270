/**
 * Makes a backup: the tables of truth of one snapshot, as a stream of bytes. It only reads, holds no
 * lock that anybody waits for, and keeps one frame in memory, however large the ledger is.
 */
import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { Chain } from './chain.js';
import { beginSnapshot, copyOut } from './copy-out.js';
import { eventReader } from './event-rows.js';
import {
  FORMAT,
  lineOf,
  type Manifest,
  type ManifestTable,
  type TableDigest,
  type Trailer,
} from './format.js';
import { refuseUnfinished } from './restoring.js';
import { inSession } from './session.js';
import { knownTruth, rowsIn, type TruthTable } from './truth.js';

export interface BackupProgress {
  readonly table: string;
  /** Of all tables. */
  readonly rows: bigint;
  readonly rowsInAll: bigint;
}

export interface BackupOptions {
  readonly url: string;
  /** Takes the bytes, before compression; the next come when it is done with these. */
  readonly write: (bytes: Buffer) => Promise<void>;
  readonly onProgress?: (progress: BackupProgress) => void;
}

export interface BackupMade {
  readonly manifest: Manifest;
  readonly trailer: Trailer;
}

/** Throws `restore_unfinished`, `ledger_missing`, `ledger_unknown_tables`, and whatever `write` or the server throws. */
export function writeBackup(options: BackupOptions): Promise<BackupMade> {
  return inSession(options.url, { as: 'owner', applicationName: 'backup' }, async (client) => {
    await beginSnapshot(client);
    await refuseUnfinished(client);
    const truth = await knownTruth(client);
    const manifest = await manifestFor(client, truth);
    const whole = createHash('sha256');
    const write = async (bytes: Buffer): Promise<void> => {
      whole.update(bytes);
      await options.write(bytes);
    };
    await write(lineOf(manifest));
    const chain = new Chain();
    const tables = await writeTables(client, truth, {
      manifest,
      chain,
      write,
      ...(options.onProgress && { onProgress: options.onProgress }),
    });
    const { events, hash, checkpoints } = chain.state;
    const trailer: Trailer = {
      end: true,
      tables,
      chain: { events: String(events), hash, checkpoints },
      sha256: whole.digest('hex'),
    };
    await options.write(lineOf(trailer));
    return { manifest, trailer };
  });
}

async function manifestFor(client: ClientBase, truth: readonly TruthTable[]): Promise<Manifest> {
  const { rows } = await client.query<Pick<Manifest, 'madeAt' | 'server' | 'head' | 'migrations'>>(`
    select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "madeAt",
      current_setting('server_version') as server,
      (select coalesce(max(position), 0)::text from events) as head,
      array(select name::text from kysely_migration order by name) as migrations`);
  const tables: ManifestTable[] = [];
  for (const table of truth) tables.push(await manifestTable(client, table));
  const [row] = rows;
  if (row === undefined) throw new Error('the server did not answer');
  return { format: FORMAT, ...row, tables };
}

async function manifestTable(client: ClientBase, table: TruthTable): Promise<ManifestTable> {
  const { name, columns, identity } = table;
  const { rows } = await client.query<{ rows: string; lastId: string | null }>(
    `select (select count(*) from ${rowsIn(table)})::text as rows,
      pg_sequence_last_value(pg_get_serial_sequence($1, $2))::text as "lastId"`,
    [name, identity ?? columns[0]],
  );
  const { rows: counted = '0', lastId = null } = rows[0] ?? {};
  return { name, columns, rows: counted, ...(identity !== undefined && { lastId }) };
}

interface Writing {
  readonly manifest: Manifest;
  readonly chain: Chain;
  readonly write: (bytes: Buffer) => Promise<void>;
  readonly onProgress?: (progress: BackupProgress) => void;
}

async function writeTables(
  client: ClientBase,
  truth: readonly TruthTable[],
  { manifest, chain, write, onProgress }: Writing,
): Promise<TableDigest[]> {
  const rowsInAll = manifest.tables.reduce((sum, { rows }) => sum + BigInt(rows), 0n);
  const digests: TableDigest[] = [];
  let rows = 0n;
  for (const table of truth) {
    const digest = createHash('sha256');
    const read = table.name === 'events' ? eventReader(table.columns) : undefined;
    const before = rows;
    for await (const { count, bytes } of copyOut(client, table)) {
      digest.update(bytes);
      for (const event of read?.(bytes) ?? []) chain.add(event);
      await write(lineOf({ table: table.name, rows: count, bytes: bytes.length }));
      await write(bytes);
      rows += BigInt(count);
      onProgress?.({ table: table.name, rows, rowsInAll });
    }
    digests.push({ name: table.name, rows: String(rows - before), sha256: digest.digest('hex') });
  }
  return digests;
}
