/**
 * The log as lines: one JSON object an event, in order of position, up to the head as it was at the
 * start. The log only grows, and behind its head nothing is ever added; so no transaction is held,
 * however slowly somebody reads, and a reading that broke off goes on after the last line it had.
 * The text of an event is canonical: the same part of the log is the same bytes, whenever and by
 * whomever it is exported.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import {
  canonicalBytes,
  canonicalJson,
  EVENT_COLUMNS,
  type EventRow,
  type RecordedEvent,
  recordedEvent,
} from '#libs/event-store';
import { DomainError } from '#libs/ledger';
import type { AsOf, Browser } from './browse.js';
import { checkFilter, type EventFilter, isEmptySpan, type Span, spanOf } from './filter.js';
import { behind } from './scan.js';

/** Each reads as fast as its reader takes it. */
export const MAX_EXPORTS = 3;
/** Positions of one statement, and the bytes of data after which it ends. */
const BATCH_EVENTS = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

export interface LogExport {
  /** The last position it may hold, and when that was recorded. */
  readonly asOf: AsOf;
  /** Whole lines, each with its newline. */
  readonly chunks: AsyncIterable<string>;
  /** May be called at any time and more than once. */
  readonly close: () => void;
}

/** Exports of one process. */
export class Exports {
  private open = 0;

  constructor(private readonly browser: Browser) {}

  /** Whoever gets it must close it. Throws `filter_invalid`, and `exports_busy` while there are too many. */
  async start(filter: EventFilter): Promise<LogExport> {
    checkFilter(filter);
    if (this.open >= MAX_EXPORTS)
      throw new DomainError('exports_busy', `${MAX_EXPORTS} exports are under way: try again soon`);
    this.open += 1;
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.open -= 1;
      isOpen = false;
    };
    try {
      const asOf = await this.browser.head();
      const span = await spanOf(this.browser.db, filter, asOf.position);
      const stillOpen = (): boolean => isOpen;
      return { asOf, chunks: linesOfLog(this.browser, filter, span, { stillOpen, close }), close };
    } catch (error) {
      close();
      throw error;
    }
  }
}

async function* linesOfLog(
  { db, scanner }: Browser,
  filter: EventFilter,
  span: Span,
  { stillOpen, close }: { readonly stillOpen: () => boolean; readonly close: () => void },
): AsyncGenerator<string, void, undefined> {
  try {
    for (let left = span; stillOpen() && !isEmptySpan(left); ) {
      const { positions, reached } = await scanner.find(filter, left, 'oldest', BATCH_EVENTS);
      for (let rest = positions; stillOpen() && rest.length > 0; ) {
        const events = await eventsOf(db, rest);
        if (events.length === 0) throw new Error(`no event at position ${rest[0]}`);
        yield events.map(lineOf).join('');
        rest = rest.slice(events.length);
      }
      if (reached === undefined) return;
      left = behind(left, reached, 'oldest');
    }
  } finally {
    close();
  }
}

/** The first of these events: at least one, and no more than the bytes allow. */
async function eventsOf(db: Database, positions: readonly bigint[]): Promise<RecordedEvent[]> {
  const { rows } = await sql<EventRow>`
    /* planned anew */ select ${EVENT_COLUMNS} from (
      select *, sum(pg_column_size(data)) over (order by position) - pg_column_size(data) as before
      from events where position = any(${positions}::bigint[])) e
    where before < ${BATCH_BYTES}::bigint order by position`.execute(db);
  return rows.map(recordedEvent);
}

/** `sha256` is that of the event's canonical form (libs/event-store/src/canonical.ts), in hex. */
export function lineOf(event: RecordedEvent): string {
  const { position, id, stream, revision, type, effectiveAt, recordedAt, data, metadata } = event;
  const head = JSON.stringify({
    position: Number(position),
    id,
    stream,
    revision: Number(revision),
    type,
    effectiveAt: new Date(effectiveAt * 1000).toISOString().replace('.000Z', 'Z'),
    recordedAt: new Date(recordedAt).toISOString(),
  });
  const sha256 = createHash('sha256').update(canonicalBytes(event)).digest('hex');
  const texts = `"data":${canonicalJson(data, 'data')},"metadata":${canonicalJson(metadata, 'metadata')}`;
  return `${head.slice(0, -1)},${texts},"sha256":"${sha256}"}\n`;
}
