/**
 * A backup of a million events, its verification and its restore, beside `copy … to` of the same
 * table into nothing, which is the least that any backup can do: without digests and compression.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { BackupDone, BackupOrder } from './backup/backup.child.js';
import { startOwn } from './child.js';
import { asOwner, type BenchServer } from './database.js';
import type { Options } from './options.js';
import { writeHistory } from './replay/history.js';
import { type Figure, type Report, ratio } from './report.js';

const RUNS = 3;
const TARGET_PER_SECOND = 50_000;
const FLAT_MB = 512;

type Runs = Record<'backup' | 'verify' | 'restore' | 'copy' | 'peakMb', number[]>;

export async function benchBackup(server: BenchServer, options: Options): Promise<Report> {
  const events = options.quick ? 100_000 : 1_000_000;
  const folder = await mkdtemp(path.join(tmpdir(), 'flywheel-bench-backup-'));
  const url = await server.database('backup');
  const runs: Runs = { backup: [], verify: [], restore: [], copy: [], peakMb: [] };
  try {
    await asOwner(url, async (client) => {
      await writeHistory(client, events);
      await client.query('checkpoint');
      for (let n = 0; n < RUNS; n++) {
        runs.copy.push(events / (await copiedIn(client)));
        await oneRound(server, { url, folder, events, runs });
      }
    });
    return reportOf(events, runs);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await server.drop('backup');
    await server.drop('restored');
  }
}

interface Round {
  readonly url: string;
  readonly folder: string;
  readonly events: number;
  readonly runs: Runs;
}

async function oneRound(server: BenchServer, { url, folder, events, runs }: Round): Promise<void> {
  const child = await startOwn('backup/backup.child.ts');
  try {
    const target = await server.database('restored');
    for (const [what, at] of [
      ['backup', url],
      ['verify', url],
      ['restore', target],
    ] as const) {
      const order: BackupOrder = { what, url: at, folder };
      const { seconds, peakMb } = await child.ask<BackupDone>(order);
      runs[what].push(events / seconds);
      if (what === 'restore') runs.peakMb.push(peakMb);
    }
  } finally {
    await child.stop();
    await rm(path.join(folder, 'ledger.backup'), { force: true });
  }
}

/** Seconds. */
async function copiedIn(client: pg.Client): Promise<number> {
  const began = performance.now();
  const stream = client.query(copyTo('copy (select * from events order by position) to stdout'));
  stream.resume();
  await finished(stream, { writable: false });
  return (performance.now() - began) / 1_000;
}

function reportOf(events: number, runs: Runs): Report {
  const figure = (what: string, rates: readonly number[], note = ''): Figure => ({
    bench: 'backup',
    what,
    unit: 'events/s',
    runs: rates,
    note,
  });
  const backup = figure('backup', runs.backup, `${events} events, compressed, with digests`);
  const copy = figure('copy to nothing', runs.copy, 'the least there is to do');
  const peak = Math.max(...runs.peakMb);
  return {
    figures: [
      copy,
      backup,
      figure('verify', runs.verify),
      figure('restore', runs.restore, 'written and read back, in one transaction'),
    ],
    verdicts: [
      {
        bench: 'backup',
        what: 'backup, slowest run',
        value: Math.min(...runs.backup),
        unit: 'events/s',
        target: { atLeast: TARGET_PER_SECOND },
      },
      { bench: 'backup', what: 'memory', value: peak, unit: 'MB', target: { below: FLAT_MB } },
      ratio('backup / copy to nothing', backup, copy),
    ],
  };
}
