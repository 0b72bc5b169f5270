/**
 * Where the databases of tests live: in memory where there is enough of it. They run with fsync as
 * real ones do and lose nothing that a killed process would keep; a disk only makes the many files
 * of new databases and read models slower, by up to a third of a run.
 */
import { chmodSync, mkdtempSync, readFileSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const MEMORY = '/dev/shm';
/** The write-ahead log of each server that runs may grow to 2 GB before it is recycled. */
const NEEDED_BYTES = 6 * 1024 ** 3;

/** Makes a folder of its own for a test, through which the database's user may pass, should we be root. */
export function scratchFolder(prefix: string): string {
  const folder = mkdtempSync(path.join(place(), prefix));
  chmodSync(folder, 0o755);
  return folder;
}

/** Whoever names a place (TMPDIR) means it. */
function place(): string {
  const isNamed = process.env.TMPDIR !== undefined;
  return isNamed || !isRoomyMemory() ? os.tmpdir() : MEMORY;
}

function isRoomyMemory(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    // Where programs may not run, the server's own cannot be put.
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
    const options = mounts.find((line) => line.split(' ')[1] === MEMORY)?.split(' ')[3];
    if (options === undefined || options.split(',').includes('noexec')) return false;
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, process.availableMemory()) >= NEEDED_BYTES;
  } catch {
    return false;
  }
}
