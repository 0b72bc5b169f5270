/**
 * Answers that are given again while the database is the same. A page that is asked again within a
 * second is kept with the state of the database from before it was read; who asks next asks for the
 * state alone, and where it is the same still, so is the answer:
 * nothing was committed in between, names and settings included. An answer is never older than its
 * question.
 *
 * Where much is written the state is never the same: after such a find pages are simply read for a
 * while, so that asking in vain costs nobody anything.
 */
import { GatheredReads } from './gathered-reads.js';

/** Text of the database's state, equal only for the same; undefined: it is not certain now. */
export type StateOf = () => Promise<string | undefined>;

interface Kept {
  /** When it was asked last, on the monotonic clock. */
  askedAt: number;
  /** From before it was read; undefined: it was not kept. */
  state: string | undefined;
  /** What else the answer depends on. */
  variant: string;
  answer: unknown;
}

/** Asked again within so long: it is kept. */
const AGAIN_MS = 1_000;
/** So long nothing is kept after a state was another one. */
const CHANGED_MS = 100;
/** The least recently asked goes. */
const MAX_KEPT = 200;

export class KeptReads {
  private readonly kept = new Map<string, Kept>();
  private readonly states = new GatheredReads();
  private changedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly stateOf: StateOf,
    /** Monotonic, in milliseconds. */
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /**
   * `key` names the page, and `variant` what of it changes by itself, as the second does: equal ones
   * must be read equally from the same database; undefined is not kept. What is answered is shared: nobody may change it.
   */
  async read<R>(key: string, variant: string, read: () => Promise<R>): Promise<R> {
    const now = this.clock();
    const known = this.kept.get(key);
    const isAgain = known !== undefined && now - known.askedAt < AGAIN_MS;
    const kept = known ?? { askedAt: now, state: undefined, variant, answer: undefined };
    kept.askedAt = now;
    this.latest(key, kept);
    if (!isAgain || now < this.changedUntil) return read();
    const state = await this.state();
    if (state === undefined) return read();
    if (kept.state === state && kept.variant === variant) return kept.answer as R;
    if (kept.state !== undefined && kept.state !== state) this.changedUntil = now + CHANGED_MS;
    const answer = await read();
    if (answer !== undefined) Object.assign(kept, { state, variant, answer });
    return answer;
  }

  /** Whoever asks while it is asked for waits for the next: it must be later than the question. */
  private state(): Promise<string | undefined> {
    return this.states.read('state', {}, async (asks) => {
      const state = await this.stateOf();
      return asks.map(() => state);
    });
  }

  private latest(key: string, kept: Kept): void {
    this.kept.delete(key);
    this.kept.set(key, kept);
    for (const [oldest] of this.kept) {
      if (this.kept.size <= MAX_KEPT) break;
      this.kept.delete(oldest);
    }
  }
}
