// Jest's globalSetup: one PostgreSQL for the whole run, with the settings of a real one. It runs in a
// process of its own, because Jest loads this file without the transforms that tests get.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');
const server = path.join(import.meta.dirname, 'postgres.server.ts');

export default async function setup() {
  if (process.env.FLYWHEEL_TEST_DATABASE_URL) return;
  const register = ['--conditions=source', '--import', '@swc-node/register/esm-register'];
  const child = spawn(process.execPath, [...register, server], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' }, // those of Jest are not for it
  });
  process.env.FLYWHEEL_TEST_DATABASE_URL = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the database server ended with ${code}`)));
  });
  globalThis.flywheelTestServer = child;
}
