/**
 * How long after its 200 a delivery is in the read models, at half of the rate that was measured.
 * The sender keeps the rate whatever the answers do. The moment of a position is that of the first
 * notification of the checkpoint that has passed it, as another connection hears it.
 */
import pg from 'pg';
import { clientConfig } from '#libs/database';
import { PROJECTED } from '#libs/projector';
import { founded, prepared } from './acks.bench.js';
import { asOwner, type BenchServer } from './database.js';
import { quantile } from './figures.js';
import { Load, type Sample } from './http/load.js';
import { FOUNDERS } from './http/payments.js';
import { backlogOf, drained, startLedger } from './ledger-life.js';
import type { Options } from './options.js';
import type { Figure, Report } from './report.js';

const CONNECTIONS = 64;
const RUNS = 3;
const SETTLED_HEADER = 'flywheel-settled';

export async function benchLag(
  server: BenchServer,
  options: Options,
  acksPerSecond: number,
): Promise<Report> {
  const rate = Math.floor(acksPerSecond / 2);
  const seconds = options.quick ? 4 : 10;
  const url = await server.database('lag');
  const load = await Load.start();
  const ledger = await startLedger(url);
  try {
    const lags: Lag[] = [];
    await asOwner(url, async (client) => {
      await founded(load, url, ledger.webhooks);
      let from = FOUNDERS;
      for (let run = 0; run < RUNS; run++) {
        const count = rate * seconds;
        await prepared(load, ledger.webhooks, from, count);
        from += count;
        const lag = await lagOf(client, url, () =>
          load.run({
            url: ledger.webhooks,
            connections: CONNECTIONS,
            seconds: count / rate + 1,
            rate,
            requests: 'distinct',
            header: SETTLED_HEADER,
          }),
        );
        lags.push(lag);
      }
    });
    return reportOf(rate, lags);
  } finally {
    await ledger.stop();
    await load.stop();
    await server.drop('lag');
  }
}

interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly ackP99Ms: number;
  readonly samples: number;
  /** Deliveries not decided and events not projected when the last answer had come. */
  readonly backlog: number;
}

async function lagOf(
  client: pg.Client,
  url: string,
  send: () => ReturnType<Load['run']>,
): Promise<Lag> {
  const heard: { position: bigint; at: bigint }[] = [];
  const listener = new pg.Client(clientConfig(url, { applicationName: 'bench' }));
  listener.on('notification', ({ payload = '0' }) =>
    heard.push({ position: BigInt(payload), at: process.hrtime.bigint() }),
  );
  await listener.connect();
  await listener.query(`listen ${PROJECTED}`);
  try {
    const result = await send();
    const { pending, behind } = await backlogOf(client);
    await drained(client);
    await listener.query('select 1');
    const lags = await lagsOf(client, result.samples, heard);
    return {
      p50Ms: quantile(lags, 0.5),
      p99Ms: quantile(lags, 0.99),
      ackP99Ms: result.p99Ms,
      samples: lags.length,
      backlog: pending + behind,
    };
  } finally {
    await listener.end();
  }
}

/** Milliseconds between the answer and the read models, sorted; 0 when they were earlier. */
async function lagsOf(
  client: pg.Client,
  samples: readonly Sample[],
  heard: readonly { position: bigint; at: bigint }[],
): Promise<Float64Array> {
  const ids = samples.map(({ header }) => header.slice(1));
  const { rows } = await client.query<{ id: string; position: string | null }>(
    'select id, position from deliveries where id = any($1::bigint[])',
    [ids],
  );
  const positions = new Map(rows.map((row) => [row.id, row.position]));
  const lags = samples.flatMap(({ header, at }) => {
    const position = positions.get(header.slice(1));
    if (position == null) return [];
    const passed = firstPassing(heard, BigInt(position));
    return [Math.max(0, Number(passed - at) / 1e6)];
  });
  return Float64Array.from(lags).sort();
}

/** Positions only grow, so the first notification that has passed is found by halving. */
function firstPassing(
  heard: readonly { position: bigint; at: bigint }[],
  position: bigint,
): bigint {
  let low = 0;
  let high = heard.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heard[middle]?.position ?? 0n) < position) low = middle + 1;
    else high = middle;
  }
  const found = heard[low];
  if (found === undefined) throw new Error(`nobody said that position ${position} was projected`);
  return found.at;
}

function reportOf(rate: number, lags: readonly Lag[]): Report {
  const figure = (what: string, of: (lag: Lag) => number, note = ''): Figure => ({
    bench: 'lag',
    what,
    unit: 'ms',
    runs: lags.map(of),
    note,
  });
  const samples = lags.reduce((sum, lag) => sum + lag.samples, 0);
  const p99 = figure('projection lag, p99', (lag) => lag.p99Ms, `${samples} samples`);
  const backlog = Math.max(...lags.map((lag) => lag.backlog));
  const sorted = [...p99.runs].sort((a, b) => a - b);
  return {
    figures: [
      figure('projection lag, p50', (lag) => lag.p50Ms, `at ${rate} deliveries/s`),
      p99,
      figure('answer, p99', (lag) => lag.ackP99Ms),
      { bench: 'lag', what: 'backlog at the end', unit: 'items', runs: lags.map((l) => l.backlog) },
    ],
    verdicts: [
      {
        bench: 'lag',
        what: `p99 at ${rate} deliveries/s`,
        value: quantile(sorted, 0.5),
        unit: 'ms',
        target: { below: 100 },
      },
      {
        bench: 'lag',
        what: 'largest backlog at the end, in seconds of sending',
        value: backlog / rate,
        unit: 's',
        target: { below: 0.5 },
      },
    ],
  };
}
