/**
 * A log that is not flooded: the first of equal lines is written at once, those that follow within a
 * second are counted, and one line says how many there were. Senders come again at once while the
 * database is down; two lines for each of them would bury what matters.
 */

export interface FloodOptions {
  readonly everyMs?: number;
}

interface Held {
  count: number;
  /** Writes the line of the last one, with the count of all that were held back. */
  write: (count: number) => void;
  readonly timer: NodeJS.Timeout;
}

const EVERY_MS = 1_000;

export class Flood {
  readonly #held = new Map<string, Held>();
  readonly #everyMs: number;

  constructor({ everyMs = EVERY_MS }: FloodOptions = {}) {
    this.#everyMs = everyMs;
  }

  /** `write` is called at once, or later for the last of several, with how many it stands for. */
  say(key: string, write: (count: number) => void): void {
    const held = this.#held.get(key);
    if (held !== undefined) {
      held.count += 1;
      held.write = write;
      return;
    }
    write(1);
    this.#hold(key, write);
  }

  /** Writes what is held back, and holds nothing any more. */
  flush(): void {
    for (const [key, { timer }] of [...this.#held]) {
      clearTimeout(timer);
      this.#release(key);
    }
  }

  #hold(key: string, write: (count: number) => void): void {
    const timer = setTimeout(() => {
      const { count = 0, write: last } = this.#held.get(key) ?? {};
      this.#release(key);
      // Still flowing: the next second is counted too.
      if (count > 0 && last !== undefined) this.#hold(key, last);
    }, this.#everyMs);
    timer.unref();
    this.#held.set(key, { count: 0, write, timer });
  }

  #release(key: string): void {
    const held = this.#held.get(key);
    this.#held.delete(key);
    if (held !== undefined && held.count > 0) held.write(held.count);
  }
}
