import { readFile, stat, truncate } from 'node:fs/promises';
import { type Cluster, unlessMissing } from './cluster.js';
import { diskFull, EmbeddedPostgresError, notPermitted } from './errors.js';

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const LOG_TAIL_BYTES = 4_000;

/** Why a server ended at once, where the next attempt may do better. */
export type Failure = 'another process was faster' | 'port taken';

/** Why the server ended at once, from what its log says since that size. */
export async function failure(cluster: Cluster, logStart: number): Promise<Failure> {
  const tail = await logTail(cluster, logStart);
  const lost = /"postmaster\.pid" (already exists|is empty)|bogus data in lock file|still in use/;
  if (lost.test(tail)) return 'another process was faster';
  if (/could not bind IPv4 address/.test(tail)) return 'port taken';
  if (/No space left on device/.test(tail)) throw diskFull(cluster.folder, tail);
  if (/Permission denied|Operation not permitted/.test(tail))
    throw notPermitted(cluster.folder, tail);
  throw await startFailed(cluster, 'it ended at once', logStart);
}

/** Empties a log that has grown too long; the size from which this start writes. */
export async function boundedLog({ log }: Cluster): Promise<number> {
  const size = (await unlessMissing(stat(log)))?.size ?? 0;
  if (size <= LOG_LIMIT_BYTES) return size;
  await truncate(log);
  return 0;
}

async function logTail({ log }: Cluster, from: number): Promise<string> {
  const bytes = (await unlessMissing(readFile(log))) ?? Buffer.alloc(0);
  return bytes.subarray(Math.max(from, bytes.length - LOG_TAIL_BYTES)).toString();
}

export async function startFailed(
  cluster: Cluster,
  why: string,
  from: number,
): Promise<EmbeddedPostgresError> {
  return new EmbeddedPostgresError(
    'start_failed',
    `The embedded PostgreSQL did not start: ${why}. Its log, ${cluster.log}, ends with:\n` +
      (await logTail(cluster, from)),
  );
}
