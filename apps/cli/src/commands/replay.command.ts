/** `flywheel replay`: a dry run that shows what differs, unless it is told to promote what was seen. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, pathOf } from '../api-client.js';
import { eventsOf } from '../event-stream.js';
import { CliError, EXIT, type ExitCode } from '../exit.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import type { Terminal } from '../terminal.js';
import { REPLAY_SCHEMA, ReplayProgressLine } from './replay.progress.js';
import { type DifferenceRow, differenceText, listText, type ReplayFound } from './replay.said.js';

export interface ReplayCommandOptions {
  readonly all?: boolean;
  readonly until?: string;
  readonly diffOut?: string;
  readonly plan?: string;
  readonly apply?: boolean;
  readonly reason?: string;
  readonly discard?: string;
}

const SHOWN_ROWS = 20;
const PAGE = 500;
/** A server that restarts is waited for. */
const PATIENCE_MS = 60_000;
const ASK_AGAIN_MS = 1_000;
const REPLAYS = '/api/admin/replays';
const SETTLED = ['ready', 'promoted', 'discarded', 'failed'];

const pathOfReplay = (id: string, ...rest: string[]): string =>
  pathOf('api', 'admin', 'replays', id, ...rest);

export async function replay(
  invocation: Invocation,
  names: readonly string[],
  options: ReplayCommandOptions,
): Promise<Outcome> {
  refuseMixed(names, options);
  const { client } = await connect(invocation);
  const { plan, discard, apply = false, reason } = options;
  if (discard !== undefined) return discarded(invocation, client, discard);
  if (plan !== undefined) return promotePlan(invocation, client, plan, reason);
  const { id } = await client.post<ReplayFound>(REPLAYS, {
    ...(names.length > 0 && { projections: names }),
    ...(options.until !== undefined && { until: options.until }),
    ...(reason !== undefined && { reason }),
  });
  invocation.terminal.detail(`replay ${id} is ordered`);
  const found = await followed(invocation, client, id);
  const code = await shown(invocation.terminal, client, found, options);
  if (code === EXIT.done) return dropped(invocation.terminal, client, found);
  if (!apply) return code;
  return promotePlan(invocation, client, id, reason);
}

/** What cannot be said together; before anything is ordered. */
function refuseMixed(names: readonly string[], options: ReplayCommandOptions): void {
  const { all, plan, discard, apply, reason, until } = options;
  const named = names.length > 0;
  if (named && (all === true || plan !== undefined || discard !== undefined))
    throw usage(
      `Projections go with neither --all, --plan nor --discard: ${names.join(' ')}.`,
      'flywheel replay --help',
    );
  if (apply === true && until !== undefined)
    throw usage(
      '--apply promotes, and a replay with --until is for looking only.',
      'leave out one of the two',
    );
  if (apply === true && reason === undefined)
    throw usage('--apply promotes, and that needs a reason.', 'add --reason "why"');
}

const usage = (what: string, next: string): CliError =>
  new CliError(EXIT.usage, what, { code: 'usage', next });

export async function showReplay(
  invocation: Invocation,
  id: string,
  options: ReplayCommandOptions,
): Promise<Outcome> {
  const { client } = await connect(invocation);
  const found = await followed(invocation, client, id, { isShown: true });
  return shown(invocation.terminal, client, found, options);
}

export async function listReplays(
  invocation: Invocation,
  { limit }: { readonly limit: number },
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation);
  const found = await client.get<{ items: readonly ReplayFound[] }>(REPLAYS, { limit });
  terminal.answer('flywheel.replays/1', found, () =>
    listText(terminal, found.items, globals.tz ?? 'UTC'),
  );
}

async function discarded(
  { terminal }: Invocation,
  client: ApiClient,
  id: string,
): Promise<ExitCode> {
  const found = await client.delete<ReplayFound>(pathOfReplay(id));
  terminal.answer(REPLAY_SCHEMA, { type: 'result', replay: found }, () =>
    found.state === 'discarded'
      ? `Replay ${id} is discarded; what serves is as it was.`
      : `Replay ${id} ${found.state} before: there is nothing to discard.`,
  );
  return EXIT.done;
}

/** The id names the plan, and its hash is what the server checks. */
async function promotePlan(
  invocation: Invocation,
  client: ApiClient,
  id: string,
  reason: string | undefined,
): Promise<ExitCode> {
  const { terminal } = invocation;
  const seen = await client.get<ReplayFound>(pathOfReplay(id));
  if (reason === undefined && seen.reason === null)
    throw usage('A promotion needs a reason.', `flywheel replay --plan ${id} --reason "why"`);
  await client.post<ReplayFound>(pathOfReplay(id, 'promote'), {
    differenceHash: seen.difference?.hash ?? NO_HASH,
    ...(reason !== undefined && { reason }),
  });
  const now = await followed(invocation, client, id);
  terminal.answer(REPLAY_SCHEMA, { type: 'result', replay: now }, () =>
    [`Replay ${id} serves now.`, `reason: ${now.promotion?.reason ?? '—'}`].join('\n'),
  );
  return EXIT.done;
}

/** Of one that was never compared: the server says why it cannot be promoted. */
const NO_HASH = '0'.repeat(64);

/** Follows a replay until it is settled. Throws CliError when it failed or was discarded. */
async function followed(
  { terminal }: Invocation,
  client: ApiClient,
  id: string,
  { isShown = false } = {},
): Promise<ReplayFound> {
  const line = new ReplayProgressLine(terminal);
  let lostAt: number | undefined;
  try {
    for (;;) {
      try {
        for await (const found of changes(client, id)) {
          lostAt = undefined;
          if (SETTLED.includes(found.state)) return isShown ? found : cameWell(found);
          line.say(found, performance.now());
        }
      } catch (error) {
        if (!mayPass(error)) throw error;
        lostAt ??= performance.now();
        if (performance.now() - lostAt > PATIENCE_MS) throw error;
      }
      await pause(ASK_AGAIN_MS);
    }
  } finally {
    line.end();
  }
}

async function* changes(client: ApiClient, id: string): AsyncGenerator<ReplayFound> {
  const answer = client.download(pathOfReplay(id, 'events'), {}, 'text/event-stream');
  for await (const { event, data } of eventsOf(answer)) {
    if (event === 'progress' || event === 'result') yield JSON.parse(data) as ReplayFound;
  }
}

const PASSING = ['server_unreachable', 'answer_incomplete', 'streams_busy', 'database_unavailable'];
const mayPass = (error: unknown): boolean =>
  error instanceof CliError && PASSING.includes(error.code);

function cameWell(found: ReplayFound): ReplayFound {
  const { id, state, code, detail } = found;
  if (state === 'ready' || state === 'promoted') return found;
  const isBusy = code === 'replay_superseded' || code === 'replay_expired';
  throw new CliError(
    isBusy ? EXIT.busy : EXIT.failed,
    `Replay ${id} ${state === 'failed' ? 'failed' : 'was discarded'}: ${detail ?? code ?? ''}`,
    {
      code: code ?? 'replay_failed',
      why: 'What serves is as it was.',
      next: 'flywheel replay, when that is mended',
    },
  );
}

/** Says what differs, and what to type next. */
async function shown(
  terminal: Terminal,
  client: ApiClient,
  found: ReplayFound,
  { diffOut, apply = false }: ReplayCommandOptions,
): Promise<ExitCode> {
  const { id, state, until, difference } = found;
  if (difference === null || state !== 'ready') {
    terminal.answer(REPLAY_SCHEMA, { type: 'result', replay: found, rows: [] }, () =>
      [`Replay ${id} is ${state}.`, found.detail ?? ''].join(' ').trim(),
    );
    return EXIT.done;
  }
  const path = pathOfReplay(id, 'difference');
  const { items } = await client.get<DifferencePage>(path, { limit: SHOWN_ROWS });
  if (diffOut !== undefined) {
    const rows = await writeRows(client, path, diffOut);
    terminal.note(`${rows} rows are in ${diffOut}`);
  }
  terminal.answer(REPLAY_SCHEMA, { type: 'result', replay: found, rows: items }, () =>
    differenceText(terminal, found, difference, items),
  );
  const [largest] = items;
  if (largest === undefined) return EXIT.done;
  if (largest.explain !== null) terminal.note(`explained: GET ${largest.explain}`);
  if (apply) return EXIT.findings;
  terminal.note(
    until === null
      ? `next: flywheel replay --plan ${id} --reason "…", or flywheel replay --discard ${id}`
      : `next: flywheel replay --discard ${id}`,
  );
  return EXIT.findings;
}

interface DifferencePage {
  readonly items: readonly DifferenceRow[];
  readonly nextCursor: string | null;
}

/** All of them or no file. Returns how many. */
async function writeRows(client: ApiClient, path: string, file: string): Promise<number> {
  const draft = `${file}.part`;
  let rows = 0;
  const lines = async function* (): AsyncGenerator<string> {
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await client.get<DifferencePage>(path, { limit: PAGE, cursor });
      rows += page.items.length;
      yield page.items.map((row) => `${JSON.stringify(row)}\n`).join('');
      cursor = page.nextCursor ?? undefined;
    }
  };
  try {
    await pipeline(Readable.from(lines()), createWriteStream(draft));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return rows;
}

/** What is the same as what serves need not take up room. */
async function dropped(
  terminal: Terminal,
  client: ApiClient,
  { id }: ReplayFound,
): Promise<ExitCode> {
  await client.delete<ReplayFound>(pathOfReplay(id));
  terminal.detail(`replay ${id} is discarded`);
  return EXIT.done;
}
