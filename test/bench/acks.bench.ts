/**
 * Durable acknowledgements over HTTP while intake and projector keep up as they can, beside bare
 * HTTP, HTTP with the signature verified, and one ordered append per request.
 */
import { systemClock } from '#libs/ledger';
import { startOwn } from './child.js';
import { asOwner, type BenchServer } from './database.js';
import { median } from './figures.js';
import { Load, type LoadResult } from './http/load.js';
import { FOUNDERS } from './http/payments.js';
import { backlogOf, drained, SECRET, startLedger } from './ledger-life.js';
import type { Options } from './options.js';
import { type Figure, type Report, ratio } from './report.js';

const ROUNDS = 3;
const CONNECTIONS = 64;
/** Prepared per second of a run; more than can be acknowledged. */
const PAYMENTS_PER_SECOND = 16_000;
const API_POOL = 12;
/** At most; it ends when all are sent. */
const FOUNDING_SECONDS = 120;

export interface AcksReport extends Report {
  /** Median of the project's rate: the lag is measured at half of it. */
  readonly acksPerSecond: number;
}

export async function benchAcks(server: BenchServer, options: Options): Promise<AcksReport> {
  const seconds = options.quick ? 2 : 5;
  const rivalsUrl = await server.database('rivals');
  const url = await server.database('acks');
  const load = await Load.start();
  const rivals = await startOwn('http/rivals.child.ts', {
    DATABASE_URL: rivalsUrl,
    WHOP_WEBHOOK_SECRET: SECRET,
    BENCH_POOL: String(API_POOL),
  });
  try {
    const ledger = await startLedger(url);
    try {
      await founded(load, url, ledger.webhooks);
      const runs: Record<Rival, LoadResult[]> = { bare: [], hmac: [], ordered: [] };
      const own: Own[] = [];
      const count = seconds * PAYMENTS_PER_SECOND;
      for (let round = 0; round < ROUNDS; round++) {
        for (const rival of RIVALS)
          runs[rival].push(await rivalRun(load, `${rivals.url}/${rival}`, seconds));
        const from = FOUNDERS + round * count;
        own.push(await ownRun(load, url, ledger.webhooks, { from, count, seconds }));
      }
      return reportOf(runs, own);
    } finally {
      await ledger.stop();
    }
  } finally {
    await rivals.stop();
    await load.stop();
    await server.drop('acks');
    await server.drop('rivals');
  }
}

const RIVALS = ['bare', 'hmac', 'ordered'] as const;
type Rival = (typeof RIVALS)[number];

async function rivalRun(load: Load, url: string, seconds: number): Promise<LoadResult> {
  await prepared(load, url, 0, 5_000);
  const run = { url, connections: CONNECTIONS, requests: 'repeated' as const };
  await load.run({ ...run, seconds: 0.5 });
  return load.run({ ...run, seconds });
}

interface Own {
  readonly result: LoadResult;
  readonly pending: number;
  /** Deliveries a second from the first request to the last projected event. */
  readonly throughPerSecond: number;
}

interface Sending {
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
  readonly drainMs?: number;
}

async function ownRun(
  load: Load,
  databaseUrl: string,
  url: string,
  { from, count, seconds, drainMs }: Sending,
): Promise<Own> {
  await prepared(load, url, from, count);
  return asOwner(databaseUrl, async (client) => {
    const began = performance.now();
    const result = await load.run({ url, connections: CONNECTIONS, seconds, requests: 'distinct' });
    const { pending } = await backlogOf(client);
    await drained(client, drainMs);
    const took = (performance.now() - began) / 1_000;
    return { result, pending, throughPerSecond: result.answered / took };
  });
}

/** Sends what makes the members, which also compiles the code, and waits until it is projected. */
export async function founded(
  load: Load,
  databaseUrl: string,
  url: string,
  drainMs?: number,
): Promise<void> {
  const all = { from: 0, count: FOUNDERS, seconds: FOUNDING_SECONDS };
  await ownRun(load, databaseUrl, url, { ...all, ...(drainMs && { drainMs }) });
}

export const prepared = (load: Load, url: string, from: number, count: number): Promise<number> =>
  load.payments({
    url,
    secret: SECRET,
    timestamp: Math.floor(systemClock.now() / 1_000),
    from,
    count,
  });

function reportOf(rivals: Record<Rival, LoadResult[]>, own: readonly Own[]): AcksReport {
  const figure = (what: string, results: readonly LoadResult[], note?: string): Figure => ({
    bench: 'acks',
    what,
    unit: 'acks/s',
    runs: results.map((result) => result.perSecond),
    note: note ?? `p99 ${median(results.map((r) => r.p99Ms)).toFixed(1)} ms`,
  });
  const bare = figure('bare HTTP', rivals.bare);
  const hmac = figure('HTTP and HMAC', rivals.hmac);
  const ordered = figure('one ordered append a request', rivals.ordered);
  const project = figure(
    'the project, projections live',
    own.map(({ result }) => result),
  );
  const pending = median(own.map((run) => run.pending));
  const through: Figure = {
    bench: 'acks',
    what: 'the project, until all is projected',
    unit: 'deliveries/s',
    runs: own.map((run) => run.throughPerSecond),
    note: `${pending} pending when the sender stopped`,
  };
  return {
    acksPerSecond: median(project.runs),
    figures: [bare, hmac, ordered, project, through],
    verdicts: [
      ratio('project / one ordered append a request', project, ordered, { atLeast: 5 }),
      ratio('project / bare HTTP', project, bare, { atLeast: 0.08 }),
      ratio('project / HTTP and HMAC', project, hmac),
      ratio('until all is projected / one ordered append', through, ordered),
    ],
  };
}
