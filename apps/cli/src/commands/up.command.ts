/** `flywheel up`: the database, the API and the worker, and with `--demo` a community to look at. */
import path from 'node:path';
import { systemClock } from '#libs/ledger';
import { ApiClient } from '../api-client.js';
import { type DemoScale, demoSettings } from '../demo/index.js';
import { DEMO_HOME, type Environment, setting, shownPath } from '../environment.js';
import { instant } from '../format.js';
import type { Invocation, Outcome } from '../invocation.js';
import { DEMO_CONNECTIONS, DemoLoad } from '../load/demo-load.js';
import { type Claim, claimHome } from '../run-file.js';
import { runSteps } from '../steps.js';
import { applyMigrations, checkDurability, openDatabase } from '../supervisor/database.js';
import type { Interrupts } from '../supervisor/interrupts.js';
import { assertPortFree, mainOf, type Prepared, prepare } from '../supervisor/preparation.js';
import { runInForeground } from '../supervisor/run.js';
import { Supervisor } from '../supervisor/supervisor.js';
import type { Terminal } from '../terminal.js';
import { showLoaded } from './demo.command.js';
import { adminLink } from './sign-in-link.command.js';

export interface UpOptions {
  readonly demo?: boolean;
  readonly clock?: 'frozen' | 'real';
  readonly port?: number;
  readonly scale: DemoScale;
}

const SCHEMA = 'flywheel.up/1';

export async function up(invocation: Invocation, options: UpOptions): Promise<Outcome> {
  const { terminal } = invocation;
  const env = environmentOf(invocation.env, options, terminal.verbose);
  const held: { claim?: Claim } = {};
  return runInForeground(terminal, {
    start: async (interrupts, own) => {
      const isLoading = options.demo === true;
      const started = await startHouse(terminal, env, interrupts, { own, held, isLoading });
      if (isLoading) await loadDemo(terminal, started, options, interrupts);
      started.supervisor.sayLoaded();
      await sayWhere(terminal, started);
    },
    end: async () => held.claim?.release(),
  });
}

/** What the flags say, over what is set. */
export function environmentOf(
  given: Environment,
  { demo, clock, port }: Omit<UpOptions, 'scale'>,
  verbose: boolean,
): Environment {
  const env = { ...given };
  if (port !== undefined) env.PORT = String(port);
  const wanted = clock ?? (demo === true ? 'frozen' : undefined);
  if (wanted === 'frozen') env.FLYWHEEL_CLOCK = isoOf(demoSettings.frozenAt * 1000);
  if (wanted === 'real') delete env.FLYWHEEL_CLOCK;
  if (demo === true) {
    if (setting(env, 'FLYWHEEL_HOME') === undefined) env.FLYWHEEL_HOME = DEMO_HOME;
    // Progress and the table are to be read: the processes speak up only when something is wrong.
    if (setting(env, 'LOG_LEVEL') === undefined && !verbose) env.LOG_LEVEL = 'warn';
  }
  return env;
}

interface Started {
  readonly supervisor: Supervisor;
  readonly prepared: Prepared;
  readonly url: string;
}

interface House {
  readonly own: (supervisor: Supervisor) => void;
  readonly held: { claim?: Claim };
  /** The demo comes before anybody is told that all is ready. */
  readonly isLoading: boolean;
}

async function startHouse(
  terminal: Terminal,
  env: Environment,
  { signal }: Interrupts,
  { own, held, isLoading }: House,
): Promise<Started> {
  const log = (message: string) => terminal.note(message);
  let prepared: Prepared | undefined;
  let supervisor: Supervisor | undefined;
  const configuration = async (): Promise<string> => {
    const found = await prepare(terminal, env);
    held.claim = await claimHome(found.config.home, isoOf(systemClock.now()));
    await assertPortFree(found.config);
    prepared = found;
    supervisor = new Supervisor({
      processes: [
        { name: 'api', file: mainOf('api') },
        { name: 'worker', file: mainOf('worker') },
      ],
      env: found.env,
      openDatabase: () => openDatabase(found.config, (message) => terminal.detail(message)),
      log,
      isLoading,
    });
    own(supervisor);
    return shownPath(found.config.home);
  };
  const configured = (): Prepared => {
    if (prepared === undefined) throw new RangeError('the configuration comes first');
    return prepared;
  };
  const house = (): Supervisor => {
    if (supervisor === undefined) throw new RangeError('the configuration comes first');
    return supervisor;
  };
  const steps = [
    { title: 'configuration', run: configuration },
    {
      title: 'database',
      run: async () => {
        const { url, description } = await house().openDatabase();
        await checkDurability(url);
        return description;
      },
    },
    {
      title: 'migrations',
      run: async () => {
        const { url } = await house().openDatabase();
        const applied = await applyMigrations(url, configured().config, log);
        return applied.length === 0 ? 'nothing is missing' : applied.join(', ');
      },
    },
    {
      title: 'processes',
      run: async () => {
        await house().startProcesses();
        return `API and worker, ${house().url}`;
      },
    },
  ];
  await runSteps(terminal, steps, { schema: SCHEMA, signal });
  const url = house().url ?? '';
  await held.claim?.say({
    url,
    ...(env.FLYWHEEL_CLOCK === undefined ? {} : { clock: env.FLYWHEEL_CLOCK }),
  });
  return { prepared: configured(), supervisor: house(), url };
}

async function loadDemo(
  terminal: Terminal,
  { prepared, url }: Started,
  { scale }: UpOptions,
  { signal }: Interrupts,
): Promise<void> {
  const { adminToken: token, webhookSecret: secret } = prepared;
  const client = new ApiClient({ url, token, connections: DEMO_CONNECTIONS });
  try {
    const load = new DemoLoad({ client, secret, scale, signal });
    await runSteps(terminal, load.steps, { schema: SCHEMA, signal });
    showLoaded(terminal, SCHEMA, load.loaded);
  } finally {
    client.close();
  }
}

async function sayWhere(terminal: Terminal, { prepared, url }: Started): Promise<void> {
  const { config, env } = prepared;
  const docs = `${url}/docs`;
  const clock = env.FLYWHEEL_CLOCK;
  const { home } = config;
  terminal.record(SCHEMA, { type: 'ready', url, docs, home, pid: process.pid, clock });
  const token =
    config.adminToken === undefined
      ? `$(cat ${shownPath(path.join(home, 'admin-token'))})`
      : '$FLYWHEEL_ADMIN_TOKEN';
  const example =
    clock === undefined
      ? `${url}/api/creators`
      : `${url}/api/creators/${demoSettings.creatorId}/top-referrers?month=2025-10`;
  const { bold, dim } = terminal.noteColors;
  terminal.note(`\nFlywheel serves ${bold(url)}   API docs: ${docs}`);
  if (clock !== undefined)
    terminal.note(dim(`The clock stands still at ${instant(clock, demoSettings.timeZone)}.`));
  terminal.note(`  curl -H "Authorization: Bearer ${token}" '${example}'`);
  await sayHowToOpen(terminal, { prepared, url });
  terminal.note(dim('Ctrl-C stops it; nothing that was acknowledged is lost.'));
}

/** To whoever sits at the terminal: what goes into a file or to a program holds no open door. */
async function sayHowToOpen(
  terminal: Terminal,
  { prepared, url }: Omit<Started, 'supervisor'>,
): Promise<void> {
  if (!terminal.isLive) return;
  const client = new ApiClient({ url, token: prepared.adminToken });
  const link = await adminLink(client).finally(() => client.close());
  if (link === undefined) return;
  const { bold, dim } = terminal.noteColors;
  terminal.note(`  ${bold(link)}`);
  terminal.note(
    dim('  opens the dashboard, once, within 15 minutes; another: flywheel token link'),
  );
}

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
