/** `flywheel events tail` and `show`. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, pathOf, type Query } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { listenForInterrupts } from '../supervisor/interrupts.js';
import { type Event, type EventInFull, type Events, eventText, lineOf } from './events.said.js';

export interface EventFilters {
  readonly type?: string;
  readonly stream?: string;
  readonly member?: string;
  readonly since?: string;
}

export interface TailOptions extends EventFilters {
  readonly follow?: boolean;
  readonly limit: number;
}

export const EVENTS = pathOf('api', 'audit', 'events');
const SCHEMA = 'flywheel.event/1';
const POLL_MS = 1_000;
const PAGE = 500;

export const queryOf = (filters: EventFilters, creator: string | undefined): Query => {
  const { type, stream, member, since } = filters;
  return { type, stream, member, from: since, creator };
};

/** With `--follow` until it is interrupted: exit code 130. */
export async function tailEvents(invocation: Invocation, options: TailOptions): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, globals.creator);
  const query = queryOf(options, globals.creator);
  const say = (event: Event): void =>
    terminal.answer(SCHEMA, event, () => lineOf(terminal, event, globals.tz ?? 'UTC'));
  try {
    const newest = await client.get<Events>(EVENTS, { ...query, limit: options.limit });
    for (const event of [...newest.items].reverse()) say(event);
    if (newest.items.length === 0) terminal.note('There are none yet.');
    if (newest.scannedTo !== null)
      terminal.note(
        `Looked back as far as position ${newest.scannedTo}: name --since or --stream.`,
      );
    if (options.follow !== true) return EXIT.done;
    return await follow(invocation, client, { query, after: newest.asOf.position, say });
  } finally {
    client.close();
  }
}

async function follow(
  { terminal }: Invocation,
  client: ApiClient,
  from: { readonly query: Query; readonly after: number; readonly say: (event: Event) => void },
): Promise<Outcome> {
  const interrupts = listenForInterrupts(() => process.exit(EXIT.interrupted));
  const { signal } = interrupts;
  let { after } = from;
  let isLost = false;
  try {
    while (!signal.aborted) {
      await pause(POLL_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      try {
        for (let isMore = true; isMore; ) ({ after, isMore } = await sayPage(client, from, after));
        if (isLost) terminal.note('It answers again.');
        isLost = false;
      } catch (error) {
        if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable) throw error;
        if (!isLost) terminal.note(`${error.message} Waiting for it.`);
        isLost = true;
      }
    }
    return EXIT.interrupted;
  } finally {
    interrupts.end();
  }
}

/** Exported for its tests. Says one page of what is behind a position: what was said is not asked for again, whatever fails next. */
export async function sayPage(
  client: Pick<ApiClient, 'get'>,
  { query, say }: { readonly query: Query; readonly say: (event: Event) => void },
  after: number,
): Promise<{ after: number; isMore: boolean }> {
  const asked = { ...query, after, order: 'oldest', limit: PAGE };
  const { items, nextCursor, scannedTo, asOf } = await client.get<Events>(EVENTS, asked);
  for (const event of items) say(event);
  // A page that looked through as much as it may, and found little, says how far it came.
  const reached = scannedTo ?? items.at(-1)?.position;
  const isMore = nextCursor !== null && reached !== undefined;
  return { after: isMore ? reached : asOf.position, isMore };
}

export async function showEvent(invocation: Invocation, name: string): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, `event ${name}`);
  const found = await client.get<EventInFull>(`${EVENTS}/${name}`);
  terminal.answer(SCHEMA, found, () => eventText(terminal, found, globals.tz ?? 'UTC'));
}
