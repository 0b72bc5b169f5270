/** The worker: intake and projector, the loops that turn deliveries into events and events into tables. */
import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { sweepSessions } from '#libs/access';
import {
  type DueParts,
  decodeEvent,
  type MonthParts,
  makeFirstTables,
  ReadSide,
  runMonthSchedule,
  runReplays,
  runService,
  type Service,
  type Surroundings,
  toldError,
} from '#libs/application';
import {
  BlockedMonths,
  CheckRunner,
  type CheckScheduleOptions,
  CreatorFindings,
  runCheckSchedule,
} from '#libs/checks';
import { ACCIDENTS_ONLY, type Database, listen, openDatabase } from '#libs/database';
import { openLog } from '#libs/event-store';
import {
  DELIVERIES_CHANNEL,
  IntakeWake,
  loadKeys,
  monthDeliveries,
  newIntakeStatus,
  runIntake,
  runRetention,
  whopImportProvider,
  whopProvider,
} from '#libs/ingestion';
import { DEFAULT_CURRENCY, systemClock } from '#libs/ledger';
import { ProjectionWatch, runProjector } from '#libs/projector';
import { type Vault, vaultOf } from '#libs/vault';
import { register } from '#projections';
import { startFollower, tornIntake } from './cluster-log.js';
import { replayProcess } from './replay-process.js';

/** Pino's own tells every property of an error: pg's name the row that was refused. */
const serializers = { err: toldError };

/** How long the end waits for whoever waits for the log. */
const CLOSE_LOG_MS = 4_000;

async function start(surroundings: Surroundings): Promise<Service> {
  const { config, databaseUrl: url, clock, logGuard } = surroundings;
  const log = pino({ level: config.logLevel, name: 'worker', serializers }, pino.destination(2));
  if (logGuard.login === 'owner') log.warn(ACCIDENTS_ONLY);
  const db = openDatabase(url, { max: 8, applicationName: 'worker' });
  // Rows and checkpoint vanish together if the machine does, and are projected again.
  const tables = openDatabase(url, {
    max: 6,
    applicationName: 'projector',
    as: 'projector',
    rebuildable: true,
  });
  const opened = openLog(config, { db, url });
  const { store } = opened;
  const stop = new AbortController();
  const { signal } = stop;
  const projecting = { db: tables, store, register, decode: decodeEvent, signal, log };
  // Other projections than those that serve are replayed by the loop below: nobody waits for that.
  await makeFirstTables(projecting);
  const vault = await vaultOf(config);
  const keys = await loadKeys(db, vault, randomBytes(32));
  const watch = new ProjectionWatch({ url });
  const wake = new IntakeWake();
  const providers = [whopProvider({ secrets: config.webhookSecrets }), whopImportProvider()];
  const say = (level: 'info' | 'warn' | 'error', message: string, about?: object) =>
    log[level](about ?? {}, message);
  const follower = startFollower(opened, { db, url, log: say });
  const loops = [
    listen({ url, channels: [DELIVERIES_CHANNEL], signal, onHeard: () => wake.ring() }),
    runIntake({
      db,
      url,
      store,
      keys,
      vault,
      signal,
      wake,
      providers,
      ...tornIntake({ opened, db, vault, keys, providers, clock: systemClock }),
      defaults: {
        timeZone: config.defaultTimeZone,
        graceHours: config.graceHours,
        currency: DEFAULT_CURRENCY,
      },
      status: newIntakeStatus(),
      log: say,
    }),
    runProjector(projecting),
    runReplays({ db, tables, url, register, run: replayProcess(url), signal, log }),
    ...scheduledChecks(config.checkIntervalMinutes, { db, url, signal, log }),
    runMonthSchedule({
      parts: duePartsOf({ db, url, store, clock, watch, signal, vault }),
      url,
      signal,
      log,
    }),
    sweepSessions({
      db,
      clock: systemClock,
      signal,
      log: say,
    }),
    runRetention({
      db,
      url,
      clock: systemClock,
      days: config.deliveryRetentionDays,
      signal,
      log: say,
    }),
  ];
  return {
    stop: async () => {
      stop.abort();
      // What waits for a log that does not answer would hold up the end.
      const closing = setTimeout(() => void opened.close(), CLOSE_LOG_MS);
      await Promise.all(loops);
      clearTimeout(closing);
      // Whoever had appended something has waited for it.
      await follower.stop();
      await opened.close();
      await Promise.all([watch.close(), db.destroy(), tables.destroy()]);
    },
  };
}

interface Closing extends Pick<MonthParts, 'store' | 'clock'> {
  readonly db: Database;
  readonly url: string;
  readonly watch: ProjectionWatch;
  readonly signal: AbortSignal;
  readonly vault: Vault;
}

function duePartsOf({ db, url, store, clock, watch, signal, vault }: Closing): DueParts {
  const findings = new CreatorFindings({ db, runner: new CheckRunner({ db, url, signal }) });
  const deliveries = monthDeliveries(db);
  return {
    months: { store, clock, database: db, watch, findings, deliveries },
    reads: new ReadSide({ db, watch, clock, vault }),
    blocked: new BlockedMonths(db),
  };
}

/** None when the interval is 0. */
function scheduledChecks(
  minutes: number,
  options: Omit<CheckScheduleOptions, 'intervalMs'>,
): Promise<void>[] {
  return minutes === 0 ? [] : [runCheckSchedule({ ...options, intervalMs: minutes * 60_000 })];
}

await runService('worker', start);
