/** `flywheel webhooks deliveries` and `quarantine`: what became of deliveries, and what to do about them. */
import { type ApiClient, pathOf } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { count, instant } from '../format.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { isSettled } from '../load/settle.js';
import { factsOf, tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

interface Listed {
  readonly id: number;
  readonly status: string;
  readonly type: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly creatorId: string | null;
  readonly receivedAt: string;
  readonly effectiveAt: string | null;
}

interface Deliveries {
  readonly items: readonly Listed[];
  readonly counts: Readonly<Record<string, number>> | null;
  readonly nextCursor: string | null;
}

interface InFull extends Listed {
  readonly deliveryId: string;
  readonly sha256: string;
  readonly bytes: number | null;
  readonly body: unknown;
  readonly events: readonly { readonly type: string; readonly position: number }[];
  readonly waitsFor: readonly string[];
  readonly next: string;
  readonly orders: readonly {
    readonly ordered: string;
    readonly actor: string;
    readonly reason: string | null;
    readonly at: string;
  }[];
}

interface Verdict {
  readonly id: number;
  readonly status: string | null;
  readonly would: string;
  readonly verdict: string;
  readonly redriven: boolean;
}

interface Redriven {
  readonly items: readonly Verdict[];
  readonly wakes: number;
  readonly nextCursor: string | null;
}

export interface ListOptions {
  readonly status?: string;
  readonly type?: string;
  readonly code?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

const DELIVERIES = pathOf('api', 'admin', 'deliveries');
const MAX_ORDERED = 500;

export async function listDeliveries(
  invocation: Invocation,
  options: ListOptions,
): Promise<Outcome> {
  const { client } = await connect(invocation, invocation.globals.creator);
  await list(invocation, client, options);
}

/** Exit code 2 when there are any. */
export async function listQuarantine(
  invocation: Invocation,
  options: ListOptions,
): Promise<Outcome> {
  const { client } = await connect(invocation, invocation.globals.creator);
  const found = await list(invocation, client, { ...options, status: 'unresolved' });
  if (found.items.length === 0) return EXIT.done;
  invocation.terminal.note('next: flywheel webhooks quarantine show ID, or redrive --all');
  return EXIT.findings;
}

async function list(
  { terminal, globals }: Invocation,
  client: ApiClient,
  options: ListOptions,
): Promise<Deliveries> {
  const { status, type, code, from, to, limit } = options;
  const { creator } = globals;
  const query = { status, type, code, from, to, limit, creator };
  const found = await client.get<Deliveries>(DELIVERIES, query);
  const zone = globals.tz ?? 'UTC';
  if (!terminal.json && found.counts !== null) terminal.note(countsLine(found.counts));
  terminal.answer('flywheel.deliveries/1', found, () =>
    found.items.length === 0 ? 'There are none.' : listTable(terminal, found.items, zone),
  );
  if (found.nextCursor !== null && !terminal.json)
    terminal.note(`there are more: --limit ${Math.min(limit * 2, MAX_ORDERED)}`);
  return found;
}

function countsLine(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, n]) => n > 0);
  return some.length === 0
    ? 'no deliveries'
    : some.map(([status, n]) => `${count(n)} ${status}`).join(' · ');
}

const listTable = (
  terminal: Pick<Terminal, 'colors'>,
  items: readonly Listed[],
  zone: string,
): string =>
  tableOf(
    terminal,
    [
      { title: '#', align: 'right' },
      { title: 'received' },
      { title: 'status' },
      { title: 'type' },
      { title: 'creator' },
      { title: 'why' },
    ],
    items.map((item) => [
      String(item.id),
      instant(item.receivedAt, zone),
      item.status,
      item.type ?? '—',
      item.creatorId ?? '—',
      whyOf(item),
    ]),
  );

const whyOf = ({ code, detail }: Listed): string =>
  [code, detail].filter((part) => part !== null).join(': ');

export async function showDelivery(invocation: Invocation, id: number): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { client } = await connect(invocation, `delivery ${id}`);
  const found = await client.get<InFull>(`${DELIVERIES}/${id}`);
  const zone = globals.tz ?? 'UTC';
  terminal.answer('flywheel.delivery/1', found, () => {
    const events = found.events.map(({ type, position }) => `${position} ${type}`).join(', ');
    const orders = found.orders.map(
      ({ ordered, actor, reason, at }) =>
        `${ordered} by ${actor}, ${instant(at, zone)}${reason === null ? '' : `: ${reason}`}`,
    );
    const facts = factsOf(terminal, [
      ['delivery', `${found.id} · ${found.deliveryId}`],
      ['status', [found.status, whyOf(found)].filter(Boolean).join(' · ')],
      ['type', found.type ?? '—'],
      ['creator', found.creatorId ?? '—'],
      ['received', instant(found.receivedAt, zone)],
      ['tells of', instant(found.effectiveAt, zone)],
      ['events', events === '' ? '—' : events],
      ...found.waitsFor.map((wait) => ['waits for', wait] as const),
      ...orders.map((order) => ['ordered', order] as const),
      ['sha-256', found.sha256],
      ['next', found.next],
    ]);
    return `${facts}\n${bodyText(found)}`;
  });
}

function bodyText({ body, bytes }: InFull): string {
  if (bytes === null) return 'The body is no longer kept.';
  if (body === null) return `The body (${bytes} bytes) is not JSON: it is not shown.`;
  return JSON.stringify(body, null, 2);
}

export interface RedriveOptions {
  readonly all?: boolean;
  readonly since?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly apply?: boolean;
}

/** Exit code 2 when something could be redriven and is not, or still does not count. */
export async function redrive(
  invocation: Invocation,
  ids: readonly number[],
  options: RedriveOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { all, since, code, reason } = options;
  const described = all === true || since !== undefined || code !== undefined;
  if (ids.length === 0 && !described)
    throw new CliError(EXIT.usage, 'No deliveries are named.', {
      code: 'selection_missing',
      next: 'give their numbers, --all, --since or --code',
    });
  if (ids.length > 0 && described)
    throw new CliError(EXIT.usage, 'Name deliveries by their numbers or describe them, not both.', {
      code: 'selection_invalid',
    });
  const dryRun = options.apply !== true;
  const { client } = await connect(invocation, dryRun ? 'dry run' : 'redrive');
  const orders =
    ids.length > 0
      ? chunks(ids).map((some) => ({ ids: some }))
      : [{ status: 'unresolved', since, code, creator: globals.creator }];
  const items: Verdict[] = [];
  let wakes = 0;
  for (const order of orders) {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const done: Redriven = await client.post(`${DELIVERIES}/redrive`, {
        ...order,
        reason,
        dryRun,
        ...(cursor === undefined ? {} : { cursor }),
      });
      items.push(...done.items);
      wakes += done.wakes;
      cursor = done.nextCursor;
    }
  }
  const last = items.filter((item) => item.redriven).at(-1);
  if (last !== undefined && !(await isSettled(client, `d${last.id}`)))
    terminal.note('not decided yet: flywheel status shows what is pending');
  terminal.answer('flywheel.webhooks-redrive/1', { dryRun, items, wakes }, () =>
    items.length === 0 ? 'There is nothing to redrive.' : verdictTable(terminal, items),
  );
  if (wakes > 0) terminal.note(`${count(wakes)} parked beyond these would be woken`);
  return redriveExit(terminal, items, dryRun);
}

function redriveExit(terminal: Terminal, items: readonly Verdict[], dryRun: boolean): Outcome {
  if (items.length === 0) return EXIT.done;
  if (dryRun) {
    terminal.note('next: the same command with --apply');
    return EXIT.findings;
  }
  const left = items.some(({ would }) => /^(parked|quarantined|refused)$/.test(would));
  return left ? EXIT.findings : EXIT.done;
}

const verdictTable = (terminal: Pick<Terminal, 'colors'>, items: readonly Verdict[]): string =>
  tableOf(
    terminal,
    [{ title: '#', align: 'right' }, { title: 'was' }, { title: 'redriven' }, { title: 'verdict' }],
    items.map(({ id, status, redriven, verdict }) => [
      String(id),
      status ?? '—',
      redriven ? 'yes' : 'no',
      verdict,
    ]),
  );

interface Excluded {
  readonly items: readonly {
    readonly id: number;
    readonly status: string | null;
    readonly excluded: boolean;
    readonly detail: string | null;
  }[];
}

export async function exclude(
  invocation: Invocation,
  ids: readonly number[],
  { reason, apply }: { readonly reason: string; readonly apply?: boolean },
): Promise<Outcome> {
  const { terminal } = invocation;
  const dryRun = apply !== true;
  const { client } = await connect(invocation, dryRun ? 'dry run' : 'exclude');
  const items: Excluded['items'][number][] = [];
  for (const some of chunks(ids)) {
    const body = { ids: some, reason, dryRun };
    items.push(...(await client.post<Excluded>(`${DELIVERIES}/exclude`, body)).items);
  }
  const sayOf = ({ status, excluded, detail }: Excluded['items'][number]): string => {
    if (detail !== null) return detail;
    if (status === 'excluded') return 'is excluded already';
    return excluded ? 'excluded' : 'would be excluded';
  };
  terminal.answer('flywheel.webhooks-exclude/1', { dryRun, reason, items }, () =>
    tableOf(
      terminal,
      [{ title: '#', align: 'right' }, { title: 'was' }, { title: 'verdict' }],
      items.map((item) => [String(item.id), item.status ?? '—', sayOf(item)]),
    ),
  );
  const refused = items.some(({ detail }) => detail !== null);
  const pending = dryRun && items.some(({ status }) => status !== 'excluded');
  if (pending && !refused) terminal.note('next: the same command with --apply');
  return refused || pending ? EXIT.findings : EXIT.done;
}

function chunks(ids: readonly number[]): number[][] {
  const distinct = [...new Set(ids)];
  return Array.from({ length: Math.ceil(distinct.length / MAX_ORDERED) }, (_, n) =>
    distinct.slice(n * MAX_ORDERED, (n + 1) * MAX_ORDERED),
  );
}
