/**
 * How often somebody may do something: so many at once, and so many a second from then on. It is
 * the generic cell rate algorithm: of each key only the time is kept at which it will have made good
 * what it took. A fixed window would let twice as much through where two windows meet.
 *
 * The keys come from outside, so there is a bound to them: the one that was seen the longest ago
 * is forgotten, and begins again with the whole of it.
 */
export interface Allowance {
  /** At once, by somebody who has been quiet. */
  readonly burst: number;
  readonly perSecond: number;
}

/** At most some megabytes for each kind of budget. */
const MAX_KEYS = 10_000;

export class Budget {
  /** When it will be whole again, in milliseconds; the least recently used key first. */
  readonly #wholeAt = new Map<string, number>();

  constructor(
    private readonly allowance: Allowance,
    /** Milliseconds of a clock that is never set back. */
    private readonly now: () => number,
    private readonly maxKeys = MAX_KEYS,
  ) {}

  /**
   * Takes one. 0: it was there; else the seconds, rounded up, after which there will be one again,
   * and nothing was taken. `times`: how many times the allowance this key has.
   */
  take(key: string, times = 1): number {
    const now = this.now();
    const each = 1000 / (this.allowance.perSecond * times);
    const wholeAt = Math.max(now, this.#wholeAt.get(key) ?? now) + each;
    const wait = wholeAt - now - each * this.allowance.burst * times;
    // Rounding of fractions of a millisecond is no reason to refuse anybody.
    if (wait > 1e-6) return Math.ceil(wait / 1000);
    this.#keep(key, wholeAt);
    return 0;
  }

  /** Seconds until there will be one, 0 if there is; takes nothing. */
  wait(key: string): number {
    const each = 1000 / this.allowance.perSecond;
    const wholeAt = this.#wholeAt.get(key);
    if (wholeAt === undefined) return 0;
    const wait = wholeAt - this.now() - each * (this.allowance.burst - 1);
    return wait > 1e-6 ? Math.ceil(wait / 1000) : 0;
  }

  get size(): number {
    return this.#wholeAt.size;
  }

  #keep(key: string, wholeAt: number): void {
    this.#wholeAt.delete(key);
    this.#wholeAt.set(key, wholeAt);
    if (this.#wholeAt.size <= this.maxKeys) return;
    for (const oldest of this.#wholeAt.keys()) {
      this.#wholeAt.delete(oldest);
      return;
    }
  }
}

/** The last so many of something: to remember the known without a bound would be another flood. */
export class Recent {
  readonly #kept = new Set<string>();

  constructor(private readonly max = MAX_KEYS) {}

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  add(key: string): void {
    this.#kept.delete(key);
    this.#kept.add(key);
    if (this.#kept.size <= this.max) return;
    for (const oldest of this.#kept) {
      this.#kept.delete(oldest);
      return;
    }
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}
