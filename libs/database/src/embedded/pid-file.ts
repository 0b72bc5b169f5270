import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Cluster, unlessMissing } from './cluster.js';

/** What the server says of itself in postmaster.pid. */
export interface PidFile {
  /** NaN where the file is empty. */
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

const pathOf = (cluster: Cluster): string => path.join(cluster.data, 'postmaster.pid');

export async function readPidFile(cluster: Cluster): Promise<PidFile | undefined> {
  const text = await unlessMissing(readFile(pathOf(cluster), 'utf8'));
  return text === undefined ? undefined : parsed(text);
}

function parsed(text: string): PidFile {
  const lines = text.split('\n').map((line) => line.trim());
  return { pid: Number(lines[0] || Number.NaN), port: Number(lines[3]), status: lines[7] ?? '' };
}

/** Whether a process has that number now; it may be any process, or a dead one nobody fetched. */
export function numberTaken(pid: number): boolean {
  try {
    process.kill(Math.abs(pid), 0); // negative: PostgreSQL in single-user mode
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes the file of that dead server, and no other: a server that another process started in
 * between gets its file back.
 */
export async function removePidFile(cluster: Cluster, pid: number): Promise<void> {
  const file = pathOf(cluster);
  const aside = path.join(cluster.folder, `postmaster.pid.${randomUUID()}`);
  if ((await unlessMissing(rename(file, aside).then(() => true))) === undefined) return;
  const taken = parsed(await readFile(aside, 'utf8'));
  if (!Object.is(taken.pid, pid)) await link(aside, file);
  await rm(aside);
}
