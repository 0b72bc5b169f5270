/** Sends the lines of a source to the server, chunk by chunk, from where it stopped. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, type ApiClient, pathOf, refusalOf } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';
import type { LineChunk, LineSource } from './source.js';

/** As the server says it. */
export interface Import {
  readonly id: string;
  readonly name: string;
  readonly bytes: number | null;
  readonly position: number;
  readonly lines: number;
  readonly stored: number;
  readonly known: number;
  readonly unreadable: number;
  readonly problems: readonly {
    readonly line: number;
    readonly code: string;
    readonly detail: string;
  }[];
  readonly complete: boolean;
  readonly decided: number;
  readonly settled: boolean;
  readonly outcomes: Outcomes | null;
}

export interface Outcomes {
  readonly counts: readonly {
    readonly outcome: string;
    readonly type: string | null;
    readonly code: string | null;
    readonly count: number;
  }[];
  readonly named: readonly {
    readonly line: number;
    readonly outcome: string;
    readonly code: string | null;
    readonly detail: string | null;
    readonly deliveryId: string;
  }[];
  readonly position: number;
}

export interface ImportAsked {
  readonly type?: string | undefined;
  readonly creatorId?: string | undefined;
}

const IMPORTS = pathOf('api', 'admin', 'imports');
/** Chunks under way: while one is committed the next is on its way. */
const IN_FLIGHT = 2;
/** A server that is started again takes a few seconds. */
const ATTEMPTS = 12;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Begins the import of a source, or finds the one that has read it before. */
export const openImport = (
  client: ApiClient,
  { name, sha256, bytes }: LineSource,
  { type, creatorId }: ImportAsked,
): Promise<Import> => client.post<Import>(IMPORTS, { name, sha256, bytes, type, creatorId });

export const findImport = (client: ApiClient, id: string): Promise<Import> =>
  client.get<Import>(`${IMPORTS}/${id}`);

/** Resolves once every line is stored durably. Throws `import_elsewhere` where another run stores it. */
export async function sendImport(
  client: ApiClient,
  begun: Pick<Import, 'id' | 'position'>,
  source: LineSource,
): Promise<void> {
  const sending = new Set<Promise<void>>();
  let before: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  for await (const chunk of source.chunks(begun.position)) {
    const sent = sendChunk(client, begun.id, chunk, before).catch((error: unknown) => {
      failure ??= { error };
    });
    before = sent;
    sending.add(sent);
    void sent.then(() => sending.delete(sent));
    if (sending.size >= IN_FLIGHT) await Promise.race(sending);
    if (failure !== undefined) break;
  }
  await Promise.all(sending);
  if (failure !== undefined) throw failure.error;
}

async function sendChunk(
  client: ApiClient,
  id: string,
  { from, bytes, last }: LineChunk,
  before: Promise<void>,
): Promise<void> {
  const path = `${IMPORTS}/${id}/lines`;
  for (let attempt = 1; ; attempt++) {
    const answer = await client
      .sendLines(path, { from, last: String(last) }, bytes)
      .catch((error: CliError) => {
        if (attempt >= ATTEMPTS) throw error;
        return undefined;
      });
    if (answer?.status === 200) return;
    if (answer !== undefined && isMoved(answer)) {
      await before;
      const { position, complete } = await findImport(client, id);
      // Stored before: an answer was lost, or another run of the same import was faster.
      if (position > from || (complete && position === from)) {
        if (position >= from + bytes.length) return;
        throw elsewhere(id);
      }
      if (position < from) throw elsewhere(id);
      continue; // it had overtaken the one before
    }
    if (answer !== undefined && (!isPassing(answer) || attempt >= ATTEMPTS))
      throw refusalOf(answer, path);
    await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
  }
}

const isMoved = ({ status, text }: Answer): boolean =>
  status === 409 && text.includes('import_moved');
const isPassing = ({ status }: Answer): boolean => status === 503 || status === 429;

const elsewhere = (id: string): CliError =>
  new CliError(EXIT.busy, `Import ${id} is under way elsewhere.`, {
    code: 'import_elsewhere',
    why: 'It stands at a byte at which none of our chunks begins.',
    next: 'let the other run end, then run this one again',
  });
