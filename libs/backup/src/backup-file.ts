/**
 * The file of a backup. It is written under another name and gets its own when all of it is on disk, so
 * that a file with the name of a backup is a whole one. It holds keys and personal data: only its
 * owner may read it.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { BackupError, corrupt, truncated } from './errors.js';
import { FRAME_BYTES, foreign } from './format.js';
import { type BackupMade, type BackupOptions, writeBackup } from './write-backup.js';

export interface BackupWritten extends BackupMade {
  /** Compressed. */
  readonly bytes: bigint;
}

type Options = Omit<BackupOptions, 'write'>;

/** Beyond this level a backup takes longer to compress than to read, and gets hardly smaller. */
const GZIP_LEVEL = 3;
const OWNER_ONLY = 0o600;

/** Throws `file_exists`, and what `writeBackup` and the file system throw; then there is no file. */
export async function backUpToFile(options: Options, file: string): Promise<BackupWritten> {
  await refuseExisting(file);
  // A name of its own: another backup to the same name may be under way.
  const draft = `${file}.${randomBytes(4).toString('hex')}.partial`;
  const handle = await open(draft, 'wx', OWNER_ONLY);
  try {
    const written = await backUpTo(options, handle.createWriteStream({ autoClose: false }));
    await handle.sync();
    await handle.close();
    await named(draft, file);
    await syncFolder(path.dirname(file));
    return written;
  } finally {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  }
}

/** Gives the file its name if nobody has it: a link is refused where a renaming would replace. */
async function named(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw fileExists(file);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    await refuseExisting(file); // a file system without links
    await rename(draft, file);
  }
}

/** To a pipe; it stays open. */
export async function backUpTo(options: Options, output: Writable): Promise<BackupWritten> {
  const gzip = createGzip({ level: GZIP_LEVEL, chunkSize: FRAME_BYTES });
  let bytes = 0n;
  gzip.on('data', (chunk: Buffer) => {
    bytes += BigInt(chunk.length);
  });
  const sent = pipeline(gzip, output, { end: false });
  sent.catch(() => {}); // whoever waits for the next bytes hears of it
  const write = async (part: Buffer): Promise<void> => {
    if (!gzip.write(part)) await Promise.race([once(gzip, 'drain'), sent]);
  };
  try {
    const made = await writeBackup({ ...options, write });
    gzip.end();
    await sent;
    await flushed(output);
    return { ...made, bytes };
  } finally {
    gzip.destroy();
  }
}

/** Until what was written has left the process. */
function flushed(output: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write('', (error) => (error ? reject(error) : resolve()));
  });
}

/** What is inside of the file. Throws `file_unreadable`, and while it is read what `unpacked` throws. */
export async function openBackup(file: string): Promise<AsyncIterable<Buffer>> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    const { message } = error as Error;
    throw new BackupError(
      'file_unreadable',
      `${file} cannot be read: ${message}`,
      'name a file that flywheel db backup made',
      { cause: error },
    );
  }
  return unpacked(handle.createReadStream());
}

/** What is inside of gzip. Throws `backup_foreign`, `backup_truncated`, `backup_corrupt`. */
export async function* unpacked(packed: Readable): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: FRAME_BYTES });
  packed.once('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw explained(error);
  } finally {
    packed.destroy();
  }
}

function explained(error: unknown): unknown {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return truncated(error);
  if (errno !== constants.Z_DATA_ERROR) return error;
  return message === 'incorrect header check' ? foreign(error) : corrupt(message, error);
}

async function refuseExisting(file: string): Promise<void> {
  const exists = await stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (exists) throw fileExists(file);
}

const fileExists = (file: string): BackupError =>
  new BackupError(
    'file_exists',
    `${file} is there already, and a backup replaces nothing.`,
    'name another file, or remove this one first',
  );

/** A name is only as durable as the folder that holds it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
