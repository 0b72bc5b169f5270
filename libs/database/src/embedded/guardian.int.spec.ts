import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Cluster } from './cluster.js';
import { launched } from './guardian.js';
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
});
