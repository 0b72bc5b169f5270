/**
 * Keeps a Flywheel alive: the database first, then its processes, and the other way round when it
 * stops. A process that dies is started again; when the embedded database dies, the processes are
 * stopped and all of it is started again, because the database has another address then. What
 * dies too often is given up: whoever started us must know.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../environment.js';
import { CliError, EXIT, type ExitCode } from '../exit.js';
import { type Child, type Ended, startChild } from './child.js';
import type { ProcessAddresses, RunningDatabase } from './database.js';
import type { ProcessName } from './node-flags.js';
import { RestartBudgets } from './restarts.js';

export interface SupervisorOptions {
  readonly processes: readonly ProcessSpec[];
  readonly env: Environment;
  readonly openDatabase: () => Promise<RunningDatabase>;
  readonly log: (message: string) => void;
  /** Zero for a process that something else restarts. */
  readonly maxRestarts?: number;
  /** Something is loaded after the start: the API says that it is ready only after `sayLoaded`. */
  readonly isLoading?: boolean;
}

export interface ProcessSpec {
  readonly name: ProcessName;
  readonly file: string;
}

const WATCH_DATABASE_MS = 1_000;
/** The name of its budget of restarts. */
const DATABASE = 'database';

export class Supervisor {
  readonly #restarts: RestartBudgets;
  readonly #children = new Map<string, Child>();
  #database: Promise<RunningDatabase> | undefined;
  #stopping: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** Counts the databases; whoever waits for a process of an earlier one gives up. */
  #generation = 0;
  #url: string | undefined;
  #isLoading: boolean;
  #giveUp: (error: CliError) => void = () => {};

  /** Resolves when something died too often. */
  readonly gaveUp: Promise<CliError>;

  constructor(private readonly options: SupervisorOptions) {
    this.#restarts = new RestartBudgets(options.maxRestarts);
    this.#isLoading = options.isLoading === true;
    this.gaveUp = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
  }

  /** Address of the API, once it serves. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Opens the database, and remembers it so that it can be stopped at any moment. */
  openDatabase(): Promise<RunningDatabase> {
    this.#database ??= this.options.openDatabase();
    return this.#database;
  }

  /** Starts the processes and waits until each serves. Throws what the first that fails says. */
  async startProcesses(): Promise<void> {
    const database = await this.openDatabase();
    const addresses = await database.addresses();
    if (this.#stopping !== undefined) return;
    const started = this.options.processes.map((spec) => this.#start(spec, addresses));
    for (const child of started) {
      const ready = await child.ready;
      if (ready === undefined) throw errorOf(child.name, await child.ended);
      this.#url ??= ready.url;
    }
    for (const spec of this.options.processes) void this.#keep(spec, addresses);
    this.#watch = setInterval(() => void this.#watchDatabase(database), WATCH_DATABASE_MS);
  }

  /** What had to be loaded before anybody looks is there. */
  sayLoaded(): void {
    this.#isLoading = false;
    for (const child of this.#children.values()) child.sayLoaded();
  }

  /** In order: who writes, then what is written to. Several calls stop once. */
  stop(): Promise<void> {
    this.#stopping ??= (async () => {
      clearInterval(this.#watch);
      // In the order in which they are listed: the API first, so that nothing new arrives.
      for (const { name } of this.options.processes) await this.#children.get(name)?.stop();
      const database = await this.#database?.catch(() => undefined);
      await database?.stop();
    })();
    return this.#stopping;
  }

  /** At once; the embedded database notices our end and stops in order. */
  kill(): void {
    for (const child of this.#children.values()) child.kill();
  }

  #start({ name, file }: ProcessSpec, addresses: ProcessAddresses): Child {
    const port = this.#url === undefined ? {} : { PORT: new URL(this.#url).port };
    const loading = this.#isLoading ? { FLYWHEEL_LOADING: '1' } : {};
    const env = {
      ...{ ...this.options.env, ...port, ...loading },
      DATABASE_URL: addresses[name],
      // Whoever serves has no use for the owner's password, only for whether there is one.
      DATABASE_OWNER_URL: undefined,
      FLYWHEEL_OWN_LOGIN: addresses.ownLogin ? '1' : undefined,
    };
    const child = startChild({ name, file, env });
    this.#children.set(name, child);
    return child;
  }

  /** Starts the process again whenever it dies. */
  async #keep(spec: ProcessSpec, addresses: ProcessAddresses): Promise<void> {
    const generation = this.#generation;
    const isOver = () => this.#stopping !== undefined || this.#generation !== generation;
    for (;;) {
      const child = this.#children.get(spec.name);
      const ended = await child?.ended;
      if (ended === undefined || isOver()) return;
      const delay = this.#restarts.next(spec.name, performance.now());
      if (delay === undefined) return this.#giveUp(errorOf(spec.name, ended));
      this.options.log(`${endOf(spec.name, ended)}; starting it again in ${delay} ms`);
      await pause(delay);
      if (isOver()) return;
      this.#start(spec, addresses);
    }
  }

  async #watchDatabase(database: RunningDatabase): Promise<void> {
    if (this.#stopping !== undefined || database.isAlive()) return;
    this.#generation++;
    clearInterval(this.#watch);
    this.options.log('the embedded database has ended; starting it again');
    let cause: unknown;
    // What dies while all is coming back is no reason to give up: that is only dying too often.
    for (;;) {
      const delay = this.#restarts.next(DATABASE, performance.now());
      if (delay === undefined)
        return this.#giveUp(cause instanceof CliError ? cause : databaseDied(cause));
      if (cause !== undefined && this.#stopping === undefined) await pause(delay);
      if (this.#stopping !== undefined) return;
      try {
        await this.#startAgain();
        return;
      } catch (error) {
        cause = error;
        const why = error instanceof Error ? error.message : String(error);
        this.options.log(`it could not be started again yet: ${why}`);
      }
    }
  }

  async #startAgain(): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.stop()));
    const database = await this.#database?.catch(() => undefined);
    await database?.stop();
    if (this.#stopping !== undefined) return; // or there would be a database that nobody stops
    this.#database = undefined;
    await this.openDatabase();
    await this.startProcesses();
  }
}

const databaseDied = (cause?: unknown): CliError =>
  new CliError(EXIT.failed, 'The embedded database ended and could not be started again.', {
    code: 'database_ended',
    why: cause instanceof Error ? cause.message : undefined,
    next: 'flywheel up --verbose; nothing that was acknowledged is lost',
    cause,
  });

function endOf(name: string, { code, signal, failed }: Ended): string {
  if (failed !== undefined) return `the ${name} process has failed: ${failed.message}`;
  return `the ${name} process has ended with ${signal ?? code}`;
}

function errorOf(name: string, ended: Ended): CliError {
  const { failed } = ended;
  if (failed === undefined)
    return new CliError(EXIT.failed, `The ${name} process ended unexpectedly.`, {
      code: 'process_ended',
      why: `It ended with ${ended.signal ?? ended.code}; its last lines are above.`,
      next: 'flywheel up --verbose',
    });
  return new CliError(exitCodeOf(failed.code), failed.message, {
    code: failed.code,
    next: PORT_TAKEN.test(failed.code) ? 'choose another with --port or PORT' : undefined,
  });
}

const PORT_TAKEN = /^(EADDRINUSE|port_in_use|port_taken)$/;

function exitCodeOf(code: string): ExitCode {
  if (PORT_TAKEN.test(code)) return EXIT.busy;
  if (code === 'config_invalid') return EXIT.configInvalid;
  if (code === 'EACCES') return EXIT.notAllowed;
  return /^(ECONNREFUSED|database_unavailable)$/.test(code) ? EXIT.unreachable : EXIT.failed;
}
