/**
 * A person erased, as the law says within a second (product.md, "Personal data"): among 30,000
 * deliveries of 20,000 members, 10,000 of them not decided yet, which nobody but who opens them can tell
 * whose they are. Over HTTP, one after the other.
 */
import { founded, prepared } from './acks.bench.js';
import { startApp } from './child.js';
import type { BenchServer } from './database.js';
import { median } from './figures.js';
import { Load } from './http/load.js';
import { FOUNDERS, paymentFacts } from './http/payments.js';
import { ADMIN_TOKEN, environmentOf } from './ledger-life.js';
import type { Options } from './options.js';
import type { Report } from './report.js';

const PEOPLE = 20;
const CONNECTIONS = 64;
const LONGEST_SECONDS = 60;
const PROMISED_MS = 1_000;

export async function benchErase(server: BenchServer, options: Options): Promise<Report> {
  const undecided = options.quick ? 1_000 : 10_000;
  const url = await server.database('erase');
  const env = environmentOf(url);
  const load = await Load.start();
  const worker = await startApp('worker', env);
  const api = await startApp('api', env);
  const webhooks = `${api.url}/api/webhooks/whop`;
  try {
    await founded(load, url, webhooks).finally(() => worker.stop());
    await prepared(load, webhooks, FOUNDERS, undecided);
    await load.run({
      ...{ url: webhooks, connections: CONNECTIONS, requests: 'distinct' },
      seconds: LONGEST_SECONDS,
    });
    const took: number[] = [];
    // The first compiles the code.
    for (let n = 0; n <= PEOPLE; n++) {
      const tookMs = await erased(api.url, n);
      if (n > 0) took.push(tookMs);
    }
    return reportOf(undecided, took);
  } finally {
    await api.stop();
    await load.stop();
    await server.drop('erase');
  }
}

/** Milliseconds until the answer says that it is done. */
async function erased(api: string, n: number): Promise<number> {
  const { creatorId, userId } = paymentFacts(n);
  const began = performance.now();
  const response = await fetch(`${api}/api/creators/${creatorId}/members/${userId}/personal-data`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const answer = (await response.json()) as { changed?: boolean; profile?: boolean };
  if (answer.changed !== true || answer.profile !== true)
    throw new Error(`${userId} was not erased: ${JSON.stringify(answer)}`);
  return performance.now() - began;
}

const reportOf = (undecided: number, took: readonly number[]): Report => ({
  figures: [
    {
      bench: 'erase',
      what: `a person erased, ${FOUNDERS + undecided} deliveries kept, ${undecided} not decided`,
      unit: 'ms',
      runs: took,
      note: `the longest ${Math.max(...took).toFixed(0)} ms of ${took.length}`,
    },
  ],
  verdicts: [
    {
      bench: 'erase',
      what: 'a person erased: the longest',
      value: Math.max(...took),
      unit: 'ms',
      target: { below: PROMISED_MS },
    },
    { bench: 'erase', what: 'a person erased', value: median(took), unit: 'ms' },
  ],
});
