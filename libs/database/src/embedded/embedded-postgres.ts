/**
 * The database that comes with Flywheel: a PostgreSQL of its own in the data folder, started with
 * the process that needs it and stopped with it. Hazards, and what is done about them:
 * - We are killed: a guardian sees our end of a pipe close and stops the server in order.
 * - The guardian is killed too: the server is found without one and is adopted by the next start.
 * - Two processes start at once: PostgreSQL's own lock file decides; the loser joins the winner.
 * - Numbers of dead processes are reused, or stay as zombies: signs of life (life-sign.ts) decide
 *   whether a lock file is stale, never the number.
 * - We are root, in a checkout that nobody else may enter: see binaries.ts and cluster.ts.
 * A process that joined does not keep the server alive: when the owner ends, its connections break.
 * Whatever runs for long should be the owner, or have a server of its own (DATABASE_URL).
 */
import { closeSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Binaries, binariesFor } from './binaries.js';
import { Cluster, initialised, OWNER_ROLE, unlessMissing } from './cluster.js';
import { databaseUser } from './database-user.js';
import { diskFull, EmbeddedPostgresError, explained } from './errors.js';
import { adopted, type Guarded, launched } from './guardian.js';
import { alive, hold } from './life-sign.js';
import { type ProcessLogin, processAddresses } from './logins.js';
import { numberTaken, type PidFile, readPidFile, removePidFile } from './pid-file.js';
import type { Identity } from './run.js';
import { boundedLog, type Failure, failure, startFailed } from './server-log.js';

export interface EmbeddedPostgresOptions {
  /** The data folder (FLYWHEEL_HOME); made if it is missing. */
  readonly home: string;
  readonly log?: (message: string) => void;
  /** Who runs the server when we are root; default: FLYWHEEL_PG_USER, else `postgres`. */
  readonly user?: string;
  /** Folder with PostgreSQL's `bin`, `lib` and `share`; default: the installed package's. */
  readonly binaries?: string;
}

export interface EmbeddedPostgres {
  /** Address of the database `flywheel`, as its superuser: for who migrates, and nobody else. */
  readonly url: string;
  /** Whether the server ends with us; false: another process owns it, and we joined. */
  readonly owned: boolean;
  readonly pid: number;
  /** Of the same database, as logins that may not become its owner. Needs the migrations. */
  processAddresses(): Promise<Readonly<Record<ProcessLogin, string>>>;
  /** Resolves when the server has ended, whoever ended it. Whoever keeps it running starts it again, on the same port. */
  ended(): Promise<void>;
  /** Stops the server and waits until it has ended. Does nothing if it is not ours. */
  stop(): Promise<void>;
}

const DATABASE = 'flywheel';
const POLL_MS = 20;
/** How soon the end of a server is noticed by those who wait for it. */
const WATCH_MS = 250;
/** Recovery after a crash replays at most some gigabytes of log. */
const START_LIMIT_MS = 300_000;
/** A lock file that nobody seems to live behind: how long it may take to clear up. */
const STRANGER_LIMIT_MS = 10_000;
/** A fast shutdown writes what is in memory; after this, the next start has to recover it. */
const STOP_LIMIT_MS = 60_000;
const PORT_ATTEMPTS = 5;

interface Context {
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly as: Identity | undefined;
  readonly password: string;
  readonly log: (message: string) => void;
}

/** Starts the server of that home, or joins the one that serves it. Throws EmbeddedPostgresError. */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const home = path.resolve(options.home);
  try {
    const log = options.log ?? (() => {});
    await mkdir(home, { recursive: true });
    const named = options.user ?? (process.env.FLYWHEEL_PG_USER || undefined);
    const as = await databaseUser(new Cluster(home).data, named);
    const binaries = await binariesFor({ as, home, folder: options.binaries, log });
    const cluster = await initialised(home, binaries, as);
    const password = (await readFile(cluster.password, 'utf8')).trim();
    return await startedOrJoined({ cluster, binaries, as, password, log });
  } catch (error) {
    throw explained(error, home);
  }
}

async function startedOrJoined(context: Context): Promise<EmbeddedPostgres> {
  const { cluster, log } = context;
  const begun = performance.now();
  let ports = 0;
  for (let waited = 0; waited < START_LIMIT_MS; waited = performance.now() - begun) {
    const found = await readPidFile(cluster);
    if (found !== undefined && (await occupied(context, found))) {
      const joined = await joinedOrAdopted(context, found);
      if (joined !== undefined) return joined;
      if (waited > STRANGER_LIMIT_MS && !alive(cluster.folder, 'server'))
        throw inUse(cluster, found);
      await pause(POLL_MS);
      continue;
    }
    const result = await launchedServer(context);
    if (typeof result !== 'string') return result;
    if (result === 'port taken' && ++ports >= PORT_ATTEMPTS)
      throw await startFailed(cluster, 'no free port was found', 0);
    log(`the embedded PostgreSQL did not start: ${result}; trying again`);
    await pause(POLL_MS * 5);
  }
  throw inUse(cluster, await readPidFile(cluster));
}

/** Whether a server may live behind the lock file. A file that is certainly stale is removed. */
async function occupied({ cluster, log }: Context, found: PidFile): Promise<boolean> {
  if (alive(cluster.folder, 'server')) return true;
  // A number that nobody has: PostgreSQL finds out itself, and clears up.
  if (!Number.isNaN(found.pid) && !numberTaken(found.pid)) return false;
  // Not started by us, so perhaps by hand. An empty file is nobody's.
  if (!Number.isNaN(found.pid) && (await lastStarted(cluster)) !== found.pid) return true;
  log(`removing the lock file of the dead server ${found.pid}`);
  await removePidFile(cluster, found.pid);
  return false;
}

async function lastStarted({ started }: Cluster): Promise<number> {
  return Number((await unlessMissing(readFile(started, 'utf8'))) || Number.NaN);
}

/** Joins a server that has an owner, adopts one that nobody looks after; undefined: not now. */
async function joinedOrAdopted(
  context: Context,
  found: PidFile,
): Promise<EmbeddedPostgres | undefined> {
  const { cluster, as, log } = context;
  if (found.status !== 'ready') return undefined; // starting or stopping
  const byHand = !alive(cluster.folder, 'server');
  const owned = alive(cluster.folder, 'owner');
  // Without an owner but with a guardian: it is about to be stopped.
  if (!byHand && !owned && alive(cluster.folder, 'guardian')) return undefined;
  const url = await addressOfDatabase(context, found.port);
  if (url === undefined) return undefined;
  // A process that lost the race to start has written its own number.
  if (!byHand && (await lastStarted(cluster)) !== found.pid)
    await writeFile(cluster.started, `${found.pid}\n`);
  const server = {
    url,
    pid: found.pid,
    processAddresses: () => processAddresses(cluster, url),
    ended: (): Promise<void> => endOf(cluster),
  };
  if (byHand || owned) return { ...server, owned: false, stop: async () => {} };
  log(`adopting the embedded PostgreSQL ${found.pid}, which nobody looked after`);
  const letGo = await ownership(cluster);
  const guarded = await adopted(cluster, as, found.pid);
  const stop = stopping(context, found.pid, guarded, letGo);
  return { ...server, owned: true, stop };
}

async function launchedServer(context: Context): Promise<EmbeddedPostgres | Failure> {
  const { cluster, binaries, as } = context;
  const logStart = await boundedLog(cluster);
  const port = (await portOfBefore(cluster)) ?? (await freePort());
  const letGo = await ownership(cluster);
  const guarded = await launched(cluster, binaries, as, port);
  const { pid } = guarded;
  let ended = false;
  void guarded.ended.then(() => {
    ended = true;
    guarded.stopped();
    letGo();
  });
  const begun = performance.now();
  await writeFile(cluster.started, `${pid}\n`);
  await writeFile(cluster.port, `${port}\n`);
  while (!ended) {
    const found = await readPidFile(cluster);
    if (found?.pid === pid && found.status === 'ready') {
      const url = await addressOfDatabase(context, port);
      const stop = stopping(context, pid, guarded, letGo);
      if (url !== undefined)
        return {
          ...{ url, owned: true, pid, stop },
          processAddresses: () => processAddresses(cluster, url),
          ended: () => endOf(cluster),
        };
    }
    if (performance.now() - begun > START_LIMIT_MS) {
      process.kill(pid, 'SIGINT');
      throw await startFailed(cluster, 'it did not become ready in five minutes', logStart);
    }
    await pause(POLL_MS);
  }
  return failure(cluster, logStart);
}

function stopping(
  { cluster, log }: Context,
  pid: number,
  guarded: Guarded,
  letGo: () => void,
): () => Promise<void> {
  const ended = async (limitMs: number): Promise<boolean> => {
    const begun = performance.now();
    while (alive(cluster.folder, 'server')) {
      if (performance.now() - begun > limitMs) return false;
      await pause(POLL_MS);
    }
    return true;
  };
  const stop = async () => {
    if (alive(cluster.folder, 'server')) signal(pid, 'SIGINT');
    if (!(await ended(STOP_LIMIT_MS))) {
      log('the embedded PostgreSQL is slow to stop: it ends now, and recovers at its next start');
      signal(pid, 'SIGQUIT');
      await ended(STOP_LIMIT_MS);
    }
    guarded.stopped();
    letGo();
  };
  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

/** Holds the sign that the server has an owner, until told to let go. */
async function ownership({ folder }: Cluster): Promise<() => void> {
  const descriptor = await hold(folder, 'owner');
  let held = true;
  return () => {
    if (held) closeSync(descriptor);
    held = false;
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The address of our database, made if it is missing; undefined while the server takes nobody. */
async function addressOfDatabase(context: Context, port: number): Promise<string | undefined> {
  const address = (name: string) =>
    `postgres://${OWNER_ROLE}:${context.password}@127.0.0.1:${port}/${name}`;
  const client = new pg.Client({
    connectionString: address('postgres'),
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const known = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
    return address(DATABASE);
  } catch (error) {
    const { code } = error as { code?: string };
    const made = code === '42P04' || code === '23505'; // by another process, meanwhile
    const full = code === '53300'; // all connections are taken: it lives
    if (made || full) return address(DATABASE);
    if (code === '53100') throw diskFull(context.cluster.folder, (error as Error).message);
    if (code === '28P01')
      throw new EmbeddedPostgresError(
        'start_failed',
        `${context.cluster.password} does not hold the password of ${OWNER_ROLE}.`,
        { cause: error },
      );
    return undefined;
  } finally {
    await client.end().catch(() => {});
  }
}

async function endOf({ folder }: Cluster): Promise<void> {
  while (alive(folder, 'server')) await pause(WATCH_MS);
}

/** The port of the last start if it is free: whoever was connected finds the server again. */
async function portOfBefore(cluster: Cluster): Promise<number | undefined> {
  const before = Number((await unlessMissing(readFile(cluster.port, 'utf8'))) || Number.NaN);
  if (!Number.isInteger(before)) return undefined;
  return freePort(before).catch(() => undefined);
}

function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function inUse(cluster: Cluster, found: PidFile | undefined): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'in_use',
    `${cluster.data} seems to be served by the process ${found?.pid}, which cannot be reached from ` +
      `here (another container?). Stop it, or set DATABASE_URL to its address. Only if you are sure ` +
      `that no server uses this folder, on any machine: delete postmaster.pid in it.`,
  );
}
