/**
 * All checks over a ledger of a million payments, with refunds among them, beside the limit: hashing every row of the same
 * tables once, which is the least that somebody must do who wants to have seen them all.
 */
import type pg from 'pg';
import { decodeEvent } from '#libs/application';
import { type CheckResult, runChecks } from '#libs/checks';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { ensureReadModels, shapeOf, tableName } from '#libs/projector';
import { register } from '#projections';
import { asOwner, type BenchServer } from './database.js';
import { median } from './figures.js';
import type { Options } from './options.js';
import { writeDeliveries, writePayments } from './replay/history.js';
import { type Figure, type Report, ratio } from './report.js';

const RUNS = 3;
const SHOWN = 4;
const MAX_SECONDS = 10;

export async function benchChecks(server: BenchServer, options: Options): Promise<Report> {
  const payments = options.quick ? 100_000 : 1_000_000;
  const url = await server.database('checks');
  const db = openDatabase(url, { max: 3, applicationName: 'bench checks' });
  try {
    return await asOwner(url, async (client) => {
      const { events } = await writePayments(client, payments);
      await writeDeliveries(client);
      const { schema } = await ensureReadModels({
        db,
        store: new PostgresEventStore({ db, url }),
        register,
        decode: decodeEvent,
        signal: new AbortController().signal,
        log: { info: () => {}, warn: () => {}, error: () => {} },
      });
      // As a ledger that has stood for a while: the server would vacuum new tables while it is measured.
      await client.query('vacuum (analyze)');
      await client.query('checkpoint');
      const checked: number[] = [];
      const hashed: number[] = [];
      let slowest = '';
      for (let n = 0; n < RUNS; n++) {
        const { durationMs, results } = await runChecks({ db, url });
        const broken = results.filter(({ holds }) => !holds);
        if (broken.length > 0)
          throw new Error(`${broken[0]?.name}: ${JSON.stringify(broken[0]?.first[0])}`);
        checked.push(durationMs / 1_000);
        slowest = slowestOf(results);
        hashed.push(await hashAll(client, schema));
      }
      const size = `${payments} payments, ${events} events`;
      return reportOf(size, checked, hashed, slowest);
    });
  } finally {
    await db.destroy();
    await server.drop('checks');
  }
}

/** Seconds to hash every row of the log, the deliveries and the read models. */
async function hashAll(client: pg.Client, schema: string): Promise<number> {
  const models = register.map((projection) => tableName(schema, shapeOf(projection).name));
  await client.query('set max_parallel_workers_per_gather = 0; set jit = off');
  const began = performance.now();
  for (const table of ['public.events', 'public.deliveries', ...models])
    await client.query(`
      select count(*), sum(hashtextextended(r::text, 0)::numeric) from ${table} as r`);
  return (performance.now() - began) / 1_000;
}

/** With the stages that a check was the first to need. */
function slowestOf(results: readonly CheckResult[]): string {
  const slowestFirst = [...results].sort((a, b) => b.durationMs - a.durationMs);
  return slowestFirst
    .slice(0, SHOWN)
    .map(({ name, durationMs }) => `${name} ${Math.round(durationMs)} ms`)
    .join(', ');
}

function reportOf(
  size: string,
  checked: readonly number[],
  hashed: readonly number[],
  slowest: string,
): Report {
  const checks: Figure = {
    bench: 'checks',
    what: 'all checks',
    unit: 's',
    runs: checked,
    note: `${size}; the slowest: ${slowest}`,
  };
  const limit: Figure = {
    bench: 'checks',
    what: 'every row of the same tables hashed once',
    unit: 's',
    runs: hashed,
    note: 'one session; the checks have two',
  };
  const value = median(checked);
  return {
    figures: [checks, limit],
    verdicts: [
      { bench: 'checks', what: 'all checks', value, unit: 's', target: { below: MAX_SECONDS } },
      ratio('all checks / every row hashed once', checks, limit),
    ],
  };
}
