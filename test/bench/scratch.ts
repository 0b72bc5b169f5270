import pg from 'pg';
import { founded, prepared } from './acks.bench.js';
import { startServer } from './database.js';
import { Load } from './http/load.js';
import { backlogOf, drained, startLedger } from './ledger-life.js';

const server = await startServer();
const url = await server.database('scratch');
const load = await Load.start();
const ledger = await startLedger(url);
const c = new pg.Client({ connectionString: url });
await c.connect();
const s = new pg.Client({ connectionString: url });
await s.connect();
const counts = new Map<string, number>();
let sampling = true;
let n = 0;
const sampler = (async () => {
  while (sampling) {
    n++;
    const { rows } = await s.query(
      `select application_name, wait_event_type, wait_event, left(regexp_replace(query,'\\s+',' ','g'),70) q from pg_stat_activity where state='active' and pid<>pg_backend_pid() and application_name like 'flywheel%'`,
    );
    for (const r of rows) {
      const k = `${r.application_name} | ${r.wait_event ?? 'cpu'} | ${r.q}`;
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    await new Promise((r) => setTimeout(r, 4));
  }
})();
const secs = Number(process.env.SECS ?? 5);
const rounds = Number(process.env.ROUNDS ?? 2);
const per = Number(process.env.PER ?? 20000);
await founded(load, url, ledger.webhooks);
for (let i = 0; i < rounds; i++) {
  await prepared(load, ledger.webhooks, 20000 + i * per, per);
  const b = performance.now();
  if (i === rounds - 1) {
    counts.clear();
    n = 0;
  }
  const r = await load.run({
    url: ledger.webhooks,
    connections: 64,
    seconds: secs,
    requests: 'distinct',
  });
  const bl = await backlogOf(c);
  await drained(c);
  process.stdout.write(
    `${i} acks/s ${r.perSecond.toFixed(0)} p99 ${r.p99Ms.toFixed(1)} pending ${bl.pending} behind ${bl.behind} through ${((r.answered / (performance.now() - b)) * 1000).toFixed(0)}/s\n`,
  );
}
sampling = false;
await sampler;
for (const [k, v] of [...counts].sort((a, b) => b[1] - a[1]).slice(0, 25))
  process.stdout.write(`${((v / n) * 100).toFixed(1)}% ${k}\n`);
const { rows } = await c.query(
  `select type, count(*), avg(length(data::text))::int from events group by 1 order by 2 desc`,
);
process.stdout.write(JSON.stringify(rows) + '\n');
await c.end();
await s.end();
await ledger.stop();
await load.stop();
await server.stop();
