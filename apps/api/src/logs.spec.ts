/** Nothing that anybody sends, and no secret, is in the log: at its most talkative, crashes included. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ADMIN_TOKEN,
  asAdmin,
  CRON_SECRET,
  inMemoryParts,
  signatureOf,
} from '../test/in-memory-parts.js';
import { ACCESS, routesOf } from './access.js';
import { createApi } from './create-api.js';
import { createLogger } from './logging.js';

const CANARY = 'Canary.Rui@example.com';
const ENCODED = encodeURIComponent(CANARY);
const SECRETS = [ADMIN_TOKEN, CRON_SECRET, 'Canary', 'canary', signatureOf('{}')];

/** As pg says that it refused a row. */
const refusedRow = (): Error =>
  Object.assign(new Error(`invalid input syntax for type bigint: "${CANARY}"`), {
    code: '22P02',
    detail: `Key (email)=(${CANARY}) already exists.`,
    where: `unnamed portal parameter $1 = '${CANARY}'`,
    internalQuery: `select '${CANARY}'`,
    hint: CANARY,
  });

@Controller('api/failing')
class FailingController {
  @Get('row')
  row(): never {
    throw refusedRow();
  }
  @Get('cause')
  cause(): never {
    throw new Error('the statement failed', { cause: refusedRow() });
  }
  @Get('json')
  json(): unknown {
    return JSON.parse(CANARY);
  }
  @Get('text')
  text(): never {
    throw CANARY;
  }
  @Get('object')
  object(): never {
    throw { name: CANARY, toString: () => CANARY };
  }
}
@Module({ controllers: [FailingController] })
class FailingModule {}

const lines: string[] = [];
let app: NestFastifyApplication;

beforeAll(async () => {
  const logger = createLogger({ logLevel: 'trace' }, { write: (line) => lines.push(line) });
  const fails = () => Promise.reject(refusedRow());
  const parts = inMemoryParts({
    modules: [...inMemoryParts().modules, FailingModule],
    projections: fails,
    health: fails,
    gauges: fails,
  });
  const failing = { ...parts, inbox: { store: fails } };
  app = await createApi(failing, {
    logger,
    access: { ...ACCESS, 'GET /api/failing/*': ['admin'] },
  });
});
afterAll(() => app.close());

/** Everything is asked with canaries in every place, by nobody, by a guess and by the admin. */
async function askEverything(): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (const route of routesOf(app)) {
    const [method = '', path = ''] = route.split(' ');
    if (path === '/api/live' || path.endsWith('/*')) continue;
    for (const authorization of [undefined, `Bearer ${CANARY}`, asAdmin.authorization]) {
      const hostile = `${path.replaceAll(/:\w+/g, ENCODED)}?q=${ENCODED}&cursor=${ENCODED}`;
      for (const url of [path, hostile]) {
        const answer = await app.inject({
          method: method as 'POST',
          url,
          headers: {
            ...(authorization && { authorization }),
            ...(method !== 'GET' && { 'content-type': 'application/json' }),
            cookie: `flywheel_session=${CANARY}`,
            'user-agent': CANARY,
            referer: CANARY,
            'x-forwarded-for': CANARY,
            'webhook-id': CANARY,
            'webhook-signature': signatureOf('{}'),
          },
          ...(method !== 'GET' && { payload: `{"reason":"${CANARY}","name":"${CANARY}"}` }),
        });
        statuses.add(answer.statusCode);
      }
    }
  }
  return statuses;
}

describe('the log', () => {
  it('says what was asked and what failed, and nothing of anybody', async () => {
    const statuses = await askEverything();
    expect([...statuses]).toEqual(expect.arrayContaining([400, 401, 415, 500]));
    for (const name of ['row', 'cause', 'json', 'text', 'object'])
      expect((await app.inject({ url: `/api/failing/${name}`, headers: asAdmin })).statusCode).toBe(
        500,
      );
    const signed = await app.inject({
      method: 'POST',
      url: '/api/webhooks/whop',
      payload: `{"name":"${CANARY}"}`,
      headers: {
        'content-type': 'application/json',
        'webhook-id': CANARY,
        'webhook-signature': signatureOf(`{"name":"${CANARY}"}`),
      },
    });
    expect(signed.statusCode).toBe(503);
    const log = lines.join('');
    expect(log).toContain('"code":"22P02"');
    expect(log).toContain('logs.spec.ts');
    expect(log).toContain('"route":"/api/failing/json","status":500');
    for (const secret of SECRETS) expect(log).not.toContain(secret);
  });

  it('is lines of the few fields that are allowed', () => {
    const fields = new Set(lines.flatMap((line) => Object.keys(JSON.parse(line) as object)));
    const allowed = ['level', 'time', 'msg', 'requestId', 'method', 'route', 'status', 'ms'];
    expect([...fields].sort()).toEqual([...allowed, 'code', 'count', 'err'].sort());
  });
});
