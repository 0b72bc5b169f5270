/** `flywheel status`: what runs, whether it is ready, and how far the read models are. */
import { type ApiClient, refusalOf } from '../api-client.js';
import { EXIT } from '../exit.js';
import { count, instant } from '../format.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { factsOf, tableOf } from '../table.js';
import type { Target } from '../target.js';
import { Terminal } from '../terminal.js';

export interface StatusOptions {
  readonly output: 'table' | 'json' | 'env';
  readonly showSecrets?: boolean;
}

export interface Projections {
  readonly head: number;
  readonly pendingDeliveries: number;
  readonly projections: readonly {
    readonly name: string;
    readonly version: number;
    readonly schema: string;
    readonly position: number;
    readonly lag: number;
  }[];
}

interface Readiness {
  readonly status: 'ready' | 'unready';
  readonly components: Readonly<
    Record<string, { readonly status: string; readonly detail?: string }>
  >;
}

export async function status(invocation: Invocation, options: StatusOptions): Promise<Outcome> {
  const { globals } = invocation;
  const json = globals.json === true || options.output === 'json';
  const terminal = json ? asJson(invocation) : invocation.terminal;
  const { client, target } = await connect({ ...invocation, terminal });
  const readiness = await readinessOf(client);
  const known = target.token === undefined ? undefined : await projectionsOf(client);
  const { url, home, run, token } = target;
  if (options.output === 'env' && !json) {
    const shown = options.showSecrets === true ? token : token && '***';
    const lines = [`FLYWHEEL_URL=${url}`, ...(shown ? [`FLYWHEEL_ADMIN_TOKEN=${shown}`] : [])];
    terminal.answer('flywheel.status/1', {}, () => lines.join('\n'));
    return;
  }
  const { pid, startedAt, clock } = run ?? {};
  terminal.answer(
    'flywheel.status/1',
    { url, home, pid, startedAt, clock, ...readiness, ...known },
    () => textOf(terminal, target, readiness, known, globals.tz),
  );
  return readiness.status === 'ready' ? EXIT.done : EXIT.findings;
}

export const projectionsOf = (client: ApiClient, settled?: string): Promise<Projections> =>
  client.get('/api/admin/projections', { settled });

/** 503 is an answer here: it says which part is not ready. */
async function readinessOf(client: ApiClient): Promise<Readiness> {
  const answer = await client.ask('/health/ready');
  if (answer.status !== 200 && answer.status !== 503) throw refusalOf(answer, '/health/ready');
  const found: Readiness = JSON.parse(answer.text);
  return { status: found.status, components: found.components };
}

const asJson = ({ globals }: Invocation): Terminal =>
  new Terminal({
    json: true,
    quiet: globals.quiet ?? false,
    verbose: globals.verbose ?? false,
    color: false,
  });

function textOf(
  terminal: Terminal,
  { url, home, run }: Target,
  readiness: Readiness,
  known: Projections | undefined,
  tz: string | undefined,
): string {
  const { green, red } = terminal.colors;
  const say = (ok: boolean, text: string) => (ok ? green(text) : red(text));
  const components = Object.entries(readiness.components).map(
    ([name, { status: state, detail }]) =>
      [name, `${say(state === 'ok', state)}${detail ? ` (${detail})` : ''}`] as const,
  );
  const facts = factsOf(terminal, [
    ['status', say(readiness.status === 'ready', readiness.status)],
    ['address', url],
    ...(run === undefined ? [] : runFacts(home, run, tz)),
    ...components,
    ...(known === undefined
      ? []
      : ([
          ['head', count(known.head)],
          ['pending deliveries', count(known.pendingDeliveries)],
        ] as const)),
  ]);
  if (known === undefined)
    return `${facts}\n\nRead models are shown to admins: give --token-file or FLYWHEEL_ADMIN_TOKEN.`;
  const rows = known.projections.map(({ name, version, position, lag }) => [
    name,
    String(version),
    count(position),
    count(lag),
  ]);
  const table = tableOf(
    terminal,
    [
      { title: 'read model' },
      { title: 'version', align: 'right' },
      { title: 'position', align: 'right' },
      { title: 'lag', align: 'right' },
    ],
    rows,
  );
  return `${facts}\n\n${table}`;
}

function runFacts(
  home: string,
  run: NonNullable<Target['run']>,
  tz = 'UTC',
): (readonly [string, string])[] {
  return [
    ['data folder', home],
    ['process', `${run.pid}, since ${instant(run.startedAt, tz)}`],
    ...(run.clock === undefined
      ? []
      : ([['clock', `stands still at ${instant(run.clock, tz)}`]] as const)),
  ];
}
