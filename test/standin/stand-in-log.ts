/**
 * The log of the stand-in: streams of events in one order, with the promises that EventStoreDB makes
 * about expected revisions. Positions are sparse on purpose, as byte offsets are, and events of the
 * system lie between those of ours: whoever counts positions, or reads everything, is found out.
 * With a file it survives a kill: an append is one line, and half a line was never acknowledged.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';

export interface StandInEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** Commit and prepare position. */
  readonly position: bigint;
  /** Unix milliseconds. */
  readonly created: number;
}

export type Proposed = Pick<StandInEvent, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;
export type Expected = bigint | 'no_stream' | 'any' | 'stream_exists';
export type AppendResult =
  | { readonly revision: bigint; readonly position: bigint }
  | { readonly wrongVersion: true; readonly current: bigint | undefined }
  | { readonly tooLarge: number };

/** MaxAppendSize of servers up to 24.6. */
export const MAX_APPEND_SIZE = 1024 * 1024;
/** So many appends, then an event of the system. */
const APPENDS_PER_SYSTEM_EVENT = 7;

export class StandInLog {
  readonly events: StandInEvent[] = [];
  private readonly streams = new Map<string, StandInEvent[]>();
  private readonly waiting = new Set<() => void>();
  private appends = 0;

  constructor(
    private readonly now: () => number,
    private readonly file?: string,
  ) {
    if (file !== undefined && existsSync(file)) this.recover(file);
  }

  /** Events of a stream in order; undefined: there is none. */
  stream(name: string): readonly StandInEvent[] | undefined {
    return this.streams.get(name);
  }

  append(stream: string, expected: Expected, proposed: readonly Proposed[]): AppendResult {
    const size = proposed.reduce((n, e) => n + e.data.length + e.metadata.length, 0);
    if (size > MAX_APPEND_SIZE) return { tooLarge: MAX_APPEND_SIZE };
    const existing = this.streams.get(stream) ?? [];
    const current = BigInt(existing.length) - 1n;
    const wrong = { wrongVersion: true, current: current < 0n ? undefined : current } as const;
    if (expected === 'stream_exists' && current < 0n) return wrong;
    if (expected === 'any' || expected === 'stream_exists') return this.write(stream, proposed);
    const at = expected === 'no_stream' ? -1n : expected;
    if (at === current) return this.write(stream, proposed);
    if (at > current) return wrong;
    // Said before: all of them, at exactly these revisions.
    const said = existing.slice(Number(at + 1n), Number(at + 1n) + proposed.length);
    const last = said.at(-1);
    const isSame =
      said.length === proposed.length && said.every((event, i) => event.id === proposed[i]?.id);
    if (!isSame || last === undefined) return wrong;
    return { revision: last.revision, position: last.position };
  }

  /** Resolves when there is more than so many events. */
  async more(count: number, signal: AbortSignal): Promise<void> {
    if (this.events.length > count || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  private write(stream: string, proposed: readonly Proposed[]): AppendResult {
    const written = this.add(stream, proposed, this.now());
    const last = written.at(-1);
    if (last === undefined) throw new Error('an append without events');
    this.appends += 1;
    const isDue = this.appends % APPENDS_PER_SYSTEM_EVENT === 0;
    const system = isDue ? this.add('$stats-0.0.0.0:2113', [systemEvent(this.appends)], 0) : [];
    if (this.file !== undefined) appendFileSync(this.file, lineOf([...written, ...system]));
    for (const wake of [...this.waiting]) wake();
    return { revision: last.revision, position: last.position };
  }

  private add(stream: string, proposed: readonly Proposed[], created: number): StandInEvent[] {
    const existing = this.streams.get(stream) ?? [];
    const added = proposed.map((event) => {
      const end = this.events.at(-1)?.position ?? 0n;
      const position = end + 100n + BigInt(event.data.length + event.metadata.length);
      const revision = BigInt(existing.length);
      const stored = { ...event, stream, revision, position, created };
      existing.push(stored);
      this.events.push(stored);
      return stored;
    });
    this.streams.set(stream, existing);
    return added;
  }

  private recover(file: string): void {
    const text = readFileSync(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    for (const line of whole.split('\n')) {
      if (line === '') continue;
      for (const { stream, created, data, metadata, ...event } of JSON.parse(line) as Line[]) {
        const bytes = {
          data: Buffer.from(data, 'base64'),
          metadata: Buffer.from(metadata, 'base64'),
        };
        this.add(stream, [{ ...event, ...bytes }], created);
      }
      this.appends += 1;
    }
  }
}

interface Line extends Omit<Proposed, 'data' | 'metadata'> {
  readonly stream: string;
  readonly created: number;
  readonly data: string;
  readonly metadata: string;
}

const lineOf = (events: readonly StandInEvent[]): string =>
  `${JSON.stringify(
    events.map(({ stream, created, id, type, contentType, data, metadata }) => ({
      ...{ stream, created, id, type, contentType },
      data: Buffer.from(data).toString('base64'),
      metadata: Buffer.from(metadata).toString('base64'),
    })),
  )}\n`;

const systemEvent = (n: number): Proposed => ({
  id: `00000000-0000-4000-9000-${n.toString(16).padStart(12, '0')}`,
  type: '$statsCollected',
  contentType: 'application/json',
  data: Buffer.from('{"proc":{}}'),
  metadata: new Uint8Array(),
});
