/**
 * A file of payments through `flywheel import`, as its users run it, until all of it is decided and
 * projected; beside the same bytes copied into a table of the same shape and indexes, which is the
 * least that any import can do.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { renderPayment } from '#libs/ingestion';
import { profiling } from './child.js';
import { asOwner, type BenchServer } from './database.js';
import { paymentFacts } from './http/payments.js';
import { ADMIN_TOKEN, drained, startLedger } from './ledger-life.js';
import type { Options } from './options.js';
import { type Figure, type Report, ratio } from './report.js';

const PAYMENTS = 1_000_000;
const QUICK_PAYMENTS = 100_000;
const TARGET_PER_SECOND = 8_000;
const PROGRAM = fileURLToPath(new URL('../../bin/flywheel.js', import.meta.url));
/** Longer than the slowest machine that is worth a bench. */
const DRAIN_LIMIT_MS = 600_000;

export async function benchImport(server: BenchServer, options: Options): Promise<Report> {
  const count = options.quick ? QUICK_PAYMENTS : PAYMENTS;
  const home = await mkdtemp(path.join(tmpdir(), 'flywheel-bench-import-'));
  const url = await server.database('import');
  try {
    const file = path.join(home, 'payments.ndjson');
    await pipeline(linesOf(count), createWriteStream(file));
    const copied = await asOwner(url, (client) => copiedPerSecond(client, file, count));
    const ledger = await startLedger(url);
    try {
      const began = performance.now();
      const said = await imported(file, ledger.url, home);
      await asOwner(url, (client) => drained(client, DRAIN_LIMIT_MS));
      const through = count / ((performance.now() - began) / 1_000);
      return reportOf(count, copied, said, through);
    } finally {
      await ledger.stop();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
    await server.drop('import');
  }
}

const bodyOf = (n: number): string =>
  JSON.stringify(renderPayment('v1', paymentFacts(n)).payload.data);

function* linesOf(count: number): Generator<string> {
  const BLOCK = 500;
  for (let n = 0; n < count; n += BLOCK) {
    const size = Math.min(BLOCK, count - n);
    yield Array.from({ length: size }, (_, i) => `${bodyOf(n + i)}\n`).join('');
  }
}

interface Said {
  readonly storedPerSecond: number;
  readonly decidedPerSecond: number;
  readonly stored: number;
  readonly settled: boolean;
}

/** What the command says of itself when it has ended. */
async function imported(file: string, url: string, home: string): Promise<Said> {
  const args = [...profiling('import'), PROGRAM, 'import', file, '--url', url, '--json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, FLYWHEEL_HOME: home, FLYWHEEL_ADMIN_TOKEN: ADMIN_TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`flywheel import ended with ${code}: ${stdout}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Said;
}

/** One COPY of the same file, hashed as the import hashes it. */
async function copiedPerSecond(client: pg.Client, file: string, count: number): Promise<number> {
  await client.query('create table copied (like deliveries including all)');
  const stream = client.query(
    copyFrom(
      'copy copied (provider, delivery_id, body_sha256, generation, body, headers, received_at) from stdin',
    ),
  );
  const began = performance.now();
  await pipeline(rowsOf(file), stream);
  const perSecond = count / ((performance.now() - began) / 1_000);
  await client.query('drop table copied');
  return perSecond;
}

async function* rowsOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(text)).split('\n');
    rest = lines.pop() ?? '';
    yield lines.map(rowOf).join('');
  }
}

function rowOf(body: string): string {
  const id = /"id":"([^"]+)"/.exec(body)?.[1] ?? '';
  const hash = createHash('sha256').update(body).digest('hex');
  const bytes = Buffer.from(body).toString('hex');
  return `whop-import\t${id}\t\\\\x${hash}\timport\t\\\\x${bytes}\t{}\t2026-01-01T00:00:00Z\n`;
}

function reportOf(count: number, copiedRate: number, said: Said, throughRate: number): Report {
  const figure = (what: string, value: number, note = ''): Figure => ({
    bench: 'import',
    what,
    unit: 'payments/s',
    runs: [value],
    note,
  });
  const copied = figure('one COPY into the same table', copiedRate, `${count} payments`);
  const stored = figure('stored durably', said.storedPerSecond);
  const through = figure('the project, until all is projected', throughRate);
  return {
    figures: [copied, stored, figure('decided', said.decidedPerSecond), through],
    verdicts: [
      {
        bench: 'import',
        what: `${count} payments, until all is projected`,
        value: throughRate,
        unit: 'payments/s',
        target: { atLeast: TARGET_PER_SECOND },
      },
      ratio('stored / one COPY', stored, copied),
      ratio('until all is projected / one COPY', through, copied),
    ],
  };
}
