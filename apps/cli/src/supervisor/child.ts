/**
 * A process of ours: the API or the worker. It says `{ready: true, url?}` when it serves and
 * `{failed: {code, message}}` before it ends with an error, and it ends by itself when our side of
 * the channel closes, however we died. It leads a process group of its own, so that a Ctrl-C in the
 * terminal reaches only us, and we stop things in their order.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Environment } from '../environment.js';
import { nodeFlagsOf, type ProcessName } from './node-flags.js';

export interface ChildOptions {
  readonly name: ProcessName;
  /** The compiled main. */
  readonly file: string;
  readonly env: Environment;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it said before it ended. */
  readonly failed: Failed | undefined;
}

export interface Failed {
  readonly code: string;
  readonly message: string;
}

export interface Child {
  readonly name: string;
  readonly pid: number | undefined;
  /** Resolves with the address, if it has one; to undefined when it ends before it is ready. */
  readonly ready: Promise<{ readonly url: string | undefined } | undefined>;
  /** Never rejects. */
  readonly ended: Promise<Ended>;
  /** Says that what was to be loaded before anybody looks is there. */
  sayLoaded(): void;
  /** Asks it to end, and ends it when it takes too long. */
  stop(): Promise<void>;
  kill(): void;
}

const STOP_LIMIT_MS = 10_000;

export function startChild({ name, file, env }: ChildOptions): Child {
  const child = fork(file, [], {
    env,
    detached: true,
    // Whatever it logs is not data of this command.
    stdio: ['ignore', 2, 2, 'ipc'],
    execArgv: nodeFlagsOf(name),
  });
  let failed: Failed | undefined;
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => {
      if (child.pid !== undefined) return; // a message that could not be sent: it lives
      failed = { code: 'start_failed', message: error.message };
      resolve({ code: null, signal: null, failed });
    });
    child.once('exit', (code, signal) => resolve({ code, signal, failed }));
  });
  const ready = new Promise<{ url: string | undefined } | undefined>((resolve) => {
    child.on('message', (message: unknown) => {
      const said = messageOf(message);
      if (said.failed !== undefined) failed = said.failed;
      if (said.ready === true) resolve({ url: said.url });
    });
    void ended.then(() => resolve(undefined));
  });
  return {
    name,
    pid: child.pid,
    ready,
    ended,
    // One that is ending hears nothing: the next is told at its start.
    sayLoaded: () => void child.send({ loaded: true }, () => {}),
    stop: () => stop(child, ended),
    kill: () => void child.kill('SIGKILL'),
  };
}

async function stop(child: ChildProcess, ended: Promise<Ended>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

interface Message {
  readonly ready?: boolean;
  readonly url?: string;
  readonly failed?: Failed;
}

const messageOf = (message: unknown): Message =>
  typeof message === 'object' && message !== null ? message : {};
