/**
 * A real Flywheel for a test: `flywheel up` in a home of its own, as its users start it, and
 * stopped when the test ends. The database is the embedded one.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { scratchFolder } from '../support/scratch.js';
import { eventStoreOf, removeEventStore } from './event-stores.js';

// Not from the library's index: programs beside the tests start a ledger too, and Jest is not there.
export { until } from '../../libs/testing/src/until.js';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'bin/flywheel.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Running {
  readonly home: string;
  readonly url: string;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** As Ctrl-C does; resolves when it has ended. */
  stop(): Promise<Ended>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<Ended>;
}

export interface Secrets {
  readonly secret: string;
  readonly token: string;
  /** The same in a ledger that is restored elsewhere. */
  readonly dataKey: string;
}

export const newSecrets = (): Secrets => ({
  secret: `ws_${randomBytes(32).toString('hex')}`,
  token: `fwadm_${randomBytes(32).toString('hex')}`,
  dataKey: randomBytes(32).toString('hex'),
});

export const envOf = ({ secret, token, dataKey }: Secrets): Record<string, string> => ({
  WHOP_WEBHOOK_SECRET: secret,
  FLYWHEEL_ADMIN_TOKEN: token,
  // Tests ask more often than people do; those about the limits switch them on.
  FLYWHEEL_RATE_LIMIT: 'off',
  FLYWHEEL_DATA_KEY: dataKey,
});

/** A folder that the database's user may pass through, should we be root. */
export const newHome = async (): Promise<string> => scratchFolder('flywheel-e2e-');

export async function removeHome(home: string): Promise<void> {
  await removeEventStore(home);
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

export interface UpOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Why it did not start: how it ended, and what it said. */
export class NotStarted extends Error {
  constructor(
    readonly ended: Ended,
    said: string,
  ) {
    super(`flywheel up ended with ${ended.signal ?? ended.code}\n${said}`);
  }
}

/** Resolves when it says that it serves. Throws NotStarted. */
export async function startUp({ home, env = {}, args = [] }: UpOptions): Promise<Running> {
  const eventStore = await eventStoreOf(home);
  const child = spawn(process.execPath, [PROGRAM, 'up', ...args], {
    cwd: home,
    env: environment(home, { ...eventStore, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const url = await new Promise<string | undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      const found = /Flywheel serves (http\S+)/.exec(stderr)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => resolve(undefined));
  });
  if (url === undefined) throw new NotStarted(await ended, stderr);
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return {
    home,
    url,
    pid: child.pid as number, // it has said something
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}

export interface Said extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export async function flywheel(
  home: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const eventStore = await eventStoreOf(home);
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: home,
    env: environment(home, { ...eventStore, ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** Nothing of the one who runs the tests but what any program needs. */
const environment = (home: string, env: Readonly<Record<string, string>>) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  ...(process.env.FLYWHEEL_PG_USER && { FLYWHEEL_PG_USER: process.env.FLYWHEEL_PG_USER }),
  FLYWHEEL_HOME: home,
  PORT: '0',
  LOG_LEVEL: 'warn',
  ...env,
});

/** A port that nobody has at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** How one connects to the embedded database of that home, as its owner. */
export async function ownerOf(home: string): Promise<pg.ClientConfig & { readonly port: number }> {
  const file = (name: string): Promise<string> =>
    readFile(path.join(home, 'postgres', name), 'utf8').then((text) => text.trim());
  return {
    host: '127.0.0.1',
    port: Number(await file('server.port')),
    user: 'flywheel_owner',
    password: await file('password'),
    database: 'flywheel',
  };
}

/** One row of the embedded database of that home, past everything that Flywheel says of itself. */
export async function rowOf<Row extends pg.QueryResultRow>(
  home: string,
  query: string,
): Promise<Row> {
  const client = new pg.Client(await ownerOf(home));
  await client.connect();
  try {
    const { rows } = await client.query<Row>(query);
    if (rows[0] === undefined) throw new Error(`no row for ${query}`);
    return rows[0];
  } finally {
    await client.end();
  }
}
