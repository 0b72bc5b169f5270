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
        after = await sayNew(client, from, after);
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

/** Says everything behind a position; answers the one up to which there is nothing more to say. */
async function sayNew(
  client: ApiClient,
  { query, say }: { readonly query: Query; readonly say: (event: Event) => void },
  after: number,
): Promise<number> {
  const asked = { ...query, after, order: 'oldest', limit: PAGE };
  const events: Event[] = [];
  let page = await client.get<Events>(EVENTS, asked);
  events.push(...page.items);
  while (page.nextCursor !== null) {
    page = await client.get<Events>(EVENTS, { ...asked, cursor: page.nextCursor });
    events.push(...page.items);
  }
  // Not before all were read: a page that fails is asked for again, and none is said twice.
  for (const event of events) say(event);
  return page.asOf.position;
}

export async function showEvent(invocation: Invocation, name: string): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, `event ${name}`);
  const found = await client.get<EventInFull>(`${EVENTS}/${name}`);
  terminal.answer(SCHEMA, found, () => eventText(terminal, found, globals.tz ?? 'UTC'));
}
