/** Waits for a fact, not for a time. */
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 50;

/** Looks until it is so; what takes longer than the limit has failed. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = 120_000,
): Promise<void> {
  const begun = performance.now();
  while (!(await isSo())) {
    if (performance.now() - begun > limitMs) throw new Error(`waited in vain until ${what}`);
    await pause(LOOK_MS);
  }
}
