/**
 * A ledger that is gone comes back: a backup made while deliveries arrive is a moment of it, proved
 * event by event, and what was stored and not yet decided at that moment is decided afterwards.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedPostgres } from '#libs/database';
import { randomOf } from '../reference/random.js';
import { Client } from './client.js';
import { followsLogOf, IS_CLUSTER } from './event-stores.js';
import { Load } from './load.js';
import { CREATOR, PaymentsOracle } from './payments-oracle.js';
import { familyOf } from './processes.js';
import {
  flywheel as command,
  envOf,
  NotStarted,
  newHome,
  newSecrets,
  ROOT,
  type Running,
  removeHome,
  rowOf,
  type Said,
  startUp,
  until,
} from './running.js';

const LIMIT_MS = 400_000;
const ENOUGH_ACKS = 400;
const secrets = newSecrets();
const oracle = new PaymentsOracle();
const homes: string[] = [];
const running: Running[] = [];
let source = '';
let load: Load;
let client: Client;

async function home(): Promise<string> {
  const made = await newHome();
  homes.push(made);
  return made;
}

async function up(of: string): Promise<Running> {
  const started = await startUp({ home: of, env: { ...envOf(secrets), LOG_LEVEL: 'fatal' } });
  running.push(started);
  return started;
}

beforeAll(async () => {
  source = await home();
  client = new Client((await up(source)).url, secrets.token);
  for (const referrer of oracle.referrers) await client.deliver(referrer, secrets.secret);
  load = new Load({ oracle, client, secret: secrets.secret, random: randomOf(7) });
}, LIMIT_MS);

afterAll(async () => {
  await load.end().catch(() => {});
  client.close();
  for (const one of running) await one.stop();
  for (const one of homes) await removeHome(one);
}, LIMIT_MS);

describe('a backup of a ledger under load', () => {
  it(
    'comes back as a beginning of it, and what was pending is decided',
    async () => {
      const file = path.join(source, 'under-load.backup');
      await moreAcknowledged(ENOUGH_ACKS);
      const before = await whileNothingIsDecided(async () => {
        await moreAcknowledged(ENOUGH_ACKS);
        const acknowledged = oracle.acknowledgedIds();
        expect(await command(source, ['db', 'backup', file])).toMatchObject({ code: 0 });
        return acknowledged;
      });
      await moreAcknowledged(ENOUGH_ACKS);
      await load.end();
      await client.settled();

      const restored = await home();
      await restoredAfterAKill(restored, file);
      const [found, digest] = await withDatabaseOf(restored, async () => {
        const there = await rowOf<Found>(restored, FOUND);
        return [there, await rowOf(restored, digestOfFirst(there.events))] as const;
      });
      expect(found.pending).toBeGreaterThan(ENOUGH_ACKS / 2);
      expect(await rowOf(source, digestOfFirst(found.events))).toEqual(digest);
      expect(relationIn(await verified(source, file))).toMatchObject({ is: 'prefix' });
      expect(relationIn(await verified(restored, file))).toEqual({ is: 'equal' });

      if (IS_CLUSTER) expect(String(await refused(restored))).toContain('restore that cluster');
      await followsLogOf(restored, source);
      const again = new Client((await up(restored)).url, secrets.token);
      const { head } = await again.settled();
      expect(head).toBeGreaterThan(found.events);
      expect(relationIn(await verified(restored, file))).toMatchObject({ is: 'prefix' });
      const { lost, ...verdict } = await oracle.verdict(again);
      expect(verdict).toMatchObject({ invented: [], twice: [], wrong: [] });
      expect(lost.filter((id) => before.has(id))).toEqual([]);
      // It is of that moment, not of now; where a cluster keeps the log, it has followed what came since.
      if (IS_CLUSTER) expect([lost, head]).toEqual([[], (await client.settled()).head]);
      else expect(lost.length).toBeGreaterThan(0);
      expect(await again.get('/api/admin/check-consistency')).toMatchObject({
        errors: [],
        valid: true,
      });
      again.close();
    },
    LIMIT_MS,
  );

  it(
    'that has settled shows the same figures at the same position',
    async () => {
      const file = path.join(source, 'settled.backup');
      expect(await command(source, ['db', 'backup', file])).toMatchObject({ code: 0 });
      const restored = await home();
      expect(await command(restored, ['db', 'restore', file])).toMatchObject({ code: 0 });
      await followsLogOf(restored, source);
      const again = new Client((await up(restored)).url, secrets.token);
      await again.settled();
      for (const asked of FIGURES) expect(await again.get(asked)).toEqual(await client.get(asked));
      const payments = `/api/creators/${CREATOR}/payments`;
      const [there, here] = await Promise.all(
        [client, again].map((one) => one.all(payments, {}, 500)),
      );
      expect(here?.length).toBeGreaterThan(3 * ENOUGH_ACKS);
      expect(here).toEqual(there);
      again.close();
    },
    LIMIT_MS,
  );
});

const FIGURES = ['', '/top-referrers', '/revenue', '/growth', '/referrals', '/members'].map(
  (name) => `/api/creators/${CREATOR}${name}`,
);

interface Found {
  readonly events: number;
  readonly pending: number;
}
const FOUND = `select (select count(*)::int from events) as events,
  (select count(*)::int from deliveries where outcome = 'pending') as pending`;

const digestOfFirst = (events: number): string =>
  `select md5(string_agg(e::text, ',' order by position)) as digest from events e
    where position <= ${events}`;

const verified = (of: string, file: string): Promise<Said> =>
  command(of, ['db', 'verify', file, '--against', '--json']);

const relationIn = ({ code, stdout }: Said): unknown => {
  expect(code).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').relation;
};

/** Of a ledger that does not run. */
async function withDatabaseOf<T>(of: string, act: () => Promise<T>): Promise<T> {
  const { stop } = await startEmbeddedPostgres({ home: of });
  try {
    return await act();
  } finally {
    await stop();
  }
}

async function moreAcknowledged(more: number): Promise<void> {
  const enough = oracle.acknowledged + more;
  await until(`${more} more are acknowledged`, () => oracle.acknowledged >= enough);
}

/** The worker stands still meanwhile: what is acknowledged stays pending. */
async function whileNothingIsDecided<T>(act: () => Promise<T>): Promise<T> {
  const worker = familyOf(running[0]?.pid ?? 0).find(({ command: line }) =>
    line.includes('apps/worker/src/main.js'),
  );
  if (worker === undefined) throw new Error('there is no worker');
  process.kill(worker.pid, 'SIGSTOP');
  try {
    return await act();
  } finally {
    process.kill(worker.pid, 'SIGCONT');
  }
}

async function refused(of: string): Promise<NotStarted> {
  const refusal = await up(of).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(NotStarted);
  return refusal as NotStarted;
}

/** The first attempt is killed in the middle: nothing starts on what it left, and the second succeeds. */
async function restoredAfterAKill(into: string, file: string): Promise<void> {
  const { PATH, HOME, FLYWHEEL_PG_USER } = process.env;
  const env = { PATH, HOME, FLYWHEEL_HOME: into, ...(FLYWHEEL_PG_USER && { FLYWHEEL_PG_USER }) };
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'bin/flywheel.js'), 'db', 'restore', file],
    { env, stdio: 'ignore' },
  );
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  await until('the restore has begun', () =>
    rowOf<{ n: number }>(
      into,
      `select count(*)::int as n from pg_namespace where nspname = 'flywheel_restoring'`,
    ).then(
      ({ n }) => n === 1,
      () => false,
    ),
  );
  child.kill('SIGKILL');
  expect(await ended).toBeNull();
  expect(String(await refused(into))).toContain('A restore into this ledger did not end');
  expect(await command(into, ['db', 'restore', file])).toMatchObject({ code: 0 });
}
