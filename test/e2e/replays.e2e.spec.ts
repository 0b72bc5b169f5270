/**
 * Repair by replay on a ledger at work: what is damaged is found, shown and repaired while it serves
 * and books on; and whatever is killed meanwhile, it serves as before, the next replay comes to its
 * end, and nothing is left behind.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomOf } from '../reference/random.js';
import { Client } from './client.js';
import { Load } from './load.js';
import { CREATOR, PaymentsOracle } from './payments-oracle.js';
import { familyOf, type Process, survivorsOf } from './processes.js';
import {
  envOf,
  freePort,
  newHome,
  newSecrets,
  type Running,
  removeHome,
  rowOf,
  flywheel as run,
  startUp,
  until,
} from './running.js';

interface Replay {
  readonly id: string;
  readonly state: string;
  readonly code: string | null;
  readonly detail: string | null;
  readonly difference: { readonly hash: string; readonly rows: number } | null;
}
type Victim = 'replay' | 'worker' | 'postgres';
type Phase = 'running' | 'comparing' | 'promoting';

const SEED = Number(process.env.FLYWHEEL_E2E_SEED ?? randomInt(2 ** 31));
/** The supervisor gives up what dies more than five times in a minute. */
const KILLS: readonly (readonly [Phase, Victim])[] = [
  ['running', 'replay'],
  ['promoting', 'replay'],
  ['comparing', 'worker'],
  ['promoting', 'worker'],
  ['running', 'postgres'],
  ['promoting', 'postgres'],
];
/** A load that leaves a small machine the time to be killed in. */
const PAUSE_MS = 250;
const LIMIT_MS = 400_000;
const REPLAYS = '/api/admin/replays';
const SETTLED = ['ready', 'promoted', 'discarded', 'failed'];
const FLAWLESS = { lost: [], invented: [], twice: [], wrong: [] };

const secrets = newSecrets();
const oracle = new PaymentsOracle();
const seen = new Map<string, Process>();
let home = '';
let flywheel: Running;
let client: Client;
let load: Load | undefined;

beforeAll(async () => {
  home = await newHome();
  const env = { ...envOf(secrets), PORT: String(await freePort()), LOG_LEVEL: 'fatal' };
  flywheel = await startUp({ home, env });
  client = new Client(flywheel.url, secrets.token);
  for (const referrer of oracle.referrers) await client.deliver(referrer, secrets.secret);
  load = new Load({
    ...{ oracle, client, secret: secrets.secret, random: randomOf(SEED) },
    pauseMs: PAUSE_MS,
  });
  await until('it is at work', () => oracle.acknowledged > 200);
}, LIMIT_MS);

afterAll(async () => {
  await load?.end().catch(() => {});
  client?.close();
  await flywheel?.stop();
  await removeHome(home);
}, LIMIT_MS);

describe(`a replay of a ledger at work (seed ${SEED})`, () => {
  it(
    'shows its progress and finds nothing where nothing is damaged',
    async () => {
      const { id } = await order({ reason: 'a look' });
      const events = await streamed(id);
      expect(events.at(-1)).toMatchObject({ event: 'result', data: { id, state: 'ready' } });
      expect(events.at(-1)?.data.difference?.rows).toBe(0);
      const states = events.map(({ data }) => data.state);
      expect(states).toContain('running');
      expect(new Set(events.slice(0, -1).map(({ event }) => event))).toEqual(new Set(['progress']));
    },
    LIMIT_MS,
  );

  it(
    'names what was damaged, promotes only what was seen, and has repaired it',
    async () => {
      await damage();
      const { id } = await order({});
      const { difference } = await settled(id);
      expect(difference?.rows).toBe(2);
      const rows = await client.all<{ table: string; kind: string; explain: string }>(
        `${REPLAYS}/${id}/difference`,
      );
      expect(rows.map(({ table, kind }) => `${table} ${kind}`).sort()).toEqual([
        'creator_months changed',
        'members extra',
      ]);
      expect(rows.find(({ table }) => table === 'creator_months')?.explain).toContain(
        `/api/creators/${CREATOR}/explain?figure=refundsMinor`,
      );
      const reason = 'edited by hand';
      const other = { differenceHash: '0'.repeat(64), reason };
      const refused = await client.order('POST', `${REPLAYS}/${id}/promote`, other);
      expect(JSON.parse(refused.text)).toMatchObject({
        status: 409,
        code: 'difference_hash_mismatch',
      });
      const plan = { differenceHash: difference?.hash, reason };
      await client.order('POST', `${REPLAYS}/${id}/promote`, plan);
      expect(await settled(id, ['promoted', 'failed'])).toMatchObject({ state: 'promoted' });
      expect((await settled((await order({})).id)).difference?.rows).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'is done by the command line, which says by its exit code what it found',
    async () => {
      const env = ['--url', flywheel.url, '--token-file', await tokenFile()];
      const clean = await run(home, ['replay', '--json', ...env]);
      expect({ code: clean.code, said: clean.stderr }).toMatchObject({ code: 0 });
      await damage();
      const dry = await run(home, ['replay', ...env]);
      expect(dry.code).toBe(2);
      expect(dry.stdout).toContain('user_nobody');
      const id = /--plan (\d+)/.exec(dry.stderr)?.[1] ?? '';
      const plan = await run(home, ['replay', '--plan', id, '--reason', 'seen', ...env]);
      expect({ code: plan.code, said: plan.stdout }).toMatchObject({ code: 0 });
      await damage();
      const done = await run(home, ['replay', '--apply', '--reason', 'at once', ...env]);
      expect({ code: done.code, said: done.stdout }).toMatchObject({ code: 0 });
      const past = await run(home, ['replay', '--until', '10', '--json', ...env]);
      expect(past.code).toBe(2);
      const last = past.stdout.trim().split('\n').at(-1) ?? '';
      expect(JSON.parse(last)).toMatchObject({ type: 'result', replay: { until: '10' } });
    },
    LIMIT_MS,
  );

  it.each(KILLS)(
    'that is %s is harmed by nothing: a SIGKILL of %s',
    async (phase, victim) => {
      await damage();
      const acknowledged = oracle.acknowledged;
      const { id } = await order({ reason: 'to be killed' });
      if (phase === 'promoting') {
        const { difference } = await settled(id);
        const plan = { differenceHash: difference?.hash };
        client.order('POST', `${REPLAYS}/${id}/promote`, plan).catch(() => {});
      }
      await reached(id, phase);
      const reads = reading();
      await kill(victim);
      const found = await settled(id, phase === 'promoting' ? ['promoted', 'failed'] : SETTLED);
      expect(found).toMatchObject({ state: phase === 'promoting' ? 'promoted' : 'ready' });
      const { failed, served } = await reads.end();
      expect(served).toBeGreaterThan(0);
      // A server that is killed answers nobody while it comes back.
      if (victim !== 'postgres') expect(failed).toEqual([]);
      await until('it books on', () => oracle.acknowledged > acknowledged);
      if (phase !== 'promoting') expect(found.difference?.rows).toBe(2);
      const next = await settled((await order({ reason: 'the next' })).id);
      expect(next).toMatchObject({ state: 'ready' });
      if (phase === 'promoting') expect(next.difference?.rows).toBe(0);
      else await promote(next);
    },
    LIMIT_MS,
  );

  it(
    'leaves neither a process nor a schema behind, and no payment lost',
    async () => {
      await load?.end();
      await client.settled();
      expect(await oracle.verdict(client)).toMatchObject(FLAWLESS);
      remember();
      await until('no process of a replay lives', () => replayProcesses().length === 0);
      await until('every schema serves, has served, or waits for somebody', async () => {
        const { orphans } = await rowOf<{ orphans: string[] }>(
          home,
          `select coalesce(array_agg(nspname::text), '{}') as orphans from pg_namespace
           where nspname ~ '^rm_' and nspname not in (select schema from projections)
             and nspname not in (select schema from replays where state = 'ready')
             and obj_description(oid, 'pg_namespace') !~ '^retired'`,
        );
        return orphans.length === 0;
      });
      await flywheel.stop();
      await until('nothing of it lives', () => survivorsOf(seen.values()).length === 0);
    },
    LIMIT_MS,
  );
});

async function order(input: object): Promise<Replay> {
  let replay: Replay | undefined;
  await until('a replay is ordered', async () => {
    const answer = await client.order('POST', REPLAYS, input).catch(() => undefined);
    if (answer?.status === 202) replay = JSON.parse(answer.text);
    return replay !== undefined;
  });
  return replay as unknown as Replay; // until() saw it
}

/** Answered, as every read is, however often something is killed. */
async function settled(id: string, states = SETTLED): Promise<Replay> {
  let replay: Replay | undefined;
  await until(`replay ${id} is ${states.join(' or ')}`, async () => {
    replay = await client.get<Replay>(`${REPLAYS}/${id}`).catch(() => undefined);
    remember();
    return replay !== undefined && states.includes(replay.state);
  });
  return replay as unknown as Replay; // until() saw it
}

async function promote({ id, difference }: Replay): Promise<void> {
  await client.order('POST', `${REPLAYS}/${id}/promote`, { differenceHash: difference?.hash });
  expect(await settled(id, ['promoted', 'failed'])).toMatchObject({ state: 'promoted' });
}

/** As soon as it is so far: what comes after is as good a moment. */
async function reached(id: string, phase: Phase): Promise<void> {
  const order: readonly string[] = ['ordered', 'running', 'comparing', 'ready'];
  const isFar = (state: string): boolean =>
    phase === 'promoting'
      ? replayProcesses().length > 0 || state === 'promoted'
      : order.indexOf(state) >= order.indexOf(phase);
  await until(`it is ${phase}`, async () => {
    const { state } = await client.get<Replay>(`${REPLAYS}/${id}`);
    return isFar(state);
  });
}

interface Streamed {
  readonly event: string | undefined;
  readonly data: Replay;
}

async function streamed(id: string): Promise<Streamed[]> {
  const headers = { authorization: `Bearer ${secrets.token}` };
  const { status, text } = await client.ask(`${REPLAYS}/${id}/events`, { headers });
  expect(status).toBe(200);
  return text.split('\n\n').flatMap((frame) => {
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (data === undefined) return [];
    return [{ event: /^event: (.*)$/m.exec(frame)?.[1], data: JSON.parse(data) as Replay }];
  });
}

/** Two rows that nobody books on: a month's refunds, and a member that there is not. */
async function damage(): Promise<void> {
  const { schema } = await rowOf<{ schema: string }>(
    home,
    'select min(schema) as schema from projections',
  );
  const { altered } = await rowOf<{ altered: number }>(
    home,
    `with invented as (insert into ${schema}.members values ('${CREATOR}', 'user_nobody', 'AAAA-BBBB')
       on conflict do nothing),
     altered as (update ${schema}.creator_months set refunds_minor = refunds_minor + 12345
       where (month, currency) = (select month, currency from ${schema}.creator_months
         where currency <> '' order by month limit 1) returning 1)
     select count(*)::int as altered from altered`,
  );
  expect(altered).toBe(1);
}

/** Somebody reads the ranking all the time: it is never empty. */
function reading() {
  const failed: string[] = [];
  let served = 0;
  let isOver = false;
  const path = `/api/creators/${CREATOR}/top-referrers`;
  const reads = (async () => {
    while (!isOver) {
      const answer = await client.get<{ items: unknown[] }>(path).catch(String);
      if (typeof answer === 'string') failed.push(answer);
      else if (answer.items.length === 0) failed.push('an empty ranking');
      else served += 1;
      await pause(20);
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await reads;
      return { failed, served };
    },
  };
}

async function kill(victim: Victim): Promise<void> {
  const family = remember();
  const postmaster = Number(readFileSync(path.join(home, 'postgres/server.pid'), 'utf8'));
  const isIt = ({ pid, command }: Process): boolean =>
    victim === 'postgres'
      ? pid === postmaster
      : command.includes(`apps/worker/src/${victim === 'replay' ? 'replay' : 'main'}.js`);
  const target = family.find(isIt);
  // It was faster than we are: then there is nothing to survive.
  if (target !== undefined) process.kill(target.pid, 'SIGKILL');
  else expect(victim).toBe('replay');
}

/** Notes every process of the run, for whoever looks for survivors at the end. */
function remember(): Process[] {
  const family = familyOf(flywheel.pid);
  for (const one of family) seen.set(`${one.pid} ${one.born}`, one);
  return family;
}

const replayProcesses = (): Process[] =>
  [...remember()].filter(({ command }) => command.includes('apps/worker/src/replay.js'));

async function tokenFile(): Promise<string> {
  const file = path.join(home, 'token-of-test');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, secrets.token, { mode: 0o600 });
  return file;
}
