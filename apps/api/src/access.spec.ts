import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ADMIN_TOKEN, asAdmin, inMemoryParts } from '../test/in-memory-parts.js';
import { ACCESS, accessRow, routesOf } from './access.js';
import { createApi } from './create-api.js';

@Controller('api/forgotten')
class ForgottenController {
  @Get()
  read(): string {
    return 'a figure';
  }
}
@Module({ controllers: [ForgottenController] })
class ForgottenModule {}

const rowOf = (route: string): string | undefined => {
  const [method = '', path = ''] = route.split(' ');
  return accessRow(ACCESS, method, path);
};
const adminRoutes = Object.keys(ACCESS).filter((row) => ACCESS[row]?.includes('admin'));

describe('access', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await createApi(inMemoryParts());
  });
  afterAll(() => app.close());

  const get = (url: string, headers: Record<string, string | string[]> = {}) =>
    app.inject({ method: 'GET', url, headers });

  it('names every route of the router', () => {
    expect(routesOf(app).filter((route) => rowOf(route) === undefined)).toEqual([]);
  });

  it('names no route that does not exist', () => {
    const served = new Set(routesOf(app).map(rowOf));
    expect(Object.keys(ACCESS).filter((row) => !served.has(row))).toEqual([]);
  });

  it.each(adminRoutes)('%s is refused to anybody without the token', async (row) => {
    const [method = '', path = ''] = row.split(' ');
    const response = await app.inject({
      method: method as 'GET',
      url: path.replaceAll(/:\w+/g, 'x'),
    });
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="flywheel"');
    expect(response.json()).toMatchObject({ status: 401, code: 'unauthorized' });
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    `Bearer ${ADMIN_TOKEN.slice(0, -1)}`,
    `Bearer ${ADMIN_TOKEN}x`,
    `Bearer ${ADMIN_TOKEN.toUpperCase()}`,
    `Basic ${ADMIN_TOKEN}`,
    ADMIN_TOKEN,
  ])('%j is not the token', async (authorization) => {
    expect((await get('/api/admin/projections', { authorization })).statusCode).toBe(401);
  });

  it('lets the admin in', async () => {
    expect((await get('/api/admin/projections', asAdmin)).statusCode).toBe(200);
  });

  it('refuses two authorizations, of which a proxy may have read the other', async () => {
    const authorization = [`Bearer ${ADMIN_TOKEN}`, 'Bearer other'];
    expect((await get('/api/admin/projections', { authorization })).statusCode).toBe(401);
  });

  it('treats HEAD as GET', async () => {
    const response = await app.inject({ method: 'HEAD', url: '/api/admin/projections' });
    expect(response.statusCode).toBe(401);
  });

  it('refuses a route that the table does not name, even to the admin', async () => {
    const other = await createApi(inMemoryParts({ modules: [ForgottenModule] }));
    const response = await other.inject({ method: 'GET', url: '/api/forgotten', headers: asAdmin });
    await other.close();
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'access_undeclared' });
    expect(response.body).not.toContain('a figure');
  });

  it.each([undefined, ''])('is closed, not open, when the token is %j', async (adminToken) => {
    const closed = await createApi(inMemoryParts({ config: { adminToken, logLevel: 'silent' } }));
    const answers = await Promise.all(
      ['Bearer ', 'Bearer undefined', asAdmin.authorization].map((authorization) =>
        closed.inject({ method: 'GET', url: '/api/admin/projections', headers: { authorization } }),
      ),
    );
    await closed.close();
    expect(answers.map((answer) => answer.statusCode)).toEqual([503, 503, 503]);
    expect(answers[0]?.json()).toMatchObject({ code: 'admin_not_configured' });
  });
});
