import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { IsString } from 'class-validator';
import { DomainError } from '#libs/ledger';
import { asAdmin, inMemoryParts } from '../test/in-memory-parts.js';
import { ACCESS, type AccessTable } from './access.js';
import { BODY_LIMIT_BYTES } from './bodies.js';
import { createApi } from './create-api.js';
import { MonthQuery, PageQuery } from './dto/queries.js';
import { problemOf, statusOfCode } from './problem.js';

class ReasonBody {
  @IsString()
  reason: string;
}

@Controller('api/trial')
class TrialController {
  @Post()
  say(@Body() body: ReasonBody): { said: string } {
    return { said: body.reason };
  }
  @Get('page')
  page(@Query() page: PageQuery): PageQuery {
    return page;
  }
  @Get('month')
  month(@Query() query: MonthQuery): { month: string | null } {
    return { month: query.month ?? null };
  }
  @Get('refused')
  refused(): never {
    throw new DomainError('month_not_ended', 'March 2026 has not ended yet.');
  }
  @Get('broken')
  broken(): never {
    throw new Error('select secret from somewhere');
  }
}
@Module({ controllers: [TrialController] })
class TrialModule {}

const TRIAL: AccessTable = {
  ...ACCESS,
  'POST /api/trial': ['admin'],
  'GET /api/trial/*': ['admin'],
};

describe('problems', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await createApi(inMemoryParts({ modules: [TrialModule] }), { access: TRIAL });
  });
  afterAll(() => app.close());

  const get = (url: string) => app.inject({ method: 'GET', url, headers: asAdmin });
  const post = (payload: string, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/trial',
      headers: { ...asAdmin, 'content-type': 'application/json', ...headers },
      payload,
    });

  it('say what, why and which request, as application/problem+json', async () => {
    const response = await get('/api/trial/refused');
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect([response.statusCode, response.json()]).toEqual([
      409,
      {
        title: 'Conflict',
        status: 409,
        code: 'month_not_ended',
        detail: 'March 2026 has not ended yet.',
        requestId: expect.any(String),
      },
    ]);
  });

  it('of our own making say nothing about it', async () => {
    const response = await get('/api/trial/broken');
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal_error']);
    expect(response.body).not.toMatch(/secret|somewhere|broken/);
  });

  it.each([
    ['GET', '/api/nothing'],
    ['GET', '/api/webhooks/whop'],
    ['POST', '/api/webhooks/other'],
    ['GET', '/'],
  ] as const)('%s %s: there is nothing', async (method, url) => {
    const response = await app.inject({ method, url });
    expect([response.statusCode, response.json().code]).toEqual([404, 'not_found']);
    expect(response.body).not.toContain(url === '/' ? 'Cannot' : url);
  });

  it('name every field that is refused', async () => {
    const response = await post('{"raison":1}');
    expect([response.statusCode, response.json()]).toMatchObject([
      400,
      {
        code: 'input_invalid',
        errors: [
          { field: 'raison', message: 'property raison should not exist' },
          { field: 'reason', message: 'reason must be a string' },
        ],
      },
    ]);
  });

  it.each([
    ['prototype poisoning', '{"reason":"x","__proto__":{"admin":true}}'],
    ['constructor poisoning', '{"reason":"x","constructor":{"prototype":{"admin":true}}}'],
    ['nesting', `{"reason":${'['.repeat(40)}${']'.repeat(40)}}`],
    ['half of a document', '{"reason":'],
    ['nothing', ''],
  ])('refuse %s', async (_, body) => {
    const response = await post(body);
    expect([response.statusCode, response.json().code]).toEqual([400, 'body_malformed']);
  });

  it('refuse bodies over 64 KB, of other types, and encoded ones', async () => {
    const large = JSON.stringify({ reason: 'x'.repeat(BODY_LIMIT_BYTES) });
    expect((await post(large)).json()).toMatchObject({ status: 413, code: 'body_too_large' });
    const unsupported = { status: 415, code: 'content_type_unsupported' };
    expect((await post('reason=x', { 'content-type': 'text/plain' })).json()).toMatchObject(
      unsupported,
    );
    expect((await post('{}', { 'content-encoding': 'gzip' })).json()).toMatchObject(unsupported);
    expect((await post('{"reason":"x"}')).statusCode).toBe(201);
  });

  it.each([
    '/api/trial/page?limit=0',
    '/api/trial/page?limit=501',
    '/api/trial/page?limit=1e2',
    '/api/trial/page?limit=5&limit=6',
    '/api/trial/page?limit=',
    '/api/trial/page?unknown=1',
    '/api/trial/month?month=2026-13',
    '/api/trial/month?month=2026-3',
    '/api/trial/month?month=',
    '/api/trial/month?month=2026-03&month=2026-04',
  ])('refuse %s', async (url) => {
    const response = await get(url);
    expect([response.statusCode, response.json().code]).toEqual([400, 'input_invalid']);
  });

  it('are not made of queries that are fine', async () => {
    expect((await get('/api/trial/page')).json()).toEqual({ limit: 50 });
    expect((await get('/api/trial/page?settled=3')).json()).toEqual({ limit: 50 });
    expect((await get('/api/trial/page?limit=500')).json()).toEqual({ limit: 500 });
    expect((await get('/api/trial/month?month=2026-03')).json()).toEqual({ month: '2026-03' });
  });

  it('refuse a cursor that no answer has given', async () => {
    const response = await get('/api/trial/page?limit=500&cursor=abc');
    expect([response.statusCode, response.json().code]).toEqual([400, 'cursor_invalid']);
  });

  it('answer an address that cannot be decoded', async () => {
    const response = await app.inject({ method: 'GET', url: '/api/%E0%A4%A' });
    expect([response.statusCode, response.json().code]).toEqual([400, 'request_malformed']);
  });

  it.each([
    Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('shutting down'), { code: '57P01' }),
    Object.assign(new Error('failure'), { code: '08006' }),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
  ])('call a database that does not answer by its name: %s', (error) => {
    expect(problemOf(error)).toMatchObject({ status: 503, code: 'database_unavailable' });
  });

  it.each(['exports_busy', 'explanations_busy', 'read_models_behind', 'jwks_unavailable'])(
    'say when to ask again what cannot be answered now: %s',
    (code) => {
      expect(problemOf(new DomainError(code, 'later'))).toMatchObject({
        ...{ status: 503, code, more: { headers: { 'retry-after': '5' } } },
      });
    },
  );

  it('do not mistake a client that hangs up for a database', () => {
    const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 });
    expect(problemOf(aborted)).toMatchObject({ status: 400, code: 'request_malformed' });
  });

  it.each([
    ['member_not_found', 404],
    ['creator_unknown', 404],
    ['reason_required', 400],
    ['code_invalid', 400],
    ['month_already_closed', 409],
  ])('give %s the status %d', (code, status) => {
    expect(statusOfCode(code)).toBe(status);
  });
});
