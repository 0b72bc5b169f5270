/**
 * Forged and changed deliveries against a real Flywheel: none is accepted, none leaves a row, the
 * server is never at a loss and does not grow. FLYWHEEL_FORGED=1000000 sends that many.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { instantOf, systemClock } from '#libs/ledger';
import { forgery } from '../hostile/forged.js';
import { genuine } from '../hostile/genuine.js';
import { bytesOf, type Sent, sendAll } from '../hostile/pipeline.js';
import { rowOf } from './running.js';
import { served } from './served.js';

const COUNT = Number(process.env.FLYWHEEL_FORGED ?? 20_000);
const SEED = Number(process.env.FLYWHEEL_SEED ?? 1);
/** One in so many is genuine: they show that the others could have been accepted. */
const GENUINE_EVERY = 997;
const LIMIT_MS = 240_000 + COUNT;
/** What a collector of garbage may leave for later. */
const GROWTH_BYTES = 64 * 1024 * 1024;
const PARTS = 10;

const flywheel = served();
const { secrets } = flywheel;

const deliveries = async (): Promise<number> =>
  (await rowOf<{ n: number }>(flywheel.home, 'select count(*)::int as n from deliveries')).n;

/** Bytes that the API's process holds. */
async function residentBytes(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'ppid=,rss=,args=']);
  const line = stdout.split('\n').find((one) => {
    const [parent] = one.trim().split(/\s+/);
    return Number(parent) === flywheel.pid && one.includes('apps/api');
  });
  const kilobytes = line?.trim().split(/\s+/)[1];
  if (kilobytes === undefined) throw new Error('no process of the API');
  return Number(kilobytes) * 1024;
}

interface Tally {
  readonly statuses: Map<number, number>;
  readonly wrong: string[];
  genuine: number;
}

function* requests(from: number, to: number, tally: Tally): Generator<Sent> {
  for (let n = from; n < to; n += 1) {
    const forging = { secret: secrets.secret, timestamp: instantOf(systemClock.now()) };
    const isGenuine = n % GENUINE_EVERY === 0;
    const sent = isGenuine ? { how: 'genuine', ...genuine(n, forging) } : forgery(n, SEED, forging);
    yield {
      bytes: bytesOf(sent),
      answered: (status) => {
        tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
        if (isGenuine) tally.genuine += 1;
        const expected = isGenuine ? status === 200 : [400, 401, 413, 415].includes(status);
        if (!expected && tally.wrong.length < 20)
          tally.wrong.push(`${status} for ${sent.how}, the ${n}th of seed ${SEED}`);
      },
    };
  }
}

describe(`${COUNT} forged deliveries`, () => {
  it(
    'are all refused, leave no row and no byte behind',
    async () => {
      const tally: Tally = { statuses: new Map(), wrong: [], genuine: 0 };
      const held: number[] = [];
      const begun = performance.now();
      for (let part = 0; part < PARTS; part += 1) {
        const from = Math.floor((COUNT * part) / PARTS);
        const to = Math.floor((COUNT * (part + 1)) / PARTS);
        await sendAll(flywheel.url, requests(from, to, tally));
        held.push(await residentBytes());
      }
      const seconds = (performance.now() - begun) / 1000;
      if (process.env.FLYWHEEL_FORGED !== undefined) report(tally, held, seconds);
      expect(tally.wrong).toEqual([]);
      expect([...tally.statuses.values()].reduce((sum, n) => sum + n, 0)).toBe(COUNT);
      expect(await deliveries()).toBe(tally.genuine);
      // The first parts fill what is filled once: code, pools, the heap's first size.
      const [, , third = 0] = held;
      expect((held.at(-1) ?? 0) - third).toBeLessThan(GROWTH_BYTES);
      const metrics = await flywheel.client.metrics();
      expect(metrics).not.toMatch(/flywheel_http_request_duration_seconds_count\{[^}]*status="5/);
    },
    LIMIT_MS,
  );
});

function report({ statuses, genuine: count }: Tally, held: readonly number[], seconds: number) {
  const answers = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
  process.stdout.write(
    `${COUNT} deliveries of seed ${SEED} in ${seconds.toFixed(0)} s, ${count} of them genuine; ` +
      `answers ${answers.join(', ')}; resident MB ${held.map((bytes) => Math.round(bytes / 1e6)).join(' ')}\n`,
  );
}
