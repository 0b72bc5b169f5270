/** A log that is in no transaction with the rest, cut off wherever a test says. */
import type { Transaction } from '#libs/database';
import {
  type Appended,
  LogUnavailable,
  PostgresEventStore,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from '#libs/event-store';
import type { TestDatabase } from '#libs/testing';

/** Appends as a cluster does: each stream by itself, a repetition known by its ids, `within` afterwards. */
export class TornStore extends PostgresEventStore {
  override readonly isTransactional = false;
  cuts = 0;

  constructor(
    private readonly test: TestDatabase,
    private readonly isCut: () => boolean,
  ) {
    super({ db: test.db, url: test.url });
  }

  override async append(
    appends: readonly StreamAppend[],
    within?: (tx: Transaction, appended: Appended) => Promise<void>,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Appended> {
    const { db } = this.test;
    if (before !== undefined) await db.transaction().execute(before);
    const events: RecordedEvent[] = [];
    for (const append of [...appends].sort((a, b) => rankOf(a) - rankOf(b))) {
      if (append.events.length > 0) this.cut();
      events.push(...(await this.appendOne(append)));
    }
    if (events.length > 0) this.cut();
    const appended = { events, lastPosition: await this.head() };
    if (within !== undefined) await db.transaction().execute((tx) => within(tx, appended));
    return appended;
  }

  protected isCutNow(): boolean {
    const isCut = this.isCut();
    if (isCut) this.cuts += 1;
    return isCut;
  }

  protected cut(): void {
    if (this.isCutNow()) throw new LogUnavailable('cut off by the test');
  }

  private async appendOne(append: StreamAppend): Promise<readonly RecordedEvent[]> {
    try {
      return (await super.append([append])).events;
    } catch (error) {
      if (!(error instanceof RevisionConflict) || append.events.length === 0) throw error;
      const { stream, events, expectedRevision } = append;
      const first = expectedRevision === 'no_stream' ? 0 : Number(expectedRevision) + 1;
      const there = (await this.readStreams([stream])).get(stream) ?? [];
      const said = there.slice(first, first + events.length);
      if (said.length < events.length || said.some(({ id }, n) => id !== events[n]?.id))
        throw error;
      return said;
    }
  }
}

const rankOf = ({ events, isFirst }: StreamAppend): number =>
  events.length === 0 ? 0 : isFirst === true ? 1 : 2;

/** As an api that is killed between the append and what goes along with it: nobody hears of it, nobody asks again. */
export class KilledStore extends TornStore {
  protected override cut(): void {}

  override async append(
    appends: readonly StreamAppend[],
    within?: (tx: Transaction, appended: Appended) => Promise<void>,
    before?: (tx: Transaction) => Promise<void>,
  ): Promise<Appended> {
    const isKilled = within !== undefined && this.isCutNow();
    return super.append(appends, isKilled ? undefined : within, before);
  }
}
