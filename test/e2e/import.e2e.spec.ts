/**
 * An import that is killed, and a server that is killed under one: run again, or left alone, it
 * goes on, and nothing is missing and nothing double.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HistoryDelivery } from '../reference/histories.js';
import { bodyOf } from '../reference/wire.js';
import { Client, inParallel } from './client.js';
import { CREATOR, PaymentsOracle } from './payments-oracle.js';
import { familyOf } from './processes.js';
import {
  envOf,
  newHome,
  newSecrets,
  ROOT,
  type Running,
  removeHome,
  rowOf,
  startUp,
  until,
} from './running.js';

const LIMIT_MS = 300_000;
const PAYMENTS = 24_000;
/** So many of them came by webhook before. */
const KNOWN = 300;
const FLAWLESS = { lost: [], invented: [], twice: [], wrong: [], unknown: 0 };
const secrets = newSecrets();

interface Found {
  readonly lines: number;
  readonly complete: boolean;
}

let home = '';
let flywheel: Running;
let client: Client;

beforeEach(async () => {
  home = await newHome();
  const env = { ...envOf(secrets), LOG_LEVEL: 'fatal' };
  flywheel = await startUp({ home, env });
  client = new Client(flywheel.url, secrets.token);
}, LIMIT_MS);

afterEach(async () => {
  client.close();
  await flywheel.stop();
  await removeHome(home);
}, LIMIT_MS);

/** Every third line is a whole webhook, the others are the objects alone. */
const lineOf = (delivery: HistoryDelivery, n: number): string => {
  const body = bodyOf(delivery);
  return n % 3 === 0 ? body : JSON.stringify((JSON.parse(body) as { data: object }).data);
};

/** Starts the command; it ends with what it has said. */
function importing(file: string) {
  const args = [path.join(ROOT, 'bin/flywheel.js'), 'import', file, '--creator', CREATOR, '--json'];
  const child = spawn(process.execPath, args, {
    cwd: home,
    env: { PATH: process.env.PATH, FLYWHEEL_HOME: home, ...envOf(secrets) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { ended, said, kill: () => child.kill('SIGKILL') };
}

/** Waits until more lines are stored than before; answers how many, or fails if none are left. */
async function movedBeyond(lines: number): Promise<number> {
  let found: Found | undefined;
  await until(`line ${lines} is stored`, async () => {
    found = await client.get<Found>('/api/admin/imports/1').catch(() => undefined);
    return (found?.lines ?? 0) > lines;
  });
  expect(found).toMatchObject({ complete: false });
  return found?.lines ?? 0;
}

async function killTheApi(): Promise<void> {
  const isApi = ({ command }: { command: string }) => command.includes('apps/api/src/main.js');
  const api = familyOf(flywheel.pid).find(isApi);
  expect(api).toBeDefined();
  process.kill(api?.pid ?? 0, 'SIGKILL');
}

describe('an import of history', () => {
  it(
    'that is killed, as its server is, loses nothing and doubles nothing',
    async () => {
      const oracle = new PaymentsOracle();
      const payments = Array.from({ length: PAYMENTS }, () => oracle.next());
      for (const payment of payments) oracle.acknowledge(payment);
      const webhooks = [...oracle.referrers, ...payments.slice(0, KNOWN)];
      await inParallel(webhooks, 8, async (delivery) => {
        expect((await client.deliver(delivery, secrets.secret)).status).toBe(200);
      });
      const text = payments.map((payment, n) => `${lineOf(payment, n)}\n`).join('');
      const file = path.join(home, 'payments.ndjson.gz');
      await writeFile(file, gzipSync(text));

      let stored = 0;
      for (let kill = 0; kill < 2; kill++) {
        const run = importing(file);
        await movedBeyond(stored).finally(run.kill);
        await run.ended;
        stored = (await client.get<Found>('/api/admin/imports/1')).lines;
      }
      const last = importing(file);
      await until('it goes on', () => last.said.stderr.includes('goes on at line'));
      await killTheApi();
      const { code, stdout, stderr } = await last.ended;
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });

      const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
      expect(result).toMatchObject({
        type: 'result',
        lines: PAYMENTS,
        stored: PAYMENTS,
        known: 0,
        unreadable: 0,
        complete: true,
        settled: true,
      });
      const count = (outcome: string): number =>
        result.outcomes.counts
          .filter((one: { outcome: string }) => one.outcome === outcome)
          .reduce((sum: number, one: { count: number }) => sum + one.count, 0);
      expect([count('applied'), count('unchanged')]).toEqual([PAYMENTS - KNOWN, KNOWN]);
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);

      const again = await importing(file).ended;
      expect(again.code).toBe(0);
      const rows = await rowOf(
        home,
        `select count(*)::int as n from deliveries where provider = 'whop-import'`,
      );
      expect(rows).toEqual({ n: PAYMENTS });
    },
    LIMIT_MS,
  );
});
