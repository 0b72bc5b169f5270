/** Sends signed deliveries to the endpoint, some at a time, until each is stored. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Rendered, signRendered } from '#libs/ingestion';
import { type Clock, instantOf } from '#libs/ledger';
import { type Answer, type ApiClient, refusalOf } from '../api-client.js';
import { CliError, EXIT } from '../exit.js';

export const WEBHOOK_PATH = '/api/webhooks/whop';
export const SETTLED_HEADER = 'flywheel-settled';
/** Requests under way: the server commits together what arrives meanwhile. */
export const IN_FLIGHT = 64;
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 100;

export interface SendOptions {
  readonly secret: string;
  /** The real clock: signatures expire by it. */
  readonly clock: Clock;
  readonly inFlight?: number;
  readonly onProgress?: (sent: number) => void;
  readonly signal?: AbortSignal;
}

export interface Sent {
  readonly sent: number;
  readonly stored: number;
  readonly duplicates: number;
  /** Tokens of the last deliveries: once they are settled, all are. */
  readonly settled: readonly string[];
}

export async function sendAll(
  client: ApiClient,
  deliveries: Iterable<Rendered>,
  options: SendOptions,
): Promise<Sent> {
  const { inFlight = IN_FLIGHT, onProgress, signal } = options;
  const iterator = deliveries[Symbol.iterator]();
  const counts = { stored: 0, duplicate: 0 };
  const tokens: string[] = [];
  let failed = false;
  const sender = async (lane: number): Promise<void> => {
    while (!failed) {
      signal?.throwIfAborted();
      const next = iterator.next();
      if (next.done === true) return;
      const { status, token } = await sendOne(client, next.value, options);
      counts[status]++;
      if (token !== undefined) tokens[lane] = token;
      onProgress?.(counts.stored + counts.duplicate);
    }
  };
  const lanes = Array.from({ length: inFlight }, (_, lane) =>
    sender(lane).catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(lanes);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const { stored, duplicate: duplicates } = counts;
  return { sent: stored + duplicates, stored, duplicates, settled: tokens.filter(Boolean) };
}

export interface SentOne {
  readonly status: 'stored' | 'duplicate';
  readonly token: string | undefined;
}

/** Repeats a delivery that could not be stored, as its sender would; the same one is stored once. */
export async function sendOne(
  client: ApiClient,
  rendered: Rendered,
  { secret, clock, signal }: Pick<SendOptions, 'secret' | 'clock' | 'signal'>,
): Promise<SentOne> {
  for (let attempt = 1; ; attempt++) {
    const timestamp = instantOf(clock.now());
    const { body, headers } = signRendered(rendered, { secret, timestamp });
    const answer = await client.deliver(WEBHOOK_PATH, body, headers).catch((error: CliError) => {
      if (attempt >= ATTEMPTS || signal?.aborted) throw error;
      return undefined;
    });
    if (answer?.status === 200) return outcomeOf(answer);
    if (answer !== undefined && (answer.status !== 503 || attempt >= ATTEMPTS))
      throw answer.status === 401 ? signatureRefused(client.url) : refusalOf(answer, WEBHOOK_PATH);
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
  }
}

function outcomeOf({ text, headers }: Answer): SentOne {
  const { status }: { status: 'stored' | 'duplicate' } = JSON.parse(text);
  const token = headers[SETTLED_HEADER];
  return { status, token: typeof token === 'string' ? token : undefined };
}

const signatureRefused = (url: string): CliError =>
  new CliError(EXIT.notAllowed, `${url} refuses the signature of our deliveries.`, {
    code: 'signature_refused',
    why: 'It is signed with another secret than the server knows, or the clocks differ.',
    next: 'set WHOP_WEBHOOK_SECRET as the server has it',
  });
