/** Parts without a database, for tests of the transport alone. */
import { createHmac } from 'node:crypto';
import path from 'node:path';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import { Registry } from 'prom-client';
import { ReadSide } from '#libs/application';
import { CheckRunner } from '#libs/checks';
import type { Tables } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import {
  Erasure,
  intakeNotices,
  Keys,
  monthDeliveries,
  type NewDelivery,
  type Provider,
} from '#libs/ingestion';
import { frozenClock } from '#libs/ledger';
import { Vault } from '#libs/vault';
import type { ApiParts, HealthReport } from '../src/api-parts.js';
import { auditModule } from '../src/audit.module.js';
import { checksModule } from '../src/checks.module.js';
import { creatorsModule } from '../src/creators.module.js';
import { deliveriesModule } from '../src/deliveries.module.js';
import { importsModule } from '../src/imports.module.js';
import { monthsModule } from '../src/months.module.js';
import { personalDataModule } from '../src/personal-data.module.js';
import { replaysModule } from '../src/replays.module.js';
import { sessionModule } from '../src/session.module.js';
import { signInOf } from '../src/sign-in.js';
import { tokensModule } from '../src/tokens.module.js';

export const ADMIN_TOKEN = 'fw_admin_0123456789abcdef0123456789abcdef';
export const CRON_SECRET = 'cron_0123456789abcdef0123456789abcdef';
export const NOW = Date.UTC(2026, 2, 14, 12);
const SECRET = 'a secret of the sender, long enough';

export const signatureOf = (body: string | Buffer): string =>
  createHmac('sha256', SECRET).update(body).digest('hex');

/** Signs the raw bytes alone: a body that was changed on its way does not verify. */
const provider: Provider = {
  name: 'whop',
  verify: ({ headers, body }) => {
    const deliveryId = headers['webhook-id'];
    if (typeof deliveryId !== 'string')
      return { ok: false, code: 'signature_missing', detail: 'no id' };
    return headers['webhook-signature'] === signatureOf(body)
      ? { ok: true, deliveryId, generation: 'v1' }
      : { ok: false, code: 'signature_mismatch', detail: 'no signature matches' };
  },
  translate: () => ({ outcome: 'ignored', type: 'test', reason: 'the transport decides nothing' }),
  wordsIn: () => undefined,
};

export const HEALTHY: HealthReport = {
  database: { ok: true },
  projections: { ok: true, lagPositions: 3n },
  intake: { ok: true },
  migrations: { ok: true },
};

export interface InMemoryParts extends ApiParts {
  readonly deliveries: NewDelivery[];
}

export function inMemoryParts(changes: Partial<ApiParts> = {}): InMemoryParts {
  const deliveries: NewDelivery[] = [];
  const clock = frozenClock(NOW);
  const vault = new Vault([Buffer.alloc(32)]);
  const keys = async () => new Keys(Buffer.alloc(32));
  // It compiles statements and answers none: routes exist, and nothing can be read.
  const database = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const reads = new ReadSide({ db: database, watch: { pointer: async () => 'r1' }, clock, vault });
  return {
    config: {
      adminToken: ADMIN_TOKEN,
      cronSecret: CRON_SECRET,
      rateLimit: 'off',
      logLevel: 'silent',
    },
    version: '0.0.0',
    clock,
    realClock: clock,
    providers: [provider],
    inbox: {
      store: async (delivery) => {
        const known = deliveries.findIndex(({ deliveryId }) => deliveryId === delivery.deliveryId);
        if (known >= 0) return { status: 'duplicate', id: String(known + 1) };
        return { status: 'stored', id: String(deliveries.push(delivery)) };
      },
    },
    database,
    settle: async () => true,
    health: async () => HEALTHY,
    projections: async () => ({
      head: 12n,
      pendingDeliveries: 2n,
      projections: [{ name: 'member_months', version: 1, schema: 'r1', position: 9n, lag: 3n }],
    }),
    about: async () => ({
      server: '18.4',
      migrations: [{ name: '0001-ledger', appliedAt: NOW }],
    }),
    gauges: async () => ({
      pendingDeliveries: 2,
      lagPositions: 3,
      deliveriesByOutcome: { applied: 7, parked: 1 },
    }),
    registry: new Registry(),
    dashboard: { root: path.resolve('apps/api/test/dashboard') },
    modules: [
      creatorsModule({
        reads,
        commands: {
          store: new PostgresEventStore({ db: database, url: '' }),
          clock,
          intake: intakeNotices(database),
          defaults: { timeZone: 'UTC', graceHours: 72, currency: 'usd' },
        },
      }),
      monthsModule({
        reads: new ReadSide({ db: database, watch: { pointer: async () => 'r1' }, clock, vault }),
        runner: new CheckRunner({ db: database, url: '' }),
        months: {
          store: new PostgresEventStore({ db: database, url: '' }),
          clock,
          database,
          watch: { passed: async () => false },
          deliveries: monthDeliveries(database),
        },
      }),
      importsModule({
        database,
        store: new PostgresEventStore({ db: database, url: '' }),
        realClock: clock,
        vault,
        defaults: { timeZone: 'UTC', graceHours: 72, currency: 'usd' },
      }),
      deliveriesModule({
        db: database,
        store: new PostgresEventStore({ db: database, url: '' }),
        providers: [provider],
        keys,
        vault,
        defaults: { timeZone: 'UTC', graceHours: 72, currency: 'usd' },
      }),
      personalDataModule({
        commands: {
          store: new PostgresEventStore({ db: database, url: '' }),
          clock,
          intake: intakeNotices(database),
          defaults: { timeZone: 'UTC', graceHours: 72, currency: 'usd' },
        },
        personal: new Erasure({ db: database, vault, keys, providers: [provider] }),
      }),
      checksModule({ reads, runner: new CheckRunner({ db: database, url: '' }) }),
      auditModule({
        db: database,
        store: new PostgresEventStore({ db: database, url: '' }),
        reads,
        watch: { position: 0n, pointer: async () => 'r1', passed: async () => false },
      }),
      replaysModule({
        db: database,
        url: '',
        store: new PostgresEventStore({ db: database, url: '' }),
        register: [],
      }),
      tokensModule({ db: database, clock, tokens: { forgetAll: () => {} } }),
      sessionModule(
        signInOf({ config: {}, database, clock, tokens: async () => undefined }).signIn,
      ),
    ],
    deliveries,
    ...changes,
  };
}

export const asAdmin = { authorization: `Bearer ${ADMIN_TOKEN}` };
