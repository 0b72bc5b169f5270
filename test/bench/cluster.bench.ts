/**
 * Deliveries decided where a cluster keeps the log (the stand-in): from the first of a backlog to the
 * last that is marked, each batch appended, followed into the journal and settled; beside the bare
 * client, which appends as many events of the same size to a stand-in of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { APPENDS_IN_FLIGHT, WRITE_LOCK } from '#libs/event-store';
import { StandInProcess } from '../standin/stand-in-process.js';
import { founded, prepared } from './acks.bench.js';
import { type Child, startOwn } from './child.js';
import type { BareAppends } from './cluster/bare.child.js';
import { asOwner, type BenchServer } from './database.js';
import { Load } from './http/load.js';
import { FOUNDERS } from './http/payments.js';
import { drained, startLedger } from './ledger-life.js';
import type { Options } from './options.js';
import { type Figure, type Report, ratio } from './report.js';

const ROUNDS = 3;
const DELIVERIES = 20_000;
const QUICK_DELIVERIES = 2_000;
const CONNECTIONS = 64;
/** For the backlog to be stored, and to be worked off. */
const LIMIT_MS = 300_000;
const LOOK_MS = 5;

export async function benchCluster(server: BenchServer, options: Options): Promise<Report> {
  const count = options.quick ? QUICK_DELIVERIES : DELIVERIES;
  const folder = await mkdtemp(path.join(tmpdir(), 'flywheel-bench-cluster-'));
  const url = await server.database('cluster');
  const standIns: StandInProcess[] = [];
  const children: { stop(): Promise<void> }[] = [];
  const standIn = async (name: string): Promise<StandInProcess> => {
    const started = await StandInProcess.start(path.join(folder, name));
    standIns.push(started);
    return started;
  };
  try {
    const [own, other] = [await standIn('own'), await standIn('other')];
    const bare = await startOwn('cluster/bare.child.ts');
    children.push(bare);
    const load = await Load.start();
    children.push(load);
    const env = { EVENT_STORE: 'eventstoredb', EVENTSTORE_URL: own.url };
    const ledger = await startLedger(url, env);
    children.push(ledger);
    await founded(load, url, ledger.webhooks, LIMIT_MS);
    return await asOwner(url, async (client) => {
      const rounds: Round[] = [];
      const bytes = await meanBytes(client);
      for (let round = 0; round < ROUNDS; round++) {
        const appends = { url: other.url, count, inFlight: APPENDS_IN_FLIGHT, bytes };
        const bareRate = await appendedPerSecond(bare, appends);
        const from = FOUNDERS + round * count;
        await prepared(load, ledger.webhooks, from, count);
        const decided = await decidedPerSecond(client, async () => {
          const run = { url: ledger.webhooks, connections: CONNECTIONS, seconds: LIMIT_MS / 1_000 };
          await load.run({ ...run, requests: 'distinct' });
        });
        rounds.push({ bare: bareRate, ...decided });
        await drained(client, LIMIT_MS);
      }
      return reportOf(rounds, bytes, count);
    });
  } finally {
    for (const child of children.reverse()) await child.stop();
    for (const one of standIns) await one.kill();
    await rm(folder, { recursive: true, force: true });
    await server.drop('cluster');
  }
}

const appendedPerSecond = (bare: Child, appends: BareAppends): Promise<number> => bare.ask(appends);

interface Round {
  /** Appends a second of the bare client. */
  readonly bare: number;
  readonly deliveries: number;
  readonly events: number;
}

/** Stores a backlog while nobody may append, then lets it be decided. */
async function decidedPerSecond(
  client: pg.Client,
  store: () => Promise<void>,
): Promise<Omit<Round, 'bare'>> {
  await client.query('select pg_advisory_lock($1::bigint)', [WRITE_LOCK]);
  await store();
  const before = await standing(client);
  const end = performance.now() + LIMIT_MS;
  await client.query('select pg_advisory_unlock($1::bigint)', [WRITE_LOCK]);
  const look = async (isSo: (now: Standing) => boolean): Promise<Standing> => {
    for (;;) {
      const now = await standing(client);
      if (isSo(now)) return now;
      if (now.at > end) throw new Error(`${now.pending} deliveries are still pending`);
      await delay(LOOK_MS);
    }
  };
  // Whoever waited for the lock may have gone to sleep: the clock runs from the first batch.
  const first = await look(({ pending }) => pending < before.pending);
  const last = await look(({ pending }) => pending === 0);
  const seconds = (last.at - first.at) / 1_000;
  return {
    deliveries: (first.pending - last.pending) / seconds,
    events: (last.head - first.head) / seconds,
  };
}

interface Standing {
  readonly pending: number;
  readonly head: number;
  readonly at: number;
}

async function standing(client: pg.Client): Promise<Standing> {
  const { rows } = await client.query<{ pending: number; head: number }>(`
    select (select count(*)::int from deliveries where outcome = 'pending') as pending,
      (select coalesce(max(position), 0)::int from events) as head`);
  const [row] = rows;
  return { pending: row?.pending ?? 0, head: row?.head ?? 0, at: performance.now() };
}

/** Of an event in the cluster: its data, its metadata, and what stands beside them there. */
async function meanBytes(client: pg.Client): Promise<number> {
  const BESIDE = 100;
  const { rows } = await client.query<{ bytes: number }>(
    `select avg(length(data::text) + length(metadata::text))::int as bytes from events`,
  );
  return (rows[0]?.bytes ?? 0) + BESIDE;
}

function reportOf(rounds: readonly Round[], bytes: number, count: number): Report {
  const figure = (what: string, unit: string, runs: readonly number[], note = ''): Figure => ({
    bench: 'cluster',
    ...{ what, unit, runs, note },
  });
  const bare = figure(
    'the bare client, stand-in',
    'appends/s',
    rounds.map((round) => round.bare),
    `${bytes} bytes, ${APPENDS_IN_FLIGHT} at once`,
  );
  const deliveries = figure(
    'the project, stand-in, until they are settled',
    'deliveries/s',
    rounds.map((round) => round.deliveries),
    `${count} a round`,
  );
  const events = figure(
    'events of those',
    'events/s',
    rounds.map((round) => round.events),
  );
  return {
    figures: [bare, deliveries, events],
    verdicts: [
      ratio('deliveries of the project / appends of the bare client', deliveries, bare, {
        atLeast: 0.5,
      }),
    ],
  };
}
