/** Backup, verification and restore in a process of its own; answers how long each took and what it held. */
import path from 'node:path';
import { backUpToFile, openBackup, restoreBackup, verifyBackup } from '#libs/backup';
import { migrations } from '#migrations';
import { serveOrders } from '../child.js';

export interface BackupOrder {
  readonly what: 'backup' | 'verify' | 'restore';
  /** Of the ledger to read, or of the empty one to write. */
  readonly url: string;
  readonly folder: string;
}
export interface BackupDone {
  readonly seconds: number;
  /** Largest resident size so far, in MB. */
  readonly peakMb: number;
}

serveOrders<BackupOrder>('', async ({ what, url, folder }): Promise<BackupDone> => {
  const file = path.join(folder, 'ledger.backup');
  const began = performance.now();
  if (what === 'backup') await backUpToFile({ url }, file);
  if (what === 'verify') await verifyBackup({ source: await openBackup(file) });
  if (what === 'restore') await restoreBackup({ url, migrations, source: await openBackup(file) });
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, peakMb: process.resourceUsage().maxRSS / 1_024 };
});
