/** A whole ledger on a test database, without loops: deliveries go in, the intake is run until nothing is pending. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type IntakeNotices, StreamMemory } from '#libs/application';
import { PostgresEventStore, type RecordedEvent, RevisionConflict } from '#libs/event-store';
import {
  DeliveryInbox,
  type IntakeOptions,
  IntakeWake,
  intakeBatch,
  intakeNotices,
  type Keys,
  loadKeys,
  type Rendered,
  whopImportProvider,
  whopProvider,
} from '#libs/ingestion';
import type { Defaults } from '#libs/ledger';
import { Vault } from '#libs/vault';
import type { TestDatabase } from './database.js';

/** Signs everything in tests. */
export const TEST_SECRET = `ws_${'0123456789abcdef'.repeat(4)}`;
/** Seals everything in tests. */
export const TEST_VAULT = new Vault([Buffer.alloc(32, 'a key for tests')]);
export const TEST_DEFAULTS: Defaults = { timeZone: 'UTC', graceHours: 72, currency: 'usd' };

export interface TestLedger {
  readonly store: PostgresEventStore;
  readonly inbox: DeliveryInbox;
  readonly intake: IntakeOptions;
  readonly keys: Keys;
  /** What orders leave for the intake: with `store` it is what they need. */
  readonly notices: IntakeNotices;
  /** Stores deliveries as if they had come in over HTTP just now. */
  deliver(...rendered: readonly (Rendered | Raw)[]): Promise<void>;
  /** Decides all that is pending, in batches of at most `limit`. */
  decide(limit?: number): Promise<void>;
  events(): Promise<RecordedEvent[]>;
  outcomes(): Promise<{ outcome: string; code: string | null; type: string | null }[]>;
}

export interface Raw {
  readonly body: string;
  readonly deliveryId?: string;
}

export async function testLedger(
  test: TestDatabase,
  defaults = TEST_DEFAULTS,
): Promise<TestLedger> {
  const { db, url } = test;
  const store = new PostgresEventStore({ db, url });
  const inbox = new DeliveryInbox({ db, vault: TEST_VAULT });
  const keys = await loadKeys(db, TEST_VAULT, Buffer.alloc(32, 'a secret for tests'));
  const intake: IntakeOptions = {
    db,
    url,
    store,
    keys,
    vault: TEST_VAULT,
    defaults,
    providers: [whopProvider({ secrets: [TEST_SECRET] }), whopImportProvider()],
    signal: new AbortController().signal,
    wake: new IntakeWake(),
    memory: new StreamMemory(),
  };
  await sql`
    insert into leases (name, epoch, holder, expires_at) values ('intake', 1, 'test', 'infinity')
    on conflict do nothing`.execute(db);
  const lease = { name: 'intake', epoch: '1' };
  return {
    store,
    inbox,
    intake,
    keys,
    notices: intakeNotices(db, async () => keys),
    deliver: async (...rendered) => {
      await Promise.all(
        rendered.map((one) =>
          inbox.store({
            provider: 'whop',
            deliveryId: 'messageId' in one ? one.messageId : (one.deliveryId ?? randomUUID()),
            generation: 'v1',
            body: Buffer.from(one.body),
            headers: {},
            receivedAt: Date.now(),
          }),
        ),
      );
    },
    decide: async (limit = 500) => {
      let settled = 1;
      while (settled > 0) {
        settled = await intakeBatch(intake, lease, limit).catch((error: unknown) => {
          // As the loop does: an admin's order came between, the batch is read and decided again.
          if (error instanceof RevisionConflict) return 1;
          throw error;
        });
      }
    },
    events: () => store.readAll({ after: 0n, limit: 100_000 }),
    outcomes: async () => {
      const { rows } = await sql<{ outcome: string; code: string | null; type: string | null }>`
        select outcome, code, type from deliveries order by id`.execute(db);
      return rows;
    },
  };
}
