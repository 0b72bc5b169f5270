/** When a process that died is started again: at once, then ever later, and not for ever. */

const WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
/** Restarts within a minute; one more death, and we give up. */
export const MAX_RESTARTS = 5;

export class Restarts {
  readonly #at: number[] = [];

  constructor(private readonly max = MAX_RESTARTS) {}

  /** Milliseconds to wait before the restart, or undefined: it dies too often. */
  next(nowMs: number): number | undefined {
    while (this.#at[0] !== undefined && this.#at[0] <= nowMs - WINDOW_MS) this.#at.shift();
    if (this.#at.length >= this.max) return undefined;
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.#at.length, LONGEST_DELAY_MS);
    this.#at.push(nowMs);
    return delay;
  }
}

/** A budget for each part: one that dies all the time takes nothing from the others. */
export class RestartBudgets {
  readonly #parts = new Map<string, Restarts>();

  constructor(private readonly max = MAX_RESTARTS) {}

  /** As `Restarts.next`, for the part of that name. */
  next(part: string, nowMs: number): number | undefined {
    const restarts = this.#parts.get(part) ?? new Restarts(this.max);
    this.#parts.set(part, restarts);
    return restarts.next(nowMs);
  }
}
