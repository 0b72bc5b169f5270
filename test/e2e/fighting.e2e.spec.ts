/**
 * Two workers, and with them two followers, on one log in a cluster (the stand-in): each in turn is
 * frozen in the middle of its work for longer than its leases live, and woken while the other has
 * taken over. Nothing takes place twice, and the figures are those of one worker that nobody disturbs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HistoryDelivery } from '../reference/histories.js';
import { randomOf } from '../reference/random.js';
import { Client, inParallel } from './client.js';
import { clusterEnv, standInOf } from './event-stores.js';
import { journalOf, logOf } from './journals.js';
import { Load } from './load.js';
import { CREATOR, PaymentsOracle } from './payments-oracle.js';
import { familyOf, processes } from './processes.js';
import {
  flywheel as command,
  envOf,
  newHome,
  newSecrets,
  type Running,
  removeHome,
  rowOf,
  type Said,
  startUp,
  until,
} from './running.js';

const LIMIT_MS = 500_000;
const FLAWLESS = { lost: [], invented: [], twice: [], wrong: [] };
/** Longer than a lease lives: 6 seconds. */
const FROZEN_MS = Number(process.env.FLYWHEEL_E2E_FROZEN_MS ?? 8_000);
/** Deliveries between two freezes. */
const ACKS = 150;
const SENDERS = 8;

const secrets = newSecrets();
const homes: string[] = [];
const running: Running[] = [];
const clients: Client[] = [];
let load: Load | undefined;
let second: Promise<Said> | undefined;

beforeEach(() => {
  second = undefined;
  load = undefined;
});

afterEach(async () => {
  await load?.end().catch(() => {});
  for (const client of clients.splice(0)) client.close();
  await stopSecond();
  for (const one of running.splice(0)) await one.stop();
  for (const home of homes.splice(0)) await removeHome(home);
}, LIMIT_MS);

describe('two workers and two followers on one log (stand-in)', () => {
  it(
    'of which each is frozen and woken: what they do takes place once, as if one had done it',
    async () => {
      const home = await newHome();
      homes.push(home);
      const cluster = clusterEnv(await standInOf(home));
      const client = await started(home, cluster);
      const oracle = new RecordingOracle();
      await founded(client, oracle);
      const first = workersIn(familyOf(running[0]?.pid ?? 0))[0];
      second = command(home, ['worker'], { ...envOf(secrets), LOG_LEVEL: 'fatal', ...cluster });
      const other = await secondWorker();
      const began = await epochs(home);

      load = new Load({
        ...{ oracle, client, secret: secrets.secret, pauseMs: 20 },
        random: randomOf(11),
      });
      for (const pid of [first, other, first]) {
        await acknowledged(oracle, ACKS);
        await frozen(pid);
      }
      await acknowledged(oracle, ACKS);
      await load.end();
      await client.settled();

      // They have fought: each freeze ended an intake and a follower.
      const ended = await epochs(home);
      expect(ended.intake - began.intake).toBeGreaterThanOrEqual(3);
      expect(ended.follower - began.follower).toBeGreaterThanOrEqual(3);
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
      expect(await rowOf(home, DECIDED_TWICE)).toEqual({ payments: 0, pending: 0 });
      expect(await journalOf(home)).toEqual(logOf(home));
      const checked = await client.get('/api/admin/check-consistency');
      expect(checked).toMatchObject({ errors: [], valid: true });

      const alone = await newHome();
      homes.push(alone);
      const undisturbed = await started(alone, { EVENT_STORE: 'postgres' });
      await founded(undisturbed, oracle);
      const booked = await bookedIn(client);
      await inParallel(
        oracle.all.filter(({ telling }) => booked.has(telling.id)),
        SENDERS,
        async (payment) => {
          await undisturbed.deliver(payment, secrets.secret);
        },
      );
      await undisturbed.settled();
      expect(await figuresOf(undisturbed)).toEqual(await figuresOf(client));
    },
    LIMIT_MS,
  );
});

/** Payments that two events book, and deliveries that nobody has decided. */
const DECIDED_TWICE = `select
  (select count(*)::int from (select from events where type = 'PaymentReceived'
    group by data ->> 'payment' having count(*) > 1) twice) as payments,
  (select count(*)::int from deliveries where outcome = 'pending') as pending`;

/** Remembers what was sent: another ledger is told the same. */
class RecordingOracle extends PaymentsOracle {
  readonly all: HistoryDelivery[] = [];

  override next(): HistoryDelivery {
    const payment = super.next();
    this.all.push(payment);
    return payment;
  }
}

async function started(home: string, env: Readonly<Record<string, string>>): Promise<Client> {
  const one = await startUp({ home, env: { ...envOf(secrets), LOG_LEVEL: 'fatal', ...env } });
  running.push(one);
  const client = new Client(one.url, secrets.token);
  clients.push(client);
  return client;
}

async function founded(client: Client, oracle: PaymentsOracle): Promise<void> {
  for (const referrer of oracle.referrers) await client.deliver(referrer, secrets.secret);
  await client.settled();
}

async function acknowledged(oracle: PaymentsOracle, more: number): Promise<void> {
  const enough = oracle.acknowledged + more;
  await until(`${more} more are acknowledged`, () => oracle.acknowledged >= enough);
}

const workersIn = (family: ReturnType<typeof processes>): number[] =>
  family.filter(({ command: line }) => line.includes('apps/worker/src/main.js')).map((p) => p.pid);

/** `flywheel worker`, which this process has started. */
const secondCommand = (): number | undefined =>
  processes().find(
    ({ parent, command: line }) =>
      parent === process.pid && line.endsWith('bin/flywheel.js worker'),
  )?.pid;

async function secondWorker(): Promise<number | undefined> {
  const its = (): number[] => workersIn(familyOf(secondCommand() ?? -1));
  await until('the second worker is there', () => its().length > 0);
  return its()[0];
}

async function stopSecond(): Promise<void> {
  const pid = secondCommand();
  if (pid !== undefined) process.kill(pid, 'SIGTERM');
  await second;
}

async function frozen(pid: number | undefined): Promise<void> {
  if (pid === undefined) throw new Error('there is no worker');
  process.kill(pid, 'SIGSTOP');
  await pause(FROZEN_MS);
  process.kill(pid, 'SIGCONT');
}

interface Epochs {
  readonly intake: number;
  readonly follower: number;
}

const epochs = (home: string): Promise<Epochs> =>
  rowOf<Epochs>(
    home,
    `select max(epoch) filter (where name = 'intake')::int as intake,
      max(epoch) filter (where name = 'follower')::int as follower from leases`,
  );

const PATH = `/api/creators/${CREATOR}`;

async function bookedIn(client: Client): Promise<ReadonlySet<string>> {
  const rows = await client.all<{ readonly paymentId: string }>(`${PATH}/payments`, {}, 500);
  return new Set(rows.map(({ paymentId }) => paymentId));
}

/** Where it was answered from, and how to ask on: of each ledger its own. */
const BESIDE = new Set(['asOf', 'nextCursor']);

/** Everything that it says of anybody. */
async function figuresOf(client: Client): Promise<unknown> {
  const said: unknown[] = [];
  for (const name of ['', '/top-referrers', '/revenue', '/growth', '/referrals', '/members'])
    said.push(await client.get(`${PATH}${name}`));
  const payments = await client.all(`${PATH}/payments`, {}, 500);
  return JSON.parse(
    JSON.stringify({ said, payments }, (key, value) => (BESIDE.has(key) ? null : value)),
  );
}
