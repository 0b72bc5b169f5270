/** The first page of the dashboard: the top 10 of the current month among a million members, beside `select 1`; and of the month before. */
import { decodeEvent } from '#libs/application';
import { openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { previousMonth, systemClock } from '#libs/ledger';
import { ensureReadModels, shapeOf } from '#libs/projector';
import { register } from '#projections';
import { type Child, startOwn } from './child.js';
import { asOwner, type BenchServer } from './database.js';
import { median } from './figures.js';
import { requestBytes } from './http/client.js';
import { Load, type LoadResult } from './http/load.js';
import { ADMIN_TOKEN } from './ledger-life.js';
import type { Options } from './options.js';
import { type Figure, type Report, ratio, type Verdict } from './report.js';
import { CREATOR, writeMillion } from './top/million.js';

const RUNS = 3;
/** Of a page of a past month, which no index holds. */
const PAST_P99_MS = 500;

export async function benchTop(server: BenchServer, options: Options): Promise<Report> {
  const members = options.quick ? 100_000 : 1_000_000;
  const url = await server.database('top');
  try {
    await writeReadModels(url, members);
    const api = await startOwn('top/api.child.ts', {
      DATABASE_URL: url,
      FLYWHEEL_ADMIN_TOKEN: ADMIN_TOKEN,
    });
    const load = await Load.start();
    try {
      return await measured(api, load, { members, seconds: options.quick ? 1 : 4 });
    } finally {
      await load.stop();
      await api.stop();
    }
  } finally {
    await server.drop('top');
  }
}

export async function writeReadModels(url: string, members: number): Promise<void> {
  const db = openDatabase(url, { max: 4, applicationName: 'bench' });
  try {
    const { schema } = await ensureReadModels({
      db,
      store: new PostgresEventStore({ db, url }),
      register,
      decode: decodeEvent,
      signal: new AbortController().signal,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    const month = currentMonth();
    await asOwner(url, async (client) => {
      await writeMillion(client, schema, register.map(shapeOf), { members, month });
      await client.query('checkpoint');
    });
  } finally {
    await db.destroy();
  }
}

const currentMonth = (): string => new Date(systemClock.now()).toISOString().slice(0, 7);

const AUTHORISED = { authorization: `Bearer ${ADMIN_TOKEN}` };
/** Each asks for another page, of the same rows: none can share the statement of another. */
const CURRENCIES =
  'aud brl cad chf czk dkk eur gbp hkd huf inr mxn nok nzd pln ron sek sgd thb try usd zar'.split(
    ' ',
  );

interface Pages {
  readonly name: string;
  readonly top: readonly string[];
  readonly one: string;
}

async function measured(
  api: Child,
  load: Load,
  { members, seconds }: { members: number; seconds: number },
): Promise<Report> {
  const top = `${api.url}/api/creators/${CREATOR}/top-referrers?limit=10`;
  const one = `${api.url}/api/bench/${CREATOR}/select-1?limit=10`;
  const response = await fetch(top, { headers: AUTHORISED });
  const page = (await response.json()) as { items?: object[] };
  if (page.items?.length !== 10) throw new Error(`the top 10 are ${JSON.stringify(page)}`);
  await api.ask({ answer: page });
  const figures: Figure[] = [];
  const verdicts: Verdict[] = [];
  const same = { name: 'top 10', top: [top], one };
  const others = CURRENCIES.map((currency) => `${top}&currency=${currency}`);
  const each = { name: 'top 10, each another page', top: others, one };
  for (const [connections, pages] of [
    [1, same],
    [16, same],
    [16, each],
  ] as const) {
    const { tops, ones } = await compared(load, pages, { connections, members, seconds });
    figures.push(tops, ones);
    const bound = pages === same ? { atLeast: 0.5 } : undefined;
    verdicts.push(ratio(`${pages.name} / select 1, ${connections} connections`, tops, ones, bound));
  }
  const past = await pastMonth(load, top, { members, seconds });
  return { figures: [...figures, past.figure], verdicts: [...verdicts, past.verdict] };
}

/** One after the other, as somebody leafs back. */
async function pastMonth(
  load: Load,
  top: string,
  { members, seconds }: { members: number; seconds: number },
): Promise<{ figure: Figure; verdict: Verdict }> {
  const url = `${top}&month=${previousMonth(currentMonth())}`;
  const page = (await (await fetch(url, { headers: AUTHORISED })).json()) as { items?: object[] };
  if (page.items?.length !== 10) throw new Error(`the top 10 were ${JSON.stringify(page)}`);
  const runs: LoadResult[] = [];
  for (let run = -1; run < RUNS; run++) {
    await load.requests([requestBytes('GET', url, AUTHORISED)]);
    const result = await load.run({ url, connections: 1, seconds, requests: 'repeated' });
    if (run >= 0) runs.push(result);
  }
  return {
    figure: figure(`top 10 of the month before, ${members} members, 1 connection`, runs),
    verdict: {
      bench: 'top',
      what: `top 10 of the month before, ${members} members: p99`,
      value: median(runs.map((run) => run.p99Ms)),
      unit: 'ms',
      target: { below: PAST_P99_MS },
    },
  };
}

async function compared(
  load: Load,
  { name, top, one }: Pages,
  { connections, members, seconds }: { connections: number; members: number; seconds: number },
): Promise<{ tops: Figure; ones: Figure }> {
  const runs: Record<'top' | 'one', LoadResult[]> = { top: [], one: [] };
  for (let run = -1; run < RUNS; run++)
    for (const [side, urls] of [
      ['one', [one]],
      ['top', top],
    ] as const) {
      await load.requests(urls.map((url) => requestBytes('GET', url, AUTHORISED)));
      const result = await load.run({ url: one, connections, seconds, requests: 'repeated' });
      if (run >= 0) runs[side].push(result);
    }
  return {
    tops: figure(`${name} of ${members} members, ${connections} connections`, runs.top),
    ones: figure(`select 1, ${connections} connections`, runs.one),
  };
}

const figure = (what: string, results: readonly LoadResult[]): Figure => ({
  bench: 'top',
  what,
  unit: 'answers/s',
  runs: results.map((result) => result.perSecond),
  note: `p50 ${median(results.map((r) => r.p50Ms)).toFixed(2)} ms, p99 ${median(results.map((r) => r.p99Ms)).toFixed(2)} ms`,
});
