/** The demo with its log in a cluster: in the server of EVENTSTORE_TEST_URL, or in a stand-in that ends with it. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { scratchFolder } from '../support/scratch.js';
import { StandInProcess } from './stand-in-process.js';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/flywheel.js');

const { EVENTSTORE_TEST_URL: server } = process.env;
const folder = scratchFolder('flywheel-demo-cluster-');
const standIn =
  server === undefined ? await StandInProcess.start(path.join(folder, 'log')) : undefined;
const url = server ?? standIn?.url ?? '';
process.stderr.write(`${standIn === undefined ? 'the log is in' : 'stand-in'} ${url}\n`);

// A log of its own has a ledger of its own, which is kept no longer than the stand-in's.
const home = standIn === undefined ? {} : { FLYWHEEL_HOME: path.join(folder, 'home') };
const child = spawn(process.execPath, [PROGRAM, 'up', '--demo', ...process.argv.slice(2)], {
  env: { ...process.env, ...home, EVENT_STORE: 'eventstoredb', EVENTSTORE_URL: url },
  stdio: 'inherit',
});
// A terminal's Ctrl-C reaches the child too: it ends in order, and we after it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => {
  void (async () => {
    await standIn?.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    process.exit(code ?? 1);
  })();
});
