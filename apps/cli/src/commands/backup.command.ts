/** `flywheel db backup`, `flywheel db restore` and `flywheel db verify`. */
import path from 'node:path';
import {
  type BackupRead,
  type BackupWritten,
  backUpTo,
  backUpToFile,
  openBackup,
  type Restored,
  readBackup,
  restoreBackup,
  unpacked,
  type Verified,
  verifyBackup,
} from '#libs/backup';
import { loadConfig } from '#libs/database';
import { systemClock } from '#libs/ledger';
import { migrations } from '#migrations';
import { shownPath } from '../environment.js';
import { CliError, EXIT } from '../exit.js';
import { count, duration } from '../format.js';
import { perSecond, withProgress } from '../import/progress.js';
import type { Invocation, Outcome } from '../invocation.js';
import { openLedger } from '../ledger.js';
import { claimHome } from '../run-file.js';
import { checkDurability, openDatabase } from '../supervisor/database.js';
import { factsOf } from '../table.js';
import type { Terminal } from '../terminal.js';
import { bytesText } from './db.command.js';

const PIPE = '-';

interface Done {
  readonly rows: bigint;
  readonly rowsInAll: bigint;
  readonly what?: string;
}

/** Runs the work with a line of progress; `say` takes what was done last. */
async function followed<T>(
  terminal: Terminal,
  { schema, title }: { readonly schema: string; readonly title: string },
  act: (say: (done: Done) => void) => Promise<T>,
): Promise<T & { readonly tookMs: number }> {
  const begun = performance.now();
  let last: Done = { rows: 0n, rowsInAll: 0n };
  const look = async () => ({
    title: last.what ?? title,
    text: `${count(Number(last.rows))}/${count(Number(last.rowsInAll))} rows  ${count(perSecond(Number(last.rows), begun))}/s`,
    figures: { what: last.what ?? title, rows: last.rows, rowsInAll: last.rowsInAll },
    share: last.rowsInAll === 0n ? undefined : Number(last.rows) / Number(last.rowsInAll),
  });
  const result = await withProgress(
    terminal,
    schema,
    look,
    act((done) => {
      last = done;
    }),
  );
  return { ...result, tookMs: Math.round(performance.now() - begun) };
}

const BACKUP = 'flywheel.db-backup/1';

/** To a file that is not there yet, or to a pipe. */
export async function backUpDatabase(invocation: Invocation, file: string): Promise<Outcome> {
  const { terminal } = invocation;
  if (file === PIPE) refuseTerminal(terminal);
  const ledger = await openLedger(invocation);
  try {
    const made = await followed(terminal, { schema: BACKUP, title: 'backup' }, (onProgress) => {
      const options = { url: ledger.url, onProgress };
      return file === PIPE ? backUpTo(options, pipe()) : backUpToFile(options, file);
    });
    if (file === PIPE) terminal.note(madeText(terminal, made));
    else
      terminal.answer(
        BACKUP,
        {
          type: 'result',
          file: path.resolve(file),
          ...saidOf(made),
          bytes: made.bytes,
          tookMs: made.tookMs,
        },
        () => madeText(terminal, made, file),
      );
    terminal.note('It holds keys and personal data: keep it where nobody else reads.');
  } finally {
    await ledger.stop();
  }
}

function refuseTerminal(terminal: Terminal): void {
  if (process.stdout.isTTY !== true && !terminal.json) return;
  throw new CliError(EXIT.usage, 'A backup is compressed data, and no text for people.', {
    code: terminal.json ? 'json_beside_data' : 'data_to_terminal',
    next: terminal.json
      ? 'leave --json away, or name a file'
      : 'name a file, or pipe it: flywheel db backup - | ssh …',
  });
}

/** Whoever reads it must get all of it: a reader that has gone is an error here, and not an end. */
function pipe(): NodeJS.WriteStream {
  process.stdout.removeAllListeners('error');
  return process.stdout;
}

const saidOf = ({ manifest, trailer }: BackupRead) => ({
  madeAt: manifest.madeAt,
  server: manifest.server,
  migrations: manifest.migrations,
  head: manifest.head,
  tables: trailer.tables,
  chain: { events: trailer.chain.events, hash: trailer.chain.hash },
  sha256: trailer.sha256,
});

const rowsIn = ({ trailer }: BackupRead): number =>
  Number(trailer.tables.reduce((sum, { rows }) => sum + BigInt(rows), 0n));

function contentFacts(read: BackupRead): (readonly [string, string])[] {
  const { manifest, trailer } = read;
  const deliveries = trailer.tables.find(({ name }) => name === 'deliveries')?.rows ?? '0';
  return [
    ['made', manifest.madeAt],
    ['events', count(Number(trailer.chain.events))],
    ['deliveries', count(Number(deliveries))],
    ['rows in all', count(rowsIn(read))],
    ['chain', trailer.chain.hash],
  ];
}

const madeText = (
  terminal: Terminal,
  made: BackupWritten & { readonly tookMs: number },
  file?: string,
): string =>
  factsOf(terminal, [
    ...(file === undefined ? [] : [['backup', shownPath(path.resolve(file))] as const]),
    ...contentFacts(made),
    ['size', bytesText(made.bytes)],
    ['took', `${duration(made.tookMs)}, ${count(perRow(rowsIn(made), made.tookMs))} rows/s`],
  ]);

const perRow = (rows: number, tookMs: number): number =>
  Math.round((rows * 1000) / Math.max(1, tookMs));

const RESTORE = 'flywheel.db-restore/1';

/** Into an empty ledger, which is made where there is none. */
export async function restoreDatabase(invocation: Invocation, file: string): Promise<Outcome> {
  const { terminal, env } = invocation;
  const config = loadConfig(env);
  // A file can be read twice: nothing is begun with one that is damaged.
  if (file !== PIPE)
    await followed(terminal, { schema: RESTORE, title: 'reading' }, (say) =>
      wholeBackup(file, say),
    );
  const isEmbedded = config.databaseUrl === undefined;
  const claim = isEmbedded ? await claimHome(config.home, startedAt()) : undefined;
  try {
    const database = await openDatabase(config, (message) => terminal.detail(message));
    try {
      terminal.target(database.description);
      await checkDurability(database.url);
      const source = file === PIPE ? unpacked(process.stdin) : await openBackup(file);
      const restored = await followed(
        terminal,
        { schema: RESTORE, title: 'restore' },
        (onProgress) => restoreBackup({ url: database.url, migrations, source, onProgress }),
      );
      const { chain, migrated, tookMs } = restored;
      terminal.answer(
        RESTORE,
        { type: 'result', ...saidOf(restored), proved: chain.hash, migrated, tookMs },
        () => restoredText(terminal, restored),
      );
    } finally {
      await database.stop();
    }
  } finally {
    await claim?.release();
  }
  const home = isEmbedded && env.FLYWHEEL_HOME ? `FLYWHEEL_HOME=${env.FLYWHEEL_HOME} ` : '';
  terminal.note(`next: ${home}flywheel up; the read models are made from the log`);
}

const startedAt = (): string => new Date(systemClock.now()).toISOString();

async function wholeBackup(file: string, say: (done: Done) => void): Promise<BackupRead> {
  let rows = 0n;
  let rowsInAll = 0n;
  return readBackup(await openBackup(file), {
    onManifest: async ({ tables }) => {
      rowsInAll = tables.reduce((sum, table) => sum + BigInt(table.rows), 0n);
    },
    onFrame: async (frame) => {
      rows += BigInt(frame.rows);
      say({ rows, rowsInAll });
    },
  });
}

const restoredText = (
  terminal: Terminal,
  restored: Restored & { readonly tookMs: number },
): string =>
  factsOf(terminal, [
    ...contentFacts(restored),
    ['proved', 'read back: every table and the chain over the log are those of the backup'],
    [
      'migrated',
      restored.migrated.length === 0 ? 'nothing is missing' : restored.migrated.join(', '),
    ],
    [
      'took',
      `${duration(restored.tookMs)}, ${count(perRow(rowsIn(restored), restored.tookMs))} rows/s`,
    ],
  ]);

const VERIFY = 'flywheel.db-verify/1';

export interface VerifyAsked {
  readonly against?: boolean;
}

/** Ends with 2 when the ledger does not contain what the backup holds. */
export async function verifyFile(
  invocation: Invocation,
  file: string,
  { against }: VerifyAsked,
): Promise<Outcome> {
  const { terminal } = invocation;
  const source = file === PIPE ? unpacked(process.stdin) : await openBackup(file);
  const ledger = against === true ? await openLedger(invocation) : undefined;
  try {
    const verified = await followed(terminal, { schema: VERIFY, title: 'verify' }, (onProgress) =>
      verifyBackup({ source, onProgress, ...(ledger && { against: ledger.url }) }),
    );
    const { relation, ledgerEvents, tookMs } = verified;
    terminal.answer(
      VERIFY,
      { type: 'result', whole: true, ...saidOf(verified), relation, ledgerEvents, tookMs },
      () => verifiedText(terminal, verified),
    );
    const isContained =
      relation === undefined || relation.is === 'equal' || relation.is === 'prefix';
    return isContained ? EXIT.done : EXIT.findings;
  } finally {
    await ledger?.stop();
  }
}

const verifiedText = (
  terminal: Terminal,
  verified: Verified & { readonly tookMs: number },
): string =>
  factsOf(terminal, [
    ...contentFacts(verified),
    ['backup', terminal.colors.green('whole: counts, digests and chain are as stated')],
    ...(verified.relation === undefined
      ? []
      : [['ledger', relationText(terminal, verified)] as const]),
    ['took', duration(verified.tookMs)],
  ]);

function relationText({ colors }: Terminal, { relation, ledgerEvents }: Verified): string {
  const more = (n: bigint): string => `${count(Number(n))} ${n === 1n ? 'event' : 'events'}`;
  switch (relation?.is) {
    case 'equal':
      return colors.green('equal: the same log, event by event');
    case 'prefix':
      return colors.green(
        `the backup is its beginning; the ledger went on with ${more(relation.missing)}`,
      );
    case 'continuation':
      return colors.red(
        `it is only a beginning of the backup: its ${count(Number(ledgerEvents))} events are the same, ${more(relation.missing)} are missing`,
      );
    case 'different':
      return colors.red(
        `another log: they part between the events ${count(Number(relation.from))} and ${count(Number(relation.to))}`,
      );
    default:
      return 'not asked';
  }
}
