/** Answers of the audit trail, as far as commands print them, and how they print an event. */
import { count, instant, money } from '../format.js';
import { factsOf, tableOf } from '../table.js';
import type { Terminal } from '../terminal.js';

export interface Event {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly says: string;
  readonly cause: {
    readonly kind: 'delivery' | 'command' | 'unknown';
    readonly delivery: number | null;
    readonly command: string | null;
    readonly actor: string | null;
    readonly reason: string | null;
  };
}

export interface Events {
  readonly items: readonly Event[];
  readonly nextCursor: string | null;
  readonly scannedTo: number | null;
  readonly asOf: { readonly position: number };
}

interface Placed {
  readonly position: number;
  readonly type: string;
}

export interface EventInFull extends Event {
  readonly stored: { readonly data: object; readonly metadata: object; readonly sha256: string };
  readonly lines: readonly {
    readonly kind: string;
    readonly sourceId: string;
    readonly day: string;
    readonly referrerId: string | null;
    readonly currency: string | null;
    readonly count: number;
    readonly saleMinor: number;
    readonly memberMinor: number;
  }[];
  readonly changes: readonly {
    readonly creatorId: string;
    readonly memberId: string | null;
    readonly field: string;
    readonly month: string | null;
    readonly currency: string | null;
    readonly delta: number | null;
    readonly value: unknown;
  }[];
  readonly delivery: {
    readonly deliveryId: string;
    readonly type: string | null;
    readonly status: string;
    readonly receivedAt: string;
  } | null;
  readonly sameCause: { readonly items: readonly Placed[]; readonly isCut: boolean };
  readonly previous: Placed | null;
  readonly next: Placed | null;
  readonly people: readonly { readonly memberId: string; readonly name: string }[];
}

const TYPE_WIDTH = 22;

/** One line of a tail. */
export function lineOf(terminal: Pick<Terminal, 'colors'>, event: Event, zone: string): string {
  const { position, recordedAt, type, says } = event;
  const { dim, bold } = terminal.colors;
  const at = instant(recordedAt, zone);
  return `${String(position).padStart(8)}  ${dim(at)}  ${bold(type.padEnd(TYPE_WIDTH))}  ${says}`;
}

/** Everything about one event, for people. */
export function eventText(terminal: Terminal, found: EventInFull, zone: string): string {
  const { people, delivery, sameCause, previous, next, lines, changes, stored } = found;
  const placed = (one: Placed | null): string => (one ? `${one.position} ${one.type}` : '—');
  const names = people.map(({ memberId, name }) => `${memberId} is ${name}`).join(', ');
  const facts = factsOf(terminal, [
    ['event', `${found.position} · ${found.id}`],
    ['type', found.type],
    ['says', found.says],
    ['stream', `${found.stream}, revision ${found.revision}`],
    ['tells of', instant(found.effectiveAt, zone)],
    ['recorded', instant(found.recordedAt, zone)],
    ['cause', causeText(found, zone)],
    ...(delivery === null ? [] : [['status', delivery.status] as const]),
    ['with it', sameCauseText(sameCause)],
    ['before', placed(previous)],
    ['after', placed(next)],
    ...(names === '' ? [] : [['people', names] as const]),
    ['sha-256', stored.sha256],
  ]);
  const parts = [facts];
  if (lines.length > 0) parts.push(linesTable(terminal, lines));
  if (changes.length > 0) parts.push(changesTable(terminal, changes));
  parts.push(JSON.stringify(stored.data, null, 2));
  return parts.join('\n\n');
}

function causeText({ cause, delivery }: EventInFull, zone: string): string {
  if (cause.kind === 'unknown') return 'not known';
  if (cause.kind !== 'delivery') {
    const why = cause.reason === null ? '' : `: ${cause.reason}`;
    return `${cause.command} by ${cause.actor}${why}`;
  }
  if (delivery === null) return `delivery ${cause.delivery}, of which there is no record here`;
  const { type, deliveryId, receivedAt } = delivery;
  return `delivery ${cause.delivery}, ${type ?? 'of the ledger itself'} (${deliveryId}), received ${instant(receivedAt, zone)}`;
}

function sameCauseText({ items, isCut }: EventInFull['sameCause']): string {
  if (items.length === 0) return '—';
  const named = items.map(({ position, type }) => `${position} ${type}`).join(', ');
  return isCut ? `${named}, and more` : named;
}

const amount = (minor: number, currency: string | null): string =>
  currency === null ? '' : money(minor, currency);

const linesTable = (terminal: Terminal, lines: EventInFull['lines']): string =>
  tableOf(
    terminal,
    [
      { title: 'line' },
      { title: 'of' },
      { title: 'day' },
      { title: 'referrer' },
      { title: 'count', align: 'right' },
      { title: 'sale', align: 'right' },
      { title: 'referrer earns', align: 'right' },
    ],
    lines.map((line) => [
      line.kind,
      line.sourceId,
      line.day,
      line.referrerId ?? '—',
      String(line.count),
      amount(line.saleMinor, line.currency),
      amount(line.memberMinor, line.currency),
    ]),
  );

const changesTable = (terminal: Terminal, changes: EventInFull['changes']): string =>
  tableOf(
    terminal,
    [
      { title: 'figure' },
      { title: 'of' },
      { title: 'month' },
      { title: 'changes', align: 'right' },
    ],
    changes.map((change) => [
      change.field,
      change.memberId ?? change.creatorId,
      change.month ?? '',
      changeText(change),
    ]),
  );

function changeText({ delta, currency, value }: EventInFull['changes'][number]): string {
  if (delta === null) return typeof value === 'string' ? value : JSON.stringify(value);
  const sign = delta > 0 ? '+' : '';
  return sign + (currency === null ? count(delta) : money(delta, currency));
}
