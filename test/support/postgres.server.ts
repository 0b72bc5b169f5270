/** The database server of a test run: a process that lives as long as its standard input is open. */
import { rm } from 'node:fs/promises';
import { startEmbeddedPostgres } from '#libs/database';
import { scratchFolder } from './scratch.js';

const home = scratchFolder('flywheel-test-');
const server = await startEmbeddedPostgres({ home }).catch(async (error: unknown) => {
  await rm(home, { recursive: true, force: true });
  throw error;
});
const url = new URL(server.url);
url.pathname = '/postgres';
process.stdout.write(`${url}\n`);

let ending = false;
const end = async (): Promise<void> => {
  if (ending) return;
  ending = true;
  await server.stop();
  await rm(home, { recursive: true, force: true });
  process.exit(0);
};
// Ctrl-C reaches Jest and us alike; Jest's end, however it comes, closes our standard input.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => void end());
process.stdin.on('end', () => void end()).resume();
