/**
 * `flywheel events export`. Lines go to a file beside the one that is named, which is moved there
 * when it is whole: a file of that name is never half of an export. What was written before an
 * interruption stays, and the same command goes on after its last whole line.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import path from 'node:path';
import type { ApiClient, Query } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import { count, duration } from '../format.js';
import { perSecond, rate, withProgress } from '../import/progress.js';
import { connect, type Invocation, type Outcome } from '../invocation.js';
import { listenForInterrupts } from '../supervisor/interrupts.js';
import { EVENTS, type EventFilters, queryOf } from './events.command.js';
import type { Events } from './events.said.js';

export interface ExportOptions extends EventFilters {
  readonly out?: string;
  readonly after?: number;
}

const SCHEMA = 'flywheel.events-export/1';
const TYPE = 'application/x-ndjson';
/** Longer than any line: an event has at most 900 KiB. */
const TAIL_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;

export async function exportEvents(
  invocation: Invocation,
  options: ExportOptions,
): Promise<Outcome> {
  const { terminal, globals } = invocation;
  const { out, after = 0 } = options;
  if (out === undefined && terminal.json)
    throw new CliError(EXIT.usage, 'The export is JSON already, a line an event.', {
      code: 'format_ambiguous',
      next: 'leave out --json, or name a file with --out',
    });
  const { client } = await connect(invocation, globals.creator);
  const query = queryOf(options, globals.creator);
  try {
    if (out === undefined) {
      for await (const bytes of client.download(EVENTS, { ...query, after }, TYPE))
        await terminal.data(bytes);
      return EXIT.done;
    }
    return await toFile(invocation, client, { query, after, file: out });
  } finally {
    client.close();
  }
}

interface Wanted {
  readonly query: Query;
  readonly after: number;
  readonly file: string;
}

async function toFile(
  { terminal }: Invocation,
  client: ApiClient,
  { query, after, file }: Wanted,
): Promise<Outcome> {
  const begun = performance.now();
  // Where the log ends now is where the export ends, however long it takes.
  const { asOf } = await client.get<Events>(EVENTS, { limit: 1 });
  const part = partOf(file, { ...query, after, url: client.url });
  const handle = await openPart(part);
  const interrupts = listenForInterrupts(() => process.exit(EXIT.interrupted));
  try {
    const from = await lastWhole(handle);
    if (from.position !== undefined)
      terminal.note(`going on after position ${from.position}, at byte ${count(from.bytes)}`);
    const start = from.position ?? after;
    const written = new Written(handle, from.bytes, start);
    const asked = { ...query, after: start, through: asOf.position };
    const look = async () => ({
      title: 'export',
      text: `${count(written.events)} events (${rate(written.events, begun)})`,
      figures: { events: written.events, position: written.position, bytes: written.bytes },
      share: (written.position - after) / Math.max(1, asOf.position - after),
    });
    await withProgress(terminal, SCHEMA, look, written.all(client, asked, interrupts.signal));
    if (interrupts.signal.aborted) {
      terminal.note(`interrupted; the same command goes on after position ${written.position}`);
      return EXIT.interrupted;
    }
    await handle.sync();
    await rename(part, file);
    const tookMs = Math.round(performance.now() - begun);
    const { events, bytes } = written;
    const result = { file, after, through: asOf.position, events, bytes, tookMs };
    terminal.answer(
      SCHEMA,
      { type: 'result', ...result, eventsPerSecond: perSecond(events, begun) },
      () =>
        `${file}: ${count(events)} events written, ${count(bytes)} bytes in all, in ${duration(tookMs)}`,
    );
    return EXIT.done;
  } finally {
    interrupts.end();
    await handle.close();
  }
}

/** Of this very question: another one begins anew. */
function partOf(file: string, question: object): string {
  const mark = createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 8);
  return path.join(path.dirname(file), `.${path.basename(file)}.${mark}.part`);
}

async function openPart(part: string): Promise<FileHandle> {
  try {
    // Not truncated: what is in it counts.
    return await open(part, 'a+', 0o600);
  } catch (cause) {
    throw new CliError(EXIT.failed, `${part} cannot be written.`, {
      code: 'file_unwritable',
      why: (cause as Error).message,
      next: 'name a file in a folder that you may write to',
      cause,
    });
  }
}

/** Where its last whole line ends, and of which position that is; what comes behind is cut off. */
async function lastWhole(
  handle: FileHandle,
): Promise<{ readonly bytes: number; readonly position: number | undefined }> {
  const { size } = await handle.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const end = buffer.lastIndexOf(NEWLINE);
  const begin = end <= 0 ? -1 : buffer.lastIndexOf(NEWLINE, end - 1);
  const position = positionIn(buffer.subarray(begin + 1, Math.max(0, end)));
  const bytes = position === undefined ? 0 : size - length + end + 1;
  await handle.truncate(bytes);
  return { bytes, position };
}

/** Every line begins with its position. */
function positionIn(line: Buffer): number | undefined {
  const digits = /^\{"position":(\d{1,15}),/.exec(line.subarray(0, 40).toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What is in the file: whole lines, and how many came. */
class Written {
  events = 0;
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly handle: FileHandle,
    public bytes: number,
    public position: number,
  ) {}

  /** Throws CliError `export_incomplete` when events are missing. */
  async all(client: ApiClient, asked: Query, signal: AbortSignal): Promise<void> {
    const before = this.position;
    for await (const bytes of client.download(EVENTS, asked, TYPE)) {
      await this.add(Buffer.from(bytes));
      if (signal.aborted) return;
    }
    const { after: _after, through, ...filters } = asked;
    const isWhole = Object.values(filters).every((filter) => filter === undefined);
    const wanted = Math.max(0, Number(through) - before);
    if (this.rest.length === 0 && (!isWhole || this.events === wanted)) return;
    throw new CliError(EXIT.failed, 'The export is not whole: what came has a gap.', {
      code: 'export_incomplete',
      why: `${this.events} events came, up to position ${this.position}`,
      next: 'the same command again',
    });
  }

  private async add(bytes: Buffer): Promise<void> {
    const held = Buffer.concat([this.rest, bytes]);
    const end = held.lastIndexOf(NEWLINE) + 1;
    this.rest = held.subarray(end);
    if (end === 0) return;
    const whole = held.subarray(0, end);
    await this.handle.appendFile(whole);
    this.bytes += whole.length;
    for (let at = whole.indexOf(NEWLINE); at >= 0; at = whole.indexOf(NEWLINE, at + 1))
      this.events += 1;
    const begin = whole.length < 2 ? -1 : whole.lastIndexOf(NEWLINE, whole.length - 2);
    this.position = positionIn(whole.subarray(begin + 1)) ?? this.position;
  }
}
