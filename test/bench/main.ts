/**
 * `npm run bench`: the project beside the naive way and the limit, in one run, as ratios.
 * A missed target is printed, not failed: only a bench that cannot run fails the command.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#libs/ledger';
import { benchAcks } from './acks.bench.js';
import { benchBackup } from './backup.bench.js';
import { benchChecks } from './checks.bench.js';
import { benchClose } from './close.bench.js';
import { benchCluster } from './cluster.bench.js';
import { type BenchServer, startServer } from './database.js';
import { benchErase } from './erase.bench.js';
import { benchExplain } from './explain.bench.js';
import { benchImport } from './import.bench.js';
import { benchLag } from './lag.bench.js';
import { type Options, optionsOf } from './options.js';
import { benchReplay } from './replay.bench.js';
import { machineWith, met, type Report, rendered } from './report.js';
import { benchTop } from './top.bench.js';

const RESULTS = fileURLToPath(new URL('../../.flywheel-bench/', import.meta.url));
/** Where the lag is measured when the acknowledgements were not. */
const ASSUMED_ACKS_PER_SECOND = 4_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function measured(server: BenchServer, options: Options): Promise<Report> {
  const reports: Report[] = [];
  let acksPerSecond = ASSUMED_ACKS_PER_SECOND;
  for (const bench of options.only) {
    say(`${bench} …`);
    const began = performance.now();
    if (bench === 'acks') {
      const report = await benchAcks(server, options);
      acksPerSecond = report.acksPerSecond;
      reports.push(report);
    }
    if (bench === 'lag') reports.push(await benchLag(server, options, acksPerSecond));
    if (bench === 'replay') reports.push(await benchReplay(server, options));
    if (bench === 'top') reports.push(await benchTop(server, options));
    if (bench === 'import') reports.push(await benchImport(server, options));
    if (bench === 'checks') reports.push(await benchChecks(server, options));
    if (bench === 'backup') reports.push(await benchBackup(server, options));
    if (bench === 'close') reports.push(await benchClose(server, options));
    if (bench === 'explain') reports.push(await benchExplain(server, options));
    if (bench === 'erase') reports.push(await benchErase(server, options));
    if (bench === 'cluster') reports.push(await benchCluster(server, options));
    say(`${bench}: ${Math.round((performance.now() - began) / 1_000)} s`);
  }
  return {
    figures: reports.flatMap((report) => report.figures),
    verdicts: reports.flatMap((report) => report.verdicts),
  };
}

const options = optionsOf(process.argv.slice(2));
const server = await startServer();
const machine = machineWith(server.version);
try {
  const report = await measured(server, options);
  process.stdout.write(rendered(report, machine));
  const verdicts = report.verdicts.map((verdict) => ({ ...verdict, met: met(verdict) ?? null }));
  const at = new Date(systemClock.now()).toISOString();
  const results = { at, machine, quick: options.quick, figures: report.figures, verdicts };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(path.join(RESULTS, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
} finally {
  await server.stop();
}
