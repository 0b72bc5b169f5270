/**
 * What this process has appended itself, until its tails have come by: who decides and who projects
 * are mostly one process, and asking the server for what was sent to it a moment ago is a tenth of
 * the work of both. It is exact: an event never changes, positions have no gaps, and nothing comes
 * in here before its commit is known to have succeeded. What is not here is read from the table.
 */
import type { RecordedEvent } from '../event-store.js';

/** Some megabytes: a tail that is further behind reads the table, in larger pieces. */
const MAX_EVENTS = 5_000;

export class RecentEvents {
  /** A run without gaps. */
  private events: RecordedEvent[] = [];
  private committing: Promise<unknown> | undefined;

  /** An append that is about to commit; its notification may be heard before its answer. */
  expect(appended: Promise<{ readonly events: readonly RecordedEvent[] }>): void {
    const settled = appended.then(
      ({ events }) => this.add(events),
      // Whether it is in the table or not, the table knows.
      () => {},
    );
    const wait = Promise.all([this.committing, settled]).then(() => {
      if (this.committing === wait) this.committing = undefined;
    });
    this.committing = wait;
  }

  /** Events right behind a position, at most `limit`; none: unknown here. */
  async after(position: bigint, limit: number): Promise<RecordedEvent[]> {
    await this.committing;
    const [first] = this.events;
    if (first === undefined || position + 1n < first.position) return [];
    const start = Number(position + 1n - first.position);
    return this.events.slice(start, start + limit);
  }

  private add(events: readonly RecordedEvent[]): void {
    const [first] = events;
    const last = this.events.at(-1);
    if (first === undefined || (last !== undefined && first.position <= last.position)) return;
    const follows = last !== undefined && first.position === last.position + 1n;
    this.events = (follows ? [...this.events, ...events] : [...events]).slice(-MAX_EVENTS);
  }
}
