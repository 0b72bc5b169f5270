/** A replay in a process of its own: it may take all the memory that it is given, and be killed, alone. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Failure, ReplayToRun } from '#libs/application';

/** It needs half of it, and below 512 MB with all that is not V8's: it may not take the machine (docs/replay.md). */
const FLAGS = ['--enable-source-maps', '--max-old-space-size=320'];
const MAIN = fileURLToPath(new URL('./replay.js', import.meta.url));
/** It has nothing to put in order: its transactions end with it. */
const STOP_LIMIT_MS = 2_000;

/** Runs a replay; undefined: it ended in order. Resolves when the process is gone; never rejects. */
export const replayProcess =
  (databaseUrl: string) =>
  async ({ id, lease }: ReplayToRun, signal: AbortSignal): Promise<Failure | undefined> => {
    if (signal.aborted) return { code: 'replay_died', detail: 'the worker is stopping' };
    const child = fork(MAIN, [id, lease.name, lease.epoch], {
      env: { ...process.env, DATABASE_URL: databaseUrl },
      // Whatever it logs goes where the worker's log goes.
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: FLAGS,
    });
    const stop = (): void => stopChild(child);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await endOf(child);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };

function endOf(child: ChildProcess): Promise<Failure | undefined> {
  let said: Failure | undefined;
  child.on('message', (message: unknown) => {
    said = failureIn(message) ?? said;
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => {
      if (child.pid === undefined) resolve({ code: 'start_failed', detail: message });
    });
    child.once('exit', (code, signal) => {
      const died = { code: 'replay_died', detail: `its process ended with ${signal ?? code}` };
      resolve(code === 0 ? undefined : (said ?? died));
    });
  });
}

function failureIn(message: unknown): Failure | undefined {
  const { failed } = (message ?? {}) as { failed?: Failure };
  return failed;
}

function stopChild(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  child.once('exit', () => clearTimeout(timer));
}
