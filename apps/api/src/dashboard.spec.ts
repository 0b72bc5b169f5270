import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { inMemoryParts } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';

const asBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('the page of the dashboard', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const parts = inMemoryParts();
    const dashboard = { ...parts.dashboard, frozenAt: '2025-10-26T18:00:00.000Z' };
    app = await createApi({ ...parts, dashboard: dashboard as typeof parts.dashboard });
  });
  afterAll(() => app.close());

  const get = (url: string, headers: Record<string, string> = asBrowser) =>
    app.inject({ method: 'GET', url, headers });
  const nonceOf = (policy: unknown): string =>
    /style-src 'self' 'nonce-([\w-]{22})'/.exec(String(policy))?.[1] ?? 'none';

  it.each([
    '/',
    '/sign-in',
    '/c/biz_a?month=2026-03',
    '/c/biz_a/members/user_b',
    '/explain',
    '/x/y',
  ])('is answered at %s', async (url) => {
    const { statusCode, headers, body } = await get(url);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body).toContain('content="2025-10-26T18:00:00.000Z"');
  });

  it('carries a nonce of its own each time, the one that its policy names', async () => {
    const [first, second] = [await get('/'), await get('/')];
    const [one, other] = [first, second].map(({ headers }) =>
      nonceOf(headers['content-security-policy']),
    );
    expect(one).toHaveLength(22);
    expect(one).not.toBe(other);
    expect(first.body).toContain(`nonce="${one}"`);
    expect(first.body).not.toContain('__FLYWHEEL');
  });

  it('lets no inline script run, no other origin in, and nobody frame it', async () => {
    const policy = String((await get('/')).headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
  });

  it('keeps its files for good: their names change with what is in them', async () => {
    const { statusCode, headers, body } = await get('/assets/page-1a2b.js');
    expect(statusCode).toBe(200);
    expect(body).toContain('tested');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch(/javascript/);
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  it.each([
    ['an unknown route of the interface', '/api/nothing', asBrowser],
    ['a file that is not there', '/assets/page-9z9z.js', asBrowser],
    ['a file outside of its folder', '/assets/..%2findex.html', asBrowser],
    ['a program that asks for JSON', '/c/biz_a', { accept: 'application/json' }],
    ['a program that says nothing', '/c/biz_a', { accept: '' }],
    ['what lies below a probe', '/health/other', asBrowser],
  ])('is not the answer to %s', async (_, url, headers) => {
    const { statusCode, headers: answered, body } = await get(url, headers);
    expect({ statusCode, type: answered['content-type'] }).toEqual({
      ...{ statusCode: 404, type: 'application/problem+json' },
    });
    expect(body).not.toContain('<html');
  });

  it('is not there when none was built', async () => {
    const bare = await createApi(inMemoryParts({ dashboard: undefined }));
    const answer = await bare.inject({ method: 'GET', url: '/', headers: asBrowser });
    await bare.close();
    expect(answer.statusCode).toBe(404);
  });
});
