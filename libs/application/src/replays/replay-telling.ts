/** Writes down how far a replay is: when something has changed, but not too often, and that it lives. */
import type { EventStore } from '#libs/event-store';
import type { ReplayProgress } from '#libs/projector';
import type { Replay } from './replay.js';
import { type ReplayCourse, ReplayWithdrawn } from './replay-course.js';

/** At most four times a second. */
const EVERY_MS = 250;
/** What does not progress is still there; and hears that it was discarded. */
const LIVES_MS = 1_000;

export class ReplayTelling {
  #latest: ReplayProgress | undefined;
  #isNew = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #head = 0n;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();
  #isTelling = false;

  constructor(
    private readonly course: ReplayCourse,
    private readonly store: Pick<EventStore, 'head'>,
    /** Aborted with ReplayWithdrawn when the replay is not ours any more. */
    private readonly stop: AbortController,
  ) {}

  begin({ until, state }: Pick<Replay, 'until' | 'state'>): void {
    const isToPresent = until === null;
    this.hear({ schema: '', phase: 'events', position: 0n, head: 0n, eventsPerSecond: 0 });
    if (state === 'promoting')
      this.hear({ ...(this.#latest as ReplayProgress), phase: 'promotion' });
    this.#timer = setInterval(() => {
      if (this.#isTelling) return;
      const quietMs = performance.now() - this.#toldAt;
      if (!(this.#isNew && quietMs >= EVERY_MS) && quietMs < LIVES_MS) return;
      this.#isTelling = true;
      this.#telling = this.#tell(isToPresent).finally(() => {
        this.#isTelling = false;
      });
    }, EVERY_MS / 5);
  }

  readonly hear = (progress: ReplayProgress): void => {
    this.#latest = progress;
    this.#isNew = true;
  };

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
  }

  async #tell(isToPresent: boolean): Promise<void> {
    const told = this.#latest;
    if (told === undefined) return;
    this.#toldAt = performance.now();
    this.#isNew = false;
    try {
      // The log grows while it is read: whoever looks is told how far it is now.
      if (isToPresent && told.phase === 'events') this.#head = await this.store.head();
      if (told.head > this.#head) this.#head = told.head;
      await this.course.tell({ ...told, head: this.#head });
    } catch (error) {
      // Anything else is met by the replay itself; and one that has just ended hears no signal.
      if (error instanceof ReplayWithdrawn) this.stop.abort(error);
    }
  }
}
