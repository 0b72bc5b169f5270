/**
 * A Flywheel whose log is in a cluster (the stand-in): whatever is killed or frozen, and whenever,
 * nothing that was acknowledged is lost or doubled, and the journal is the log, event by event. And a
 * ledger that moves to a cluster and back says the same all the way.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Random, randomOf } from '../reference/random.js';
import type { StandInProcess } from '../standin/stand-in-process.js';
import { Client } from './client.js';
import { clusterEnv, removeEventStore, standInOf } from './event-stores.js';
import { journalOf, logOf } from './journals.js';
import { Load } from './load.js';
import { CREATOR, PaymentsOracle } from './payments-oracle.js';
import { familyOf, type Process } from './processes.js';
import {
  flywheel as command,
  envOf,
  newHome,
  newSecrets,
  type Running,
  removeHome,
  rowOf,
  startUp,
  until,
} from './running.js';

const LIMIT_MS = 400_000;
const FLAWLESS = { lost: [], invented: [], twice: [], wrong: [] };
const SEED = Number(process.env.FLYWHEEL_E2E_SEED ?? randomInt(2 ** 31));
/** Longer than a lease lives, and than anybody waits for one answer of the cluster. */
const FROZEN_MS = 8_000;
/** The supervisor restarts what dies five times in a minute, and no more. */
const KILLS = 4;
/** For an order to come into the log. */
const HELD_MS = 500;
const HELD_TRIES = 10;

const secrets = newSecrets();
let home = '';
let random: Random;
let standIn: StandInProcess;
let flywheel: Running | undefined;
let client: Client;
let load: Load | undefined;

beforeEach(async () => {
  home = await newHome();
  random = randomOf(SEED);
});

afterEach(async () => {
  await load?.end().catch(() => {});
  load = undefined;
  client?.close();
  await flywheel?.stop();
  await removeHome(home);
}, LIMIT_MS);

/** Stopped, but for moments: it may have been stopped with the lock that an order needs. */
async function heldUntil(worker: number, isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < HELD_TRIES && !isSo(); tries++) {
    process.kill(worker, 'SIGCONT');
    await pause(HELD_MS / 20);
    process.kill(worker, 'SIGSTOP');
    await pause(HELD_MS);
  }
}

describe('a Flywheel on a cluster (stand-in)', () => {
  it(
    `that is killed and frozen in all its parts loses nothing and counts nothing twice (seed ${SEED})`,
    async () => {
      standIn = await standInOf(home);
      await start(clusterEnv(standIn));
      const oracle = await underLoad();
      const faults = [
        () => killed('worker'),
        () => killed('api'),
        async () => {
          await standIn.kill();
          await standIn.begin();
        },
        async () => {
          standIn.freeze();
          await pause(FROZEN_MS);
          standIn.thaw();
        },
        () => frozen('worker'),
        () => killed('worker'),
      ];
      for (const fault of random.shuffled(faults)) {
        await acknowledged(oracle, random.between(1, 300));
        await fault();
      }
      await acknowledged(oracle, 300);
      await load?.end();
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
      expect(await journalOf(home)).toEqual(logOf(home));
    },
    LIMIT_MS,
  );

  it(
    'does what an order leaves, whenever the api that gave it was killed',
    async () => {
      standIn = await standInOf(home);
      await start(clusterEnv(standIn));
      const oracle = await underLoad();
      const path = `/api/creators/${CREATOR}/members/user_referrer`;
      const codes: string[] = [];
      /** In the log, and their api knew nothing of it when it was killed. */
      let caught = 0;
      for (let n = 0; n < KILLS; n++) {
        const code = `KILL-${SEED}-${n}`;
        // Nobody follows: an order that is in the log waits for the journal, and is not marked as done.
        const worker = n % 2 === 0 ? workerPid() : undefined;
        const isInLog = () => logOf(home).some(({ stream }) => stream === `code-${code}`);
        if (worker !== undefined) process.kill(worker, 'SIGSTOP');
        const order = client
          .put(`${path}${n}/referral-code`, { code })
          .then(() => codes.push(code))
          .catch(() => {});
        if (worker === undefined) await pause(random.below(60));
        else await heldUntil(worker, isInLog);
        if (isInLog() && !codes.includes(code)) caught += 1;
        await killed('api');
        if (worker !== undefined) process.kill(worker, 'SIGCONT');
        await order;
        await acknowledged(oracle, 20);
      }
      await load?.end();
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
      const reserved = logOf(home)
        .map(({ stream }) => /^code-(KILL-.*)$/.exec(stream)?.[1])
        .filter((code) => code !== undefined);
      expect(reserved).toEqual(expect.arrayContaining(codes));
      expect(caught).toBeGreaterThan(0);
      // Each of them opens its route, whether its api lived to be told or not.
      await until('every order is done', async () => {
        const { n } = await rowOf<{ n: number }>(
          home,
          `select count(*)::int as n from deliveries where generation = 'order' and outcome = 'applied'`,
        );
        return n === reserved.length;
      });
      const left = 'select count(*)::int as n from open_orders o join events e on e.id = o.event';
      expect(await rowOf(home, left)).toEqual({ n: 0 });
    },
    LIMIT_MS,
  );
});

describe('a ledger that outgrows its machine', () => {
  it(
    'moves to a cluster and back, and says the same all the way',
    async () => {
      await start({ EVENT_STORE: 'postgres' });
      const oracle = await underLoad();
      await acknowledged(oracle, 300);
      await load?.end();
      await client.settled();
      const before = await journalOf(home);
      await flywheel?.stop();
      standIn = await standInOf(home);
      expect(await copied('postgres', 'eventstoredb')).toMatchObject({ head: before.length });
      expect(logOf(home)).toEqual(before);

      await start(clusterEnv(standIn));
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
      sends(oracle);
      await acknowledged(oracle, 200);
      await load?.end();
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
      const after = await journalOf(home);
      expect(logOf(home)).toEqual(after);
      expect(after.slice(0, before.length)).toEqual(before);
      await flywheel?.stop();

      const other = await standInOf(`${home}.other`);
      await expect(start(clusterEnv(other))).rejects.toThrow(/restore that cluster/);
      await removeEventStore(`${home}.other`);

      expect(await copied('eventstoredb', 'postgres')).toMatchObject({ head: after.length });
      await start({ EVENT_STORE: 'postgres' });
      sends(oracle);
      await acknowledged(oracle, 100);
      await load?.end();
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
    },
    LIMIT_MS,
  );
});

/** A free port each time: whoever asks is told the new one. */
async function start(env: Readonly<Record<string, string>>): Promise<void> {
  flywheel = await startUp({ home, env: { ...envOf(secrets), LOG_LEVEL: 'fatal', ...env } });
  client?.close();
  client = new Client(flywheel.url, secrets.token);
}

async function underLoad(): Promise<PaymentsOracle> {
  const oracle = new PaymentsOracle();
  for (const referrer of oracle.referrers) await client.deliver(referrer, secrets.secret);
  await client.settled();
  sends(oracle);
  return oracle;
}

function sends(oracle: PaymentsOracle): void {
  load = new Load({ oracle, client, secret: secrets.secret, random, pauseMs: 20 });
}

async function acknowledged(oracle: PaymentsOracle, more: number): Promise<void> {
  const enough = oracle.acknowledged + more;
  await until(`${more} more are acknowledged`, () => oracle.acknowledged >= enough);
}

function partOf(part: 'api' | 'worker'): Process | undefined {
  return familyOf(flywheel?.pid ?? 0).find(({ command: line }) =>
    line.includes(`apps/${part}/src/main.js`),
  );
}

const workerPid = (): number | undefined => partOf('worker')?.pid;

async function killed(part: 'api' | 'worker'): Promise<void> {
  await until(`there is a process for the ${part}`, () => partOf(part) !== undefined);
  process.kill(partOf(part)?.pid as number, 'SIGKILL'); // until() saw it
}

async function frozen(part: 'api' | 'worker'): Promise<void> {
  await until(`there is a process for the ${part}`, () => partOf(part) !== undefined);
  const pid = partOf(part)?.pid as number; // until() saw it
  process.kill(pid, 'SIGSTOP');
  await pause(FROZEN_MS);
  process.kill(pid, 'SIGCONT');
}

async function copied(from: string, to: string): Promise<unknown> {
  const env = { ...envOf(secrets), EVENTSTORE_URL: standIn.url };
  const said = await command(home, ['events', 'copy', '--from', from, '--to', to, '--json'], env);
  if (said.code !== 0) throw new Error(said.stderr);
  return JSON.parse(said.stdout.trim().split('\n').at(-1) ?? '');
}
