import { spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cluster } from './cluster.js';
import { launched, watching } from './guardian.js';
import { numberTaken } from './pid-file.js';

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) fs.rmSync(home, { recursive: true, force: true });
});

/** Until nobody has that number: it has ended, and its end has been fetched. */
async function untilGone(pid: number): Promise<void> {
  while (numberTaken(pid)) await pause(10);
}

describe('a guarded server', () => {
  it('is known to have ended, however late somebody asks', async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'flywheel-guardian-'));
    homes.push(home);
    const cluster = new Cluster(home);
    fs.mkdirSync(cluster.data, { recursive: true });
    // A server that finds its folder taken ends at once, as this one does.
    const binaries = { postgres: '/bin/sh', initdb: '/bin/sh', major: '18' };
    const guarded = await launched(cluster, binaries, undefined, 1);
    await untilGone(guarded.pid);
    await expect(guarded.ended).resolves.toBeUndefined();
    guarded.stopped();
  });

  it('that does not stop when its owner is gone is told again, and then ended', async () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'flywheel-guardian-'));
    homes.push(home);
    const told = path.join(home, 'told');
    const deaf = `trap 'echo INT >> "${told}"' INT; trap 'echo QUIT >> "${told}"' QUIT
      echo ready >> "${told}"; while :; do sleep 0.1; done`;
    const server = spawn('/bin/sh', ['-c', deaf], { stdio: 'ignore', detached: true });
    const ended = new Promise((resolve) => server.once('exit', (_code, signal) => resolve(signal)));
    while (!fs.existsSync(told)) await pause(10);
    const script = `server=$1${watching({ quit: 1, kill: 2 })}`;
    const guardian = spawn('/bin/sh', ['-c', script, 'guardian', String(server.pid)], {
      stdio: ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
    });
    const done = new Promise((resolve) => guardian.once('exit', resolve));
    // As our own end: the pipe closes, and no word has come.
    (guardian.stdio.at(5) as Socket).end();
    expect(await ended).toBe('SIGKILL');
    expect(fs.readFileSync(told, 'utf8')).toBe('ready\nINT\nQUIT\n');
    await done;
  });
});
