import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Binaries } from './binaries.js';
import { type Cluster, dataArgument } from './cluster.js';
import { hold } from './life-sign.js';
import type { Identity } from './run.js';
import { serverSettings } from './settings.js';

/** Seconds after which a server that was asked to stop is told to end at once, and then is ended. */
export interface Patience {
  readonly quit: number;
  readonly kill: number;
}
/**
 * A fast shutdown that meets PostgreSQL 18 while it recovers from the death of one of its processes
 * may never end. What is cut off loses nothing: it recovers at its next start.
 */
const PATIENCE: Patience = { quit: 15, kill: 30 };

/**
 * Waits on descriptor 5, a pipe that we hold the other end of. The word "stopped": the server is
 * gone. The end without a word: we are gone, so the server must stop. It stays until it has, so that
 * nobody takes the server for abandoned. Ten minutes bound it, should the number never vanish.
 */
export const watching = ({ quit, kill }: Patience): string => `
trap '' INT TERM HUP
word=
read -r word <&5
if [ "$word" != stopped ]; then
  kill -INT "$server"
  seconds=0
  while [ $seconds -lt 600 ] && kill -0 "$server" 2>/dev/null; do
    [ $seconds -ne ${quit} ] || kill -QUIT "$server"
    [ $seconds -ne ${kill} ] || kill -KILL "$server"
    sleep 1
    seconds=$((seconds + 1))
  done
fi`;
const WATCH = watching(PATIENCE);

/**
 * The shell forks the guardian and becomes the server: same process number, and our own child.
 * Forked twice, because the server would take a child that it does not know for a crashed one.
 * Descriptor 3 is the server's sign of life, 4 the guardian's.
 */
const LAUNCH = `
server=$$
( ( exec 3<&-${WATCH}
) & )
exec "$@" 4<&- 5<&-`;

const ADOPT = `
exec 3<&-
server=$1${WATCH}`;

export interface Guarded {
  /** Number of the server, or of the guardian alone where the server was adopted. */
  readonly pid: number;
  /** Resolves when that process has ended, also if it did before anybody asked. */
  readonly ended: Promise<void>;
  /** Releases the guardian: the server is gone. */
  stopped(): void;
}

/** Starts the server under a guardian. Both have their own session: Ctrl-C reaches only us. */
export async function launched(
  cluster: Cluster,
  binaries: Binaries,
  as: Identity | undefined,
  port: number,
): Promise<Guarded> {
  const data = await dataArgument(cluster, as);
  const settings = serverSettings(port).flatMap((setting) => ['-c', setting]);
  const command = ['flywheel-guardian', binaries.postgres, '-D', data, ...settings];
  return spawned(cluster, as, ['-c', LAUNCH, ...command]);
}

/** Puts a guardian at the side of a server that runs and has none. */
export async function adopted(
  cluster: Cluster,
  as: Identity | undefined,
  pid: number,
): Promise<Guarded> {
  return spawned(cluster, as, ['-c', ADOPT, 'flywheel-guardian', String(pid)]);
}

async function spawned(
  cluster: Cluster,
  as: Identity | undefined,
  args: string[],
): Promise<Guarded> {
  const log = await open(cluster.log, 'a', 0o600);
  const server = await hold(cluster.folder, 'server');
  const guardian = await hold(cluster.folder, 'guardian');
  try {
    const child = spawn('/bin/sh', args, {
      ...as,
      cwd: cluster.data,
      detached: true,
      env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' }, // no secret of ours, no PG… setting
      stdio: ['ignore', log.fd, log.fd, server, guardian, 'pipe'],
    });
    // From the start: one that finds the folder taken has ended before the log is closed below.
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Not its stdin: Node closes that, without a word, when the child ends.
    const word = child.stdio.at(5) as Socket;
    word.on('error', () => {}); // the guardian may be gone first
    // The handles below stay open in the child only if it was started before they close.
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    word.unref();
    return {
      pid: child.pid as number, // it has one since it was spawned
      ended,
      stopped: () => {
        if (word.writable) word.end('stopped\n');
      },
    };
  } finally {
    for (const descriptor of [server, guardian]) closeSync(descriptor);
    await log.close();
  }
}
