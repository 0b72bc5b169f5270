/**
 * Acknowledged means durable: whatever is killed, and whenever, nothing that was acknowledged is
 * lost or counted twice, and the supervisor brings everything back by itself.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomOf } from '../reference/random.js';
import { Client } from './client.js';
import { Load } from './load.js';
import { PaymentsOracle } from './payments-oracle.js';
import { familyOf, type Process, survivorsOf } from './processes.js';
import {
  envOf,
  freePort,
  NotStarted,
  newHome,
  newSecrets,
  type Running,
  removeHome,
  rowOf,
  startUp,
  until,
} from './running.js';

type Victim = 'api' | 'worker' | 'postgres' | 'backend' | 'up';

/**
 * Who is killed in each life of the supervisor, in an order that chance decides, and the supervisor
 * after them. It gives up what dies more than five times in a minute: hence no more in one life.
 */
const LIVES: readonly (readonly Victim[])[] = [
  ['api', 'worker', 'postgres', 'backend'],
  ['api', 'postgres', 'backend'],
  ['worker', 'postgres', 'backend'],
];
const SEED = Number(process.env.FLYWHEEL_E2E_SEED ?? randomInt(2 ** 31));
/** A kill comes after at most so many further acknowledgements. */
const MOST_ACKS_BETWEEN = 600;
/** The run is being stopped by others: try again. */
const EXIT_BUSY = 75;
const LIMIT_MS = 400_000;
const FLAWLESS = { lost: [], invented: [], twice: [], wrong: [] };

const secrets = newSecrets();
let home = '';
let flywheel: Running | undefined;
let client: Client | undefined;
let load: Load | undefined;

beforeEach(async () => {
  home = await newHome();
});

afterEach(async () => {
  await load?.end().catch(() => {}); // a test that failed has left it sending
  client?.close();
  await flywheel?.stop();
  await removeHome(home);
}, LIMIT_MS);

describe('a Flywheel under load', () => {
  it(
    `that is killed in all its parts loses nothing, counts nothing twice and comes back (seed ${SEED})`,
    async () => {
      const port = await freePort();
      const random = randomOf(SEED);
      const oracle = new PaymentsOracle();
      const seen = new Map<string, Process>();
      const { client, sending } = await underLoad(oracle, port);
      for (const [life, victims] of LIVES.entries()) {
        const last: Victim[] = life < LIVES.length - 1 ? ['up'] : [];
        for (const victim of [...random.shuffled(victims), ...last]) {
          await acknowledged(oracle, random.between(1, MOST_ACKS_BETWEEN), victim);
          await kill(victim, random.below(1_000), seen);
          if (victim === 'up') flywheel = await startedAgain(port);
        }
      }
      await acknowledged(oracle, MOST_ACKS_BETWEEN, 'the last kill');
      await sending.end();
      const { head } = await client.settled();
      const verdict = await oracle.verdict(client);
      expect(verdict).toMatchObject(FLAWLESS);
      expect(verdict.acknowledged).toBeGreaterThan(MOST_ACKS_BETWEEN);
      expect(
        await rowOf(
          home,
          `select count(*)::int as events, min(position)::int as first, max(position)::int as last,
             count(distinct position)::int as positions from events`,
        ),
      ).toEqual({ events: head, first: 1, last: head, positions: head });
      remember(seen);
      await flywheel?.stop();
      await until('nothing of it lives', () => survivorsOf(seen.values()).length === 0);
    },
    LIMIT_MS,
  );

  it(
    'that is killed once more while it comes back comes back all the same',
    async () => {
      const random = randomOf(SEED);
      const oracle = new PaymentsOracle();
      const { client, sending } = await underLoad(oracle, await freePort());
      await acknowledged(oracle, random.between(1, MOST_ACKS_BETWEEN), 'the start');
      const before = pidOf('api');
      await kill('postgres', 0, new Map());
      await until('the API is started again', () => ![before, undefined].includes(pidOf('api')));
      await kill('api', 0, new Map());
      await acknowledged(oracle, MOST_ACKS_BETWEEN, 'the second kill');
      await sending.end();
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
    },
    LIMIT_MS,
  );

  it(
    'that acknowledged before it stored would be found out',
    async () => {
      const random = randomOf(SEED);
      const oracle = new PaymentsOracle();
      const port = await freePort();
      const hasty = await hastyProxy(port);
      try {
        const { client, sending } = await underLoad(oracle, port, hasty.url);
        await acknowledged(oracle, 200, 'the start');
        await kill('api', random.below(1_000), new Map());
        await acknowledged(oracle, 200, 'the kill');
        await sending.end();
        await hasty.forwarded();
        await until('the API is back', () =>
          client.ask('/health/ready').then(
            ({ status }) => status === 200,
            () => false,
          ),
        );
        await client.settled();
        const { lost, invented, twice } = await oracle.verdict(client);
        expect(lost.length).toBeGreaterThan(0);
        expect({ invented, twice }).toEqual({ invented: [], twice: [] });
      } finally {
        hasty.close();
      }
    },
    LIMIT_MS,
  );
});

/** Starts it, makes the referrers known, and begins to send payments: to the address, if given. */
async function underLoad(oracle: PaymentsOracle, port: number, to?: string) {
  flywheel = await startedAgain(port);
  const direct = new Client(flywheel.url, secrets.token);
  client = direct;
  for (const referrer of oracle.referrers) await direct.deliver(referrer, secrets.secret);
  const sender = to === undefined ? direct : new Client(to, secrets.token);
  load = new Load({
    oracle,
    client: sender,
    secret: secrets.secret,
    random: randomOf(SEED + 1),
  });
  return { client: direct, sending: load };
}

/** As whoever keeps services running does it: again, while the home or the port is still taken. */
async function startedAgain(port: number): Promise<Running> {
  // Not a line for each delivery that meets a database that was killed.
  const env = { ...envOf(secrets), PORT: String(port), LOG_LEVEL: 'fatal' };
  let started: Running | undefined;
  await until('flywheel up starts', async () => {
    try {
      started = await startUp({ home, env });
      return true;
    } catch (error) {
      if (error instanceof NotStarted && error.ended.code === EXIT_BUSY) return false;
      throw error;
    }
  });
  return started as unknown as Running; // until() saw it start
}

/** Waits for so many further acknowledgements: what was killed before is back then. */
async function acknowledged(oracle: PaymentsOracle, more: number, after: string): Promise<void> {
  const enough = oracle.acknowledged + more;
  let gaveUp = false;
  void flywheel?.ended.then(() => {
    gaveUp = true;
  });
  await until(`${more} more are acknowledged (${after})`, () => {
    if (gaveUp) throw new Error(`flywheel up has ended:\n${flywheel?.stderr()}`);
    return oracle.acknowledged >= enough;
  });
}

async function kill(victim: Victim, choice: number, seen: Map<string, Process>): Promise<void> {
  let target: Process | undefined;
  await until(`there is a process for ${victim}`, () => {
    const family = remember(seen);
    const candidates = family.filter(isA(victim));
    target = candidates[choice % Math.max(candidates.length, 1)];
    return target !== undefined;
  });
  if (victim === 'up') await flywheel?.kill();
  else if (target !== undefined) process.kill(target.pid, 'SIGKILL');
}

function isA(victim: Victim): (one: Process) => boolean {
  const up = flywheel?.pid;
  const postmaster = Number(readFileSync(path.join(home, 'postgres/server.pid'), 'utf8'));
  return ({ pid, parent, command }) => {
    if (victim === 'up') return pid === up;
    if (victim === 'postgres') return pid === postmaster;
    if (victim === 'backend') return parent === postmaster && command.startsWith('postgres:');
    return parent === up && command.includes(`apps/${victim}/src/main.js`);
  };
}

function pidOf(victim: Victim): number | undefined {
  return familyOf(flywheel?.pid ?? 0).find(isA(victim))?.pid;
}

/** Notes every process of the present run, for whoever looks for survivors at the end. */
function remember(seen: Map<string, Process>): Process[] {
  const family = flywheel === undefined ? [] : familyOf(flywheel.pid);
  for (const one of family) seen.set(`${one.pid} ${one.born}`, one);
  return family;
}

/** Answers 200 to whatever comes, then forwards it, and forgets what cannot be forwarded. */
async function hastyProxy(port: number) {
  const agent = new http.Agent({ keepAlive: true });
  const underWay = new Set<Promise<void>>();
  const forward = ({ url, method, headers }: http.IncomingMessage, body: Buffer): Promise<void> =>
    new Promise((resolve) => {
      const options = { port, host: '127.0.0.1', path: url, method, headers, agent };
      const request = http.request(options, (response) => {
        response.resume().once('close', resolve);
      });
      request.once('error', () => resolve());
      request.end(body);
    });
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.once('end', () => {
      response.end('{"status":"stored"}');
      const sent = forward(request, Buffer.concat(parts));
      underWay.add(sent);
      void sent.then(() => underWay.delete(sent));
    });
  });
  const hastyPort = await freePort();
  await new Promise<void>((resolve) => server.listen(hastyPort, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${hastyPort}`,
    forwarded: async () => {
      await Promise.all(underWay);
    },
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
