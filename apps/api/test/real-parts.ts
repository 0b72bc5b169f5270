/** The whole API over a ledger of its own on a real database, with a clock that the test sets. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { TokenAuthenticator } from '#libs/access';
import { decodeEvent, ReadSide } from '#libs/application';
import { CheckRunner } from '#libs/checks';
import type { Database } from '#libs/database';
import type { EventStore } from '#libs/event-store';
import { Erasure, monthDeliveries } from '#libs/ingestion';
import type { Defaults } from '#libs/ledger';
import { ensureReadModels, type Log, ProjectionWatch, runProjector } from '#libs/projector';
import {
  TEST_DEFAULTS,
  TEST_VAULT,
  type TestLedger,
  testDatabase,
  testLedger,
} from '#libs/testing';
import { register } from '#projections';
import type { ApiModulePart } from '../src/api-parts.js';
import { auditModule } from '../src/audit.module.js';
import { checksModule } from '../src/checks.module.js';
import { createApi } from '../src/create-api.js';
import { creatorsModule } from '../src/creators.module.js';
import { deliveriesModule } from '../src/deliveries.module.js';
import { monthsModule } from '../src/months.module.js';
import { personalDataModule } from '../src/personal-data.module.js';
import { sessionModule } from '../src/session.module.js';
import { type SignInConfig, signInOf } from '../src/sign-in.js';
import { tokensModule } from '../src/tokens.module.js';
import { ADMIN_TOKEN, asAdmin, inMemoryParts, NOW } from './in-memory-parts.js';

const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };

export interface RealApi {
  readonly app: NestFastifyApplication;
  readonly ledger: TestLedger;
  readonly db: Database;
  /** Unix milliseconds; everything but deliveries goes by it. */
  setNow(ms: number): void;
  /** Reads once the read models have passed all that was appended. */
  get(path: string): Promise<Answered>;
  put(path: string, payload?: unknown): Promise<Answered>;
  post(path: string, payload?: unknown): Promise<Answered>;
  delete(path: string, payload?: unknown): Promise<Answered>;
  close(): Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly json: Json;
}

/** What tests look into; they say themselves what they expect there. */
export interface Json {
  readonly [key: string]: unknown;
  readonly items: readonly Json[];
  readonly nextCursor: string | null;
}

export async function realApi(
  now: number,
  more: (parts: {
    db: Database;
    url: string;
    store: EventStore;
    defaults: Defaults;
  }) => ApiModulePart[] = () => [],
  signingIn: SignInConfig = {},
): Promise<RealApi> {
  const test = await testDatabase({ poolSize: 6 });
  const ledger = await testLedger(test);
  const { db, url } = test;
  const stop = new AbortController();
  const { store } = ledger;
  const loop = { db, store, register, decode: decodeEvent, signal: stop.signal, log: quiet };
  await ensureReadModels(loop);
  const projector = runProjector(loop);
  const watch = new ProjectionWatch({ url });
  let time = now;
  const clock = { now: () => time };
  const reads = new ReadSide({ db, watch, clock, vault: TEST_VAULT });
  const runner = new CheckRunner({ db, url });
  // Tokens expire by the real clock, which stands still here.
  const realClock = { now: () => NOW };
  const tokens = new TokenAuthenticator({ db, clock: realClock });
  const { signIn, authenticators } = signInOf({
    config: { adminToken: ADMIN_TOKEN, ...signingIn },
    database: db,
    clock: realClock,
    tokens: tokens.authenticate,
  });
  const parts = inMemoryParts({
    clock,
    database: db,
    authenticators: [tokens.authenticate, ...authenticators],
    own: signIn.own,
    providers: ledger.intake.providers,
    inbox: ledger.inbox,
    settle: (token, timeoutMs) =>
      token.kind === 'position'
        ? watch.passed(token.position, { timeoutMs })
        : Promise.resolve(false),
    modules: [
      creatorsModule({
        reads,
        commands: { store, clock, defaults: TEST_DEFAULTS, intake: ledger.notices },
      }),
      monthsModule({
        reads,
        runner,
        months: {
          store,
          clock,
          database: db,
          watch,
          deliveries: monthDeliveries(db),
        },
      }),
      deliveriesModule({ ...ledger.intake, keys: async () => ledger.keys }),
      personalDataModule({
        commands: { store, clock, defaults: TEST_DEFAULTS, intake: ledger.notices },
        personal: new Erasure({ ...ledger.intake, keys: async () => ledger.keys }),
      }),
      ...more({ db, url, store, defaults: TEST_DEFAULTS }),
      checksModule({ reads, runner }),
      auditModule({ db, store, watch, reads }),
      tokensModule({ db, tokens, clock: realClock }),
      sessionModule(signIn),
    ],
  });
  const app = await createApi(parts);
  const call = async (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    payload?: unknown,
  ) => {
    const response = await app.inject({
      method,
      url: `/api${path}`,
      headers: asAdmin,
      ...(payload === undefined ? {} : { payload: payload as object }),
    });
    return {
      status: response.statusCode,
      type: response.headers['content-type']?.toString(),
      json: response.json() as Json,
    };
  };
  return {
    app,
    ledger,
    db,
    setNow: (ms) => {
      time = ms;
    },
    get: async (path) => {
      const settled = `settled=${await store.head()}`;
      return call('GET', `${path}${path.includes('?') ? '&' : '?'}${settled}`);
    },
    put: (path, payload) => call('PUT', path, payload),
    post: (path, payload) => call('POST', path, payload),
    delete: (path, payload) => call('DELETE', path, payload),
    close: async () => {
      await app.close();
      stop.abort();
      await Promise.all([projector, watch.close()]);
      await test.drop();
    },
  };
}
