/**
 * What every process of Flywheel does the same way: read the configuration, find the database, say
 * when it is ready, stop in order. `flywheel up` forks these processes and hears them over IPC.
 */
import {
  type Config,
  type LogGuard,
  loadConfig,
  openDatabase,
  type ProcessLogin,
  startEmbeddedPostgres,
  verifyDurability,
  verifyLogGuard,
  type WorkingRole,
} from '#libs/database';
import { refuseJournal, refuseOtherCluster, refuseOwnLog } from '#libs/event-store';
import { type Clock, frozenClock, systemClock } from '#libs/ledger';
import { toldError } from './told-error.js';

export interface Surroundings {
  readonly config: Config;
  readonly databaseUrl: string;
  /** What keeps this process from changing the log; it has been proved. */
  readonly logGuard: LogGuard;
  /** Frozen when FLYWHEEL_CLOCK says so: decides the current month, nothing else. */
  readonly clock: Clock;
}

export interface Service {
  /** Where it answers, if it does. */
  readonly url?: string;
  /** Ends it in order; the database is still there. */
  readonly stop: () => Promise<void>;
}

/** To the parent: `{ready}` once it serves, `{failed}` before it exits with an error. */
export type ServiceMessage =
  | { readonly ready: true; readonly url?: string }
  | { readonly failed: { readonly code: string; readonly message: string } };

const EXIT_FAILED = 1;
const EXIT_CONFIGURATION = 78;
/** A stop that takes longer is cut off. */
const STOP_LIMIT_MS = 10_000;

/** As what each process works (libs/database, grants.ts). */
const WORKS_AS: Readonly<Record<ProcessLogin, readonly WorkingRole[]>> = {
  api: ['app'],
  worker: ['app', 'projector'],
};

/** Runs until a signal, or until the parent that forked it is gone. */
export async function runService(
  name: ProcessLogin,
  start: (surroundings: Surroundings) => Promise<Service>,
): Promise<void> {
  const stopped = stopRequested();
  process.once('uncaughtException', crashed);
  try {
    const config = loadConfig(process.env);
    const embedded =
      config.databaseUrl === undefined
        ? await startEmbeddedPostgres({
            home: config.home,
            ...(config.pgUser === undefined ? {} : { user: config.pgUser }),
          })
        : undefined;
    const databaseUrl = config.databaseUrl ?? (await embedded?.processAddresses())?.[name] ?? '';
    const ownLogin = embedded !== undefined || hasOwnLogin(config);
    const [logGuard] = await Promise.all([
      verifyLogGuard(databaseUrl, { roles: WORKS_AS[name], ownLogin }),
      verify(databaseUrl, config),
    ]);
    const service = await start({
      config,
      databaseUrl,
      logGuard,
      clock: clockOf(process.env.FLYWHEEL_CLOCK),
    });
    tell({ ready: true, ...(service.url === undefined ? {} : { url: service.url }) });
    await stopped;
    const limit = setTimeout(() => process.exit(EXIT_FAILED), STOP_LIMIT_MS);
    await service.stop();
    await embedded?.stop();
    clearTimeout(limit);
    process.exit(0);
  } catch (error) {
    const { code = 'failed', message } = error as { code?: string; message: string };
    tell({ failed: { code, message } });
    if (process.send === undefined) process.stderr.write(`${message}\n`);
    process.exitCode = code === 'config_invalid' ? EXIT_CONFIGURATION : EXIT_FAILED;
    setTimeout(() => process.exit(), 100);
  }
}

/** That nothing acknowledged can be lost, and that the log is where the configuration says. */
async function verify(url: string, { eventStoreUrl, ...config }: Config): Promise<void> {
  const db = openDatabase(url, { max: 1, applicationName: 'start' });
  try {
    await verifyDurability(db);
    if (config.eventStore === 'postgres' || eventStoreUrl === undefined)
      return await refuseJournal(db);
    await refuseOwnLog(db);
    await refuseOtherCluster(db, { url: eventStoreUrl });
  } finally {
    await db.destroy();
  }
}

/** Whether the login must not be able to become the owner; who started us knows (`flywheel up`). */
export const hasOwnLogin = ({ databaseOwnerUrl }: Pick<Config, 'databaseOwnerUrl'>): boolean =>
  databaseOwnerUrl !== undefined || process.env.FLYWHEEL_OWN_LOGIN === '1';

/** The ledger's clock as FLYWHEEL_CLOCK says. Throws `config_invalid`. */
export function clockOf(frozenAt: string | undefined): Clock {
  if (frozenAt === undefined) return systemClock;
  const ms = Date.parse(frozenAt);
  if (Number.isNaN(ms))
    throw Object.assign(new Error('FLYWHEEL_CLOCK is not an ISO 8601 instant'), {
      code: 'config_invalid',
    });
  return frozenClock(ms);
}

/** What nobody caught ends the process, as it would anyway, but says no more than the log would. */
function crashed(error: unknown): void {
  process.stderr.write(`${JSON.stringify({ level: 60, err: toldError(error), msg: 'crashed' })}\n`);
  process.exit(EXIT_FAILED);
}

function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
}

function tell(message: ServiceMessage): void {
  // Without a listener a send to a parent that has just died would be an uncaught error.
  process.send?.(message, undefined, undefined, () => {});
}
