/** Waiting between attempts. */
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MS = 20;
const MAX_MS = 2_000;

/** Longer with every failed attempt, from 1; ends at once when the signal aborts. */
export const backoff = (attempt: number, signal: AbortSignal): Promise<void> =>
  pause(Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20)), signal);

/** Resolves after the time, or when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Aborted: the caller looks at its signal.
  }
}
