/** A shop with a history, whose tables a projector keeps up to date while a test goes on. */
import { sql } from 'kysely';
import { PostgresEventStore } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { ensureReadModels } from './ensure.js';
import { runProjector } from './projector.js';
import { ProjectionWatch } from './settle.js';
import { appendHistory, decode, quiet, register } from './shop.fixture.js';

const PROJECTED_MS = 15_000;

export class LivingShop {
  readonly db: TestDatabase['db'];
  readonly store: PostgresEventStore;
  private readonly watch: ProjectionWatch;
  private stop = new AbortController();
  private running: Promise<void> | undefined;

  private constructor(private readonly test: TestDatabase) {
    this.db = test.db;
    this.store = new PostgresEventStore({ db: test.db, url: test.url });
    this.watch = new ProjectionWatch({ url: test.url });
  }

  static async open(events: number): Promise<LivingShop> {
    const shop = new LivingShop(await testDatabase({ poolSize: 8 }));
    await ensureReadModels(shop.options());
    shop.project();
    await appendHistory(shop.store, 0, events);
    await shop.projected(events);
    return shop;
  }

  options(changes = {}) {
    const { db, store } = this;
    return { db, store, register, decode, signal: this.stop.signal, log: quiet, ...changes };
  }

  project(): void {
    this.stop = new AbortController();
    this.running = runProjector(this.options());
  }

  async pause(): Promise<void> {
    this.stop.abort();
    await this.running;
    this.stop = new AbortController();
  }

  projected(position: number): Promise<boolean> {
    return this.watch.passed(BigInt(position), { timeoutMs: PROJECTED_MS });
  }

  edit(text: string) {
    return sql.raw(text).execute(this.db);
  }

  async close(): Promise<void> {
    await this.pause();
    await this.watch.close();
    await this.test.drop();
  }
}
