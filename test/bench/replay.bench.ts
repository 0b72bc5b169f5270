/**
 * Rebuilding all read models from a log of a million events, beside one transaction per event and
 * beside `create table as`. All sides end with the same tables, logged, with the same keys, indexes
 * and statistics; that they hold the same rows is compared.
 */
import type pg from 'pg';
import { type Shape, shapeOf } from '#libs/projector';
import { register } from '#projections';
import { startPlain } from './child.js';
import { asOwner, type BenchServer } from './database.js';
import type { Options } from './options.js';
import { writeHistory } from './replay/history.js';
import { digestsOf, writeLimit } from './replay/limit.js';
import { projectOneByOne } from './replay/one-by-one.js';
import { type Figure, type Report, ratio } from './report.js';

const RUNS = 3;
const MAX_MB = 512;
const PROJECT = 'the project';

export async function benchReplay(server: BenchServer, options: Options): Promise<Report> {
  const events = options.quick ? 100_000 : 1_000_000;
  const slice = options.quick ? 500 : 2_000;
  const url = await server.database('replay');
  const shapes = register.map(shapeOf);
  try {
    return await asOwner(url, async (client) => {
      await writeHistory(client, events);
      await client.query('checkpoint');
      const runs: Runs = { replay: [], apart: [], shared: [], single: [], peakMb: [] };
      for (let n = 0; n < RUNS; n++) {
        const replayed = await replayOnce(url);
        runs.replay.push(events / replayed.seconds);
        runs.peakMb.push(replayed.peakMb);
        const expected = n === 0 ? await digestsOf(client, replayed.schema, shapes) : undefined;
        await client.query(`drop schema ${replayed.schema} cascade`);
        await client.query('checkpoint');
        runs.apart.push(events / (await limitOnce(client, shapes, false, expected)));
        if (n === 0) runs.shared.push(events / (await limitOnce(client, shapes, true, expected)));
        runs.single.push(await projectOneByOne(url, slice));
      }
      const report = reportOf(events, slice, runs);
      return options.large ? withLarge(report, await largeOnce(server, events * TIMES)) : report;
    });
  } finally {
    await server.drop('replay');
  }
}

/** How much longer the long log is. */
const TIMES = 10;

interface Large {
  readonly events: number;
  readonly rate: number;
  readonly peakMb: number;
}

/** Of a log that is much longer, one round: a replay takes its minutes. */
async function largeOnce(server: BenchServer, events: number): Promise<Large> {
  const url = await server.database('replay_large');
  try {
    await asOwner(url, async (client) => {
      await writeHistory(client, events);
      await client.query('checkpoint');
    });
    const { seconds, peakMb } = await replayOnce(url);
    return { events, rate: events / seconds, peakMb };
  } finally {
    await server.drop('replay_large');
  }
}

function withLarge({ figures, verdicts }: Report, { events, rate, peakMb }: Large): Report {
  const peak = Math.round(peakMb);
  const large: Figure = {
    bench: 'replay',
    what: `the project, ${events} events`,
    unit: 'events/s',
    runs: [rate],
    note: `${peak} MB at most`,
  };
  const project = figures.find(({ what }) => what === PROJECT);
  if (project === undefined) throw new Error('the project was not measured');
  return {
    figures: [...figures, large],
    verdicts: [
      ...verdicts,
      ratio('ten times the log / the log', large, project, { atLeast: 0.9 }),
      {
        bench: 'replay',
        what: 'memory, long log',
        value: peak,
        unit: 'MB',
        target: { below: MAX_MB },
      },
    ],
  };
}

/** What the process that replays answers. */
interface Replayed {
  readonly schema: string;
  readonly seconds: number;
  /** Largest resident size, in MB. */
  readonly peakMb: number;
}

type Runs = Record<'replay' | 'apart' | 'shared' | 'single' | 'peakMb', number[]>;

async function replayOnce(url: string): Promise<Replayed> {
  const child = await startPlain('replay/replay.child.mjs');
  try {
    return await child.ask<Replayed>({ url });
  } finally {
    await child.stop();
  }
}

/** Seconds. Throws when a table differs from what the replay made. */
async function limitOnce(
  client: pg.Client,
  shapes: readonly Shape[],
  sharedLines: boolean,
  expected: Record<string, string> | undefined,
): Promise<number> {
  const schema = 'bench_limit';
  await client.query(`set work_mem = '64MB'; set maintenance_work_mem = '128MB'; set jit = off`);
  const began = performance.now();
  await writeLimit(client, schema, shapes, { sharedLines });
  const seconds = (performance.now() - began) / 1_000;
  if (expected !== undefined) {
    const made = await digestsOf(client, schema, shapes);
    const different = Object.keys(made).filter((name) => made[name] !== expected[name]);
    if (different.length > 0)
      throw new Error(
        `replay and SQL disagree: ${different.map((n) => `${n} ${expected[n]} / ${made[n]}`)}`,
      );
  }
  await client.query(`drop schema ${schema} cascade`);
  await client.query('checkpoint');
  return seconds;
}

function reportOf(events: number, slice: number, runs: Runs): Report {
  const figure = (what: string, rates: readonly number[], note = ''): Figure => ({
    bench: 'replay',
    what,
    unit: 'events/s',
    runs: rates,
    note,
  });
  const peak = Math.round(Math.max(...runs.peakMb));
  const replay = figure(PROJECT, runs.replay, `${events} events, ${peak} MB at most`);
  const single = figure('one transaction an event', runs.single, `a slice of ${slice} events`);
  const apart = figure('create table as, each from the events', runs.apart, 'tables are equal');
  const shared = figure('create table as, the others from lines', runs.shared, 'tables are equal');
  return {
    figures: [single, replay, apart, shared],
    verdicts: [
      ratio('project / one transaction an event', replay, single, { atLeast: 30 }),
      ratio('project / create table as, each from the events', replay, apart, { atLeast: 0.45 }),
      ratio('project / create table as, the others from lines', replay, shared),
      { bench: 'replay', what: 'memory', value: peak, unit: 'MB', target: { below: MAX_MB } },
    ],
  };
}
