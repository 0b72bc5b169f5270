/** The API with one route more: `select 1` behind the same guards, pool, pipes and serialisation, answering as much. */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { Controller, type DynamicModule, Get, Inject, Module, Param, Query } from '@nestjs/common';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { ReadSide } from '#libs/application';
import { type Database, openDatabase } from '#libs/database';
import { PostgresEventStore } from '#libs/event-store';
import { DeliveryInbox, intakeNotices, keysOf } from '#libs/ingestion';
import { DEFAULT_CURRENCY, systemClock } from '#libs/ledger';
import { ProjectionWatch } from '#libs/projector';
import { ACCESS } from '../../../apps/api/src/access.js';
import { DATABASE } from '../../../apps/api/src/api-parts.js';
import { createApi } from '../../../apps/api/src/create-api.js';
import { creatorsModule } from '../../../apps/api/src/creators.module.js';
import { TopReferrersQuery } from '../../../apps/api/src/dto/top-referrers.js';
import { CreatorIdPipe } from '../../../apps/api/src/ids.js';
import { reportsOf } from '../../../apps/api/src/reports.js';
import { serveOrders } from '../child.js';
import { BENCH_VAULT } from './million.js';

const { DATABASE_URL: url = '', FLYWHEEL_ADMIN_TOKEN: adminToken } = process.env;

/** What `select 1` answers with: set by an order to what the real route answered. */
let answer: object = {};

@Controller('api/bench')
class SelectOneController {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  @Get(':creator/select-1')
  async one(
    @Param('creator', CreatorIdPipe) _creatorId: string,
    @Query() _query: TopReferrersQuery,
  ): Promise<object> {
    const { rows } = await sql<{ one: number }>`select 1 as one`.execute(this.db);
    return rows[0]?.one === 1 ? answer : {};
  }
}

@Module({})
class SelectOneModule {}
const selectOne: DynamicModule = { module: SelectOneModule, controllers: [SelectOneController] };

const database = openDatabase(url, { max: 12, applicationName: 'bench api' });
const vault = BENCH_VAULT;
const store = new PostgresEventStore({ db: database, url });
const watch = new ProjectionWatch({ url });
const reads = new ReadSide({ db: database, watch, clock: systemClock, vault });
const defaults = { timeZone: 'UTC', graceHours: 72, currency: DEFAULT_CURRENCY };
const intake = intakeNotices(
  database,
  keysOf(database, vault, () => randomBytes(32)),
);
const app = await createApi(
  {
    config: { adminToken, rateLimit: 'off', logLevel: 'warn' },
    version: 'bench',
    clock: systemClock,
    realClock: systemClock,
    providers: [],
    inbox: new DeliveryInbox({ db: database, vault }),
    database,
    registry: new Registry(),
    modules: [
      creatorsModule({ reads, commands: { store, clock: systemClock, defaults, intake } }),
      selectOne,
    ],
    ...reportsOf({
      database,
      store,
      watch,
      reads,
      logGuard: { login: 'owner' },
      isLoading: () => false,
    }),
  },
  { access: { ...ACCESS, 'GET /api/bench/:creator/select-1': ['admin'] } },
);
await app.listen(0, '127.0.0.1');

serveOrders<{ readonly answer: object }>(await app.getUrl(), async (order) => {
  answer = order.answer;
});
