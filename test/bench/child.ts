/** Processes of the bench: services of the product from dist, and its own load and rivals from here. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFlagsOf, type ProcessName } from '../../apps/cli/src/supervisor/node-flags.js';

export interface Child {
  /** Where it answers, if it does. */
  readonly url: string;
  /** Sends an order and waits for its answer; orders are answered one by one. */
  ask<R>(order: object): Promise<R>;
  stop(): Promise<void>;
}

interface Said {
  readonly ready?: true;
  readonly url?: string;
  readonly failed?: { readonly message: string };
  readonly answer?: unknown;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_MS = 60_000;
const STOP_MS = 15_000;

/** A process of the product, as `flywheel up` starts it. */
export const startApp = (app: ProcessName, env: Record<string, string>): Promise<Child> =>
  started(path.join(ROOT, 'dist/apps', app, 'src/main.js'), {
    env: { LOG_LEVEL: 'warn', PORT: '0', ...env },
    execArgv: [...nodeFlagsOf(app), ...profiling(app)],
  });

/** A process of the bench: a file of this folder, run as this one is. */
export const startOwn = (file: string, env: Record<string, string> = {}): Promise<Child> =>
  started(fileURLToPath(new URL(file, import.meta.url)), {
    env,
    execArgv: [...process.execArgv, ...profiling(path.basename(file))],
  });

/** A process of the bench that is measured as the product runs: a plain module of this folder over what was built. */
export const startPlain = (file: string): Promise<Child> =>
  started(fileURLToPath(new URL(file, import.meta.url)), {
    env: {},
    execArgv: profiling(path.basename(file)),
  });

/** `FLYWHEEL_BENCH_PROFILE='api,worker --cpu-prof'` hands flags of Node to the processes named. */
export function profiling(name: string): string[] {
  const [wanted = '', ...flags] = (process.env.FLYWHEEL_BENCH_PROFILE ?? '').split(' ');
  const isWanted = wanted.split(',').some((start) => start !== '' && name.startsWith(start));
  return isWanted ? flags : [];
}

async function started(
  file: string,
  { env, execArgv }: { env: Record<string, string>; execArgv: string[] },
): Promise<Child> {
  const child = fork(file, {
    env: { ...process.env, ...env },
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const said = await next(child, READY_MS);
  if (said.ready !== true) {
    child.kill('SIGKILL');
    throw new Error(`${path.basename(file)} did not start: ${said.failed?.message ?? 'exited'}`);
  }
  return {
    url: said.url ?? '',
    ask: async <R>(order: object): Promise<R> => {
      child.send(order);
      const { failed, answer } = await next(child, 0);
      if (failed !== undefined) throw new Error(failed.message);
      return answer as R;
    },
    stop: () => stopped(child),
  };
}

/** What the process says next; an exit is a failure. `withinMs` 0: whenever it likes. */
function next(child: ChildProcess, withinMs: number): Promise<Said> {
  return new Promise((resolve) => {
    const settle = (said: Said): void => {
      clearTimeout(timer);
      child.off('message', settle);
      child.off('exit', exited);
      resolve(said);
    };
    const exited = (code: number | null): void =>
      settle({ failed: { message: `the process ended with ${code}` } });
    const late = (): void => settle({ failed: { message: `not ready in ${withinMs} ms` } });
    const timer = withinMs === 0 ? undefined : setTimeout(late, withinMs);
    child.on('message', settle);
    child.once('exit', exited);
  });
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

/** In a process of the bench: says that it is ready and answers orders with `handle`, until told to stop. */
export function serveOrders<O>(url: string, handle: (order: O) => Promise<unknown>): void {
  process.on('message', (order: O) => {
    handle(order).then(
      (answer) => process.send?.({ answer: answer ?? null }),
      (error: Error) => process.send?.({ failed: { message: error.stack ?? error.message } }),
    );
  });
  for (const end of ['SIGTERM', 'SIGINT'] as const) process.once(end, () => process.exit(0));
  process.once('disconnect', () => process.exit(0));
  process.send?.({ ready: true, url });
}
