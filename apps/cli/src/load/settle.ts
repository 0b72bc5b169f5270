/** Waits until deliveries are booked and every read model shows them. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiClient, pathOf, refusalOf } from '../api-client.js';
import type { Projections } from '../commands/status.command.js';
import { CliError, EXIT } from '../exit.js';

const PROJECTIONS = pathOf('api', 'admin', 'projections');
const POLL_MS = 100;
/** Without any progress for so long, something is stuck. */
const STUCK_MS = 60_000;

export interface SettleOptions {
  readonly onProgress?: (projections: Projections) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for the tokens, then until nothing is pending and nothing lags. Throws `not_settled`. */
export async function untilSettled(
  client: ApiClient,
  tokens: readonly string[],
  { onProgress, signal }: SettleOptions = {},
): Promise<Projections> {
  const patience = new Patience();
  const look = async (): Promise<Projections> => {
    const found = await client.get<Projections>(PROJECTIONS);
    onProgress?.(found);
    patience.see(found);
    return found;
  };
  for (const token of tokens) {
    while (!(await isSettled(client, token))) {
      signal?.throwIfAborted();
      await look();
    }
  }
  for (;;) {
    signal?.throwIfAborted();
    const found = await look();
    if (found.pendingDeliveries === 0 && found.projections.every(({ lag }) => lag === 0))
      return found;
    await pause(POLL_MS);
  }
}

/** The server waits itself for some seconds; false: not yet. */
export async function isSettled(client: ApiClient, token: string): Promise<boolean> {
  const answer = await client.ask(PROJECTIONS, { settled: token });
  if (answer.status < 400) return true;
  const refusal = refusalOf(answer, PROJECTIONS);
  if (refusal.code === 'not_settled') return false;
  throw refusal;
}

/** Gives up on a ledger that stands still; a large one may take as long as it moves. */
class Patience {
  #seen = '';
  #since = performance.now();

  see({ head, pendingDeliveries, projections }: Projections): void {
    const now = performance.now();
    const positions = projections.map(({ position }) => position);
    const seen = [head, pendingDeliveries, ...positions].join(' ');
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#since = now;
    } else if (now - this.#since > STUCK_MS) {
      throw new CliError(EXIT.failed, 'The read models do not catch up.', {
        code: 'not_settled',
        why: `${pendingDeliveries} deliveries are pending, and nothing has moved for a minute.`,
        next: 'flywheel status; is the worker running?',
      });
    }
  }
}
