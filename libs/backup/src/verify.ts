/** What a backup proves: that it is whole, and how its log stands to that of a ledger. */
import type { ClientBase } from 'pg';
import { Chain, type ChainState, type Relation, relationOf } from './chain.js';
import { beginSnapshot, copyOut } from './copy-out.js';
import { corrupt } from './errors.js';
import { eventReader } from './event-rows.js';
import type { Manifest, Trailer } from './format.js';
import { type BackupRead, readBackup } from './read-backup.js';
import { inSession } from './session.js';
import { knownTruth } from './truth.js';

export interface VerifyOptions {
  readonly source: AsyncIterable<Buffer>;
  /** A ledger with which to compare it. */
  readonly against?: string;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly what: 'backup' | 'ledger';
  readonly rows: bigint;
  readonly rowsInAll: bigint;
}

export interface Verified extends BackupRead {
  /** How the backup stands to the ledger: its beginning, equal, or not its past at all. */
  readonly relation?: Relation;
  /** Of the ledger, events. */
  readonly ledgerEvents?: bigint;
}

/** Reads all of the backup, and all of the ledger's log. Throws as `readBackup`, and `ledger_missing`. */
export async function verifyBackup(options: VerifyOptions): Promise<Verified> {
  const { against } = options;
  if (against === undefined) return verifiedAlone(options).then(({ read }) => read);
  return inSession(against, { applicationName: 'verify' }, async (client) => {
    await beginSnapshot(client);
    await knownTruth(client);
    const ledgerEvents = await headOf(client);
    const { read, chain } = await verifiedAlone(options, ledgerEvents);
    const ledger = await chainOfLedger(client, {
      mark: chain.events,
      onEvents: (rows) => options.onProgress?.({ what: 'ledger', rows, rowsInAll: ledgerEvents }),
    });
    return { ...read, relation: relationOf(chain, ledger), ledgerEvents };
  });
}

/** The backup by itself: digests, counts, and the chain computed anew. */
async function verifiedAlone(
  { source, onProgress }: VerifyOptions,
  mark?: bigint,
): Promise<{ readonly read: BackupRead; readonly chain: ChainState }> {
  const chain = new Chain(mark);
  let readEvents: ReturnType<typeof eventReader> | undefined;
  let rows = 0n;
  let rowsInAll = 0n;
  const read = await readBackup(source, {
    onManifest: async ({ tables }: Manifest) => {
      const events = tables.find(({ name }) => name === 'events');
      readEvents = events && eventReader(events.columns);
      rowsInAll = tables.reduce((sum, table) => sum + BigInt(table.rows), 0n);
    },
    onFrame: async (frame) => {
      if (frame.table === 'events')
        for (const event of readEvents?.(frame.bytes) ?? []) chain.add(event);
      rows += BigInt(frame.rows);
      onProgress?.({ what: 'backup', rows, rowsInAll });
    },
  });
  refuseOtherChain(chain.state, read.trailer);
  return { read, chain: chain.state };
}

function refuseOtherChain(found: ChainState, { chain }: Trailer): void {
  if (
    String(found.events) !== chain.events ||
    found.hash !== chain.hash ||
    found.checkpoints.some((hash, i) => hash !== chain.checkpoints[i]) ||
    found.checkpoints.length !== chain.checkpoints.length
  )
    throw corrupt('the chain over its events is not the one that it states');
}

export interface LedgerChainOptions {
  /** Of the log, while it is that of an older release. Default: as this one knows it. */
  readonly columns?: readonly string[];
  readonly mark?: bigint;
  readonly onEvents?: (events: bigint) => void;
}

/** The chain over the log of the session's ledger, within its snapshot. */
export async function chainOfLedger(
  client: ClientBase,
  { columns, mark, onEvents }: LedgerChainOptions,
): Promise<ChainState> {
  const events =
    columns === undefined
      ? (await knownTruth(client)).find(({ name }) => name === 'events')
      : { name: 'events', columns, order: ['position'] };
  const chain = new Chain(mark);
  if (events === undefined) return chain.state;
  const read = eventReader(events.columns);
  let seen = 0n;
  for await (const { bytes, count } of copyOut(client, events)) {
    for (const event of read(bytes)) chain.add(event);
    seen += BigInt(count);
    onEvents?.(seen);
  }
  return chain.state;
}

async function headOf(client: ClientBase): Promise<bigint> {
  const { rows } = await client.query<{ n: string }>('select count(*)::text as n from events');
  return BigInt(rows[0]?.n ?? 0);
}
