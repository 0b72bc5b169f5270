/**
 * A month of a large community closed, from the order to the seal: waited for, checked, read, ranked,
 * written into the log and digested; beside plain SQL that copies the rows which a snapshot holds.
 */
import type pg from 'pg';
import { closeMonthOf, decodeEvent, type MonthParts } from '#libs/application';
import { CheckRunner, CreatorFindings } from '#libs/checks';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { monthDeliveries } from '#libs/ingestion';
import { frozenClock } from '#libs/ledger';
import { ensureReadModels, ProjectionWatch, runProjector } from '#libs/projector';
import { register } from '#projections';
import { CREATOR, MONTHS, writeCommunity } from './close/community.js';
import { asOwner, type BenchServer } from './database.js';
import { median } from './figures.js';
import type { Options } from './options.js';
import { type Figure, type Report, ratio } from './report.js';

const MAX_SECONDS = 8;
const NOW = Date.UTC(2025, 11, 1);
const PATIENCE_MS = 120_000;

export async function benchClose(server: BenchServer, options: Options): Promise<Report> {
  const members = options.quick ? 10_000 : 100_000;
  const url = await server.database('close');
  const db = openDatabase(url, { max: 6, applicationName: 'bench close' });
  const store = new PostgresEventStore({ db, url });
  const watch = new ProjectionWatch({ url });
  const stop = new AbortController();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const loop = { db, store, register, decode: decodeEvent, signal: stop.signal, log };
  let projector = Promise.resolve();
  try {
    return await asOwner(url, async (client) => {
      const events = await writeCommunity(client, members);
      const { schema } = await ensureReadModels(loop);
      projector = runProjector(loop);
      const runner = new CheckRunner({ db, url });
      // As the worker does every hour.
      const { results } = await runner.run();
      const broken = results.find(({ holds, severity }) => !holds && severity === 'error');
      if (broken !== undefined)
        throw new Error(`${broken.name}: ${JSON.stringify(broken.first[0])}`);
      const checked = new CreatorFindings({ db, runner });
      const checks: number[] = [];
      const findingsFor = async (creatorId: string) => {
        const began = performance.now();
        const found = await checked.findingsFor(creatorId);
        checks.push((performance.now() - began) / 1_000);
        return found;
      };
      const deliveries = monthDeliveries(db);
      const findings = { findingsFor };
      const clock = frozenClock(NOW);
      const parts: MonthParts = { store, clock, database: db, watch, findings, deliveries };
      await client.query('checkpoint');
      const closed: number[] = [];
      const copied: number[] = [];
      let lines = 0;
      for (const month of MONTHS) {
        const began = performance.now();
        const { seal } = await closeMonthOf(
          parts,
          { creatorId: CREATOR, month },
          { actor: 'bench' },
        );
        closed.push((performance.now() - began) / 1_000);
        lines = Math.max(lines, seal.lines);
        if (!(await watch.passed(await store.head(), { timeoutMs: PATIENCE_MS })))
          throw new Error('the read models never came');
        copied.push(await copy(client, schema, month));
      }
      return reportOf({ events, members, lines }, closed, checks, copied);
    });
  } finally {
    stop.abort();
    await Promise.all([projector, watch.close()]);
    await db.destroy();
    await server.drop('close');
  }
}

/** Seconds to copy what a snapshot of the month holds, without digest, order in the log or proof. */
async function copy(client: pg.Client, schema: string, month: string): Promise<number> {
  const began = performance.now();
  await client.query(`
    create table copied_members as
    select s.member_id, coalesce(k.total_referrals, 0) as total_referrals, k.reached_at,
      row_number() over (order by k.total_referrals desc nulls last, k.reached_at, s.member_id) as rank
    from ${schema}.referrals s
    left join ${schema}.rankings k on k.creator_id = s.creator_id and k.member_id = s.member_id
    where s.creator_id = '${CREATOR}' and s.kind = 'signUp' and s.count <> 0`);
  for (const table of ['member_months', 'creator_months'])
    await client.query(`create table copied_${table} as
      select * from ${schema}.${table} where creator_id = '${CREATOR}' and month = '${month}'`);
  const elapsed = (performance.now() - began) / 1_000;
  await client.query('drop table copied_members, copied_member_months, copied_creator_months');
  return elapsed;
}

function reportOf(
  { events, members, lines }: Readonly<Record<'events' | 'members' | 'lines', number>>,
  closed: readonly number[],
  checks: readonly number[],
  copied: readonly number[],
): Report {
  const figure = (what: string, runs: readonly number[], note: string): Figure => ({
    bench: 'close',
    what,
    unit: 's',
    runs,
    note,
  });
  const size = `${members} members, ${events} events, up to ${lines} lines`;
  const close = figure('a month closed, checks included', closed, size);
  const limit = figure('plain SQL that copies the rows', copied, 'no digest, no log, no checks');
  const value = median(closed);
  return {
    figures: [close, figure('of it, the checks', checks, 'of this creator, afresh'), limit],
    verdicts: [
      { bench: 'close', what: 'a month closed', value, unit: 's', target: { below: MAX_SECONDS } },
      ratio('a month closed / the rows copied', close, limit),
    ],
  };
}
