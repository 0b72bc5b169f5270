/**
 * Why is this 3, at a million events: explanations of the busiest referrers of a hundred communities
 * and of the communities, from the log, one after the other over HTTP.
 */
import { decodeEvent } from '#libs/application';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { ensureReadModels } from '#libs/projector';
import { register } from '#projections';
import { startOwn } from './child.js';
import { asOwner, type BenchServer } from './database.js';
import { median, quantile } from './figures.js';
import { ADMIN_TOKEN } from './ledger-life.js';
import type { Options } from './options.js';
import { writeHistory } from './replay/history.js';
import type { Figure, Report, Verdict } from './report.js';

const RUNS = 3;
const P99_MS = 200;
const SUBJECTS = 40;
const OF_MEMBERS = [
  'monthlyReferrals',
  'totalReferrals',
  'monthlyEarningsMinor',
  'totalEarningsMinor',
  'tier',
];
const OF_CREATORS = ['revenueMinor', 'referrals', 'members', 'totalReferrals'];
/** A month in the middle of the history. */
const MONTH = '2025-06';
const AUTHORISED = { authorization: `Bearer ${ADMIN_TOKEN}` };

export async function benchExplain(server: BenchServer, options: Options): Promise<Report> {
  const events = options.quick ? 100_000 : 1_000_000;
  const url = await server.database('explain');
  try {
    await asOwner(url, async (client) => {
      await writeHistory(client, events);
    });
    const paths = await projected(url);
    const api = await startOwn('top/api.child.ts', {
      DATABASE_URL: url,
      FLYWHEEL_ADMIN_TOKEN: ADMIN_TOKEN,
    });
    try {
      const reports: Report[] = [];
      for (const [what, asked] of paths)
        reports.push(
          await measured(
            `${what}, ${events} events`,
            asked.map((path) => `${api.url}${path}`),
          ),
        );
      return {
        figures: reports.flatMap((report) => report.figures),
        verdicts: reports.flatMap((report) => report.verdicts),
      };
    } finally {
      await api.stop();
    }
  } finally {
    await server.drop('explain');
  }
}

type Asked = readonly (readonly [what: string, paths: readonly string[]])[];

/** Builds the read models, and finds whom to ask about: who referred most, and who refer somebody. */
async function projected(url: string): Promise<Asked> {
  const db = openDatabase(url, { max: 4, applicationName: 'bench' });
  try {
    const store = new PostgresEventStore({ db, url });
    const { signal } = new AbortController();
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    // Nobody appends meanwhile: made anew they contain the log.
    const made = { db, store, register, decode: decodeEvent, signal, log };
    const { schema, position } = await ensureReadModels(made);
    if (position !== (await store.head())) throw new Error(`the read models stand at ${position}`);
    return await asOwner(url, async (client) => {
      await client.query('analyze');
      const people = async (order: string): Promise<string[]> => {
        const { rows } = await client.query<{ creator_id: string; member_id: string }>(
          `select creator_id, member_id from "${schema}".rankings where total_referrals > 0
           order by ${order} limit ${SUBJECTS}`,
        );
        return rows.map((row) => `/api/creators/${row.creator_id}/members/${row.member_id}`);
      };
      const busiest = await people('total_referrals desc');
      const some = await people('md5(member_id)');
      const creators = [...new Set(some.map((path) => path.split('/members/')[0] ?? ''))];
      const each = (paths: readonly string[], figures: readonly string[]): string[] =>
        paths.flatMap((path) =>
          figures.map((figure) => `${path}/explain?figure=${figure}&month=${MONTH}`),
        );
      return [
        ['of members', each(some, OF_MEMBERS)],
        ['of the busiest referrers', each(busiest, OF_MEMBERS)],
        ['ranks', each(some, ['rank'])],
        ['of creators', each(creators, OF_CREATORS)],
      ];
    });
  } finally {
    await db.destroy();
  }
}

async function measured(what: string, urls: readonly string[]): Promise<Report> {
  const p50: number[] = [];
  const p99: number[] = [];
  let facts = 0;
  for (let run = -1; run < RUNS; run++) {
    const took: number[] = [];
    for (const url of urls) {
      const began = performance.now();
      const response = await fetch(url, { headers: AUTHORISED });
      const answer = (await response.json()) as { agrees?: boolean; countedFacts?: number };
      took.push(performance.now() - began);
      if (answer.agrees !== true) throw new Error(`${url}: ${JSON.stringify(answer)}`);
      facts = Math.max(facts, answer.countedFacts ?? 0);
    }
    took.sort((a, b) => a - b);
    if (run < 0) continue;
    p50.push(quantile(took, 0.5));
    p99.push(quantile(took, 0.99));
  }
  const figure: Figure = {
    bench: 'explain',
    what: `explanations ${what}: p99`,
    unit: 'ms',
    runs: p99,
    note: `p50 ${median(p50).toFixed(1)} ms, up to ${facts} facts`,
  };
  const verdict: Verdict = {
    bench: 'explain',
    what: `explanations ${what}: p99`,
    value: median(p99),
    unit: 'ms',
    target: { below: P99_MS },
  };
  return { figures: [figure], verdicts: [verdict] };
}
