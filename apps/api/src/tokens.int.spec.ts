import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CREATOR, PATH, type Told, toldHistory } from '../test/history.js';
import { asAdmin } from '../test/in-memory-parts.js';

interface Made {
  readonly token: string;
  readonly id: string;
}

describe('tokens over HTTP', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
    await api.read(PATH); // the read models have come so far
  });
  afterAll(() => api.close());

  const make = async (order: object): Promise<Made> => {
    const { status, json } = await api.post('/admin/tokens', order);
    if (status !== 201) throw new Error(JSON.stringify(json));
    return { token: String(json.token), id: String(json.id) };
  };
  const call = (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    token: string,
    payload?: object,
  ) =>
    app().inject({
      method,
      url: `/api${url}`,
      headers: { authorization: `Bearer ${token}` },
      ...(payload === undefined ? {} : { payload }),
    });
  const app = () => api.app;

  it('are shown when they are made, and never again', async () => {
    const order = { role: 'creator', creatorId: CREATOR, label: 'their accountant' };
    const { status, json } = await api.post('/admin/tokens', order);
    expect(status).toBe(201);
    expect(json).toMatchObject({ ...order, memberId: null, createdBy: 'admin', expiresAt: null });
    const listed = await app().inject({ url: '/api/admin/tokens', headers: asAdmin });
    expect(listed.json<{ items: object[] }>().items[0]).toMatchObject({ id: json.id, ...order });
    expect(listed.body).not.toContain(String(json.token).slice(5, 48));
  });

  it('open until they are revoked, here at once', async () => {
    const { token, id } = await make({ role: 'creator', creatorId: CREATOR });
    expect((await call('GET', PATH, token)).statusCode).toBe(200);
    const revoked = await app().inject({
      method: 'DELETE',
      url: `/api/admin/tokens/${id}`,
      headers: asAdmin,
    });
    expect(revoked.json()).toMatchObject({ id, revokedBy: 'admin' });
    const refused = await call('GET', PATH, token);
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({ code: 'unauthorized' });
  });

  it('end the live streams that they had opened when they are revoked', async () => {
    const { token, id } = await make({ role: 'creator', creatorId: CREATOR });
    await app().listen(0, '127.0.0.1');
    const headers = { authorization: `Bearer ${token}` };
    const stream = await fetch(`${await app().getUrl()}/api/live`, { headers });
    const reader = stream.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await app().inject({ method: 'DELETE', url: `/api/admin/tokens/${id}`, headers: asAdmin });
    const revokedAt = performance.now();
    while ((await reader?.read())?.done === false);
    expect(performance.now() - revokedAt).toBeLessThan(5_000);
  });

  it('let their holders order what they may, and are on record as who did', async () => {
    const { token, id } = await make({ role: 'member', creatorId: CREATOR, memberId: 'user_rui' });
    const code = { code: 'RUI-2026' };
    const done = await call('PUT', `${PATH}/members/user_rui/referral-code`, token, code);
    expect([done.statusCode, done.json<{ changed: boolean }>().changed]).toEqual([200, true]);
    const events = (await api.ledger.events()).slice(-2);
    expect(events.map(({ metadata }) => metadata.actor)).toEqual([`token:${id}`, `token:${id}`]);
    const others = await call('PUT', `${PATH}/members/user_ana/referral-code`, token, code);
    expect(others.statusCode).toBe(404);
    const pin = await call('PUT', `${PATH}/members/user_rui/tier-pin`, token, {});
    expect(pin.json()).toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('list exactly the creators that they may see', async () => {
    const seenWith = async (order: object): Promise<string[]> => {
      const { token } = await make(order);
      const { items } = (await call('GET', '/creators', token)).json<{
        items: { creatorId: string }[];
      }>();
      return items.map(({ creatorId }) => creatorId);
    };
    expect(await seenWith({ role: 'creator', creatorId: 'biz_b' })).toEqual(['biz_b']);
    expect(await seenWith({ role: 'creator', creatorId: 'biz_new' })).toEqual([]);
    expect(await seenWith({ role: 'auditor', creatorId: CREATOR })).toEqual([CREATOR]);
    expect(await seenWith({ role: 'auditor' })).toEqual([CREATOR, 'biz_b']);
  });

  it('of an auditor of all open every read that is not an operator’s, and no order', async () => {
    const { token } = await make({ role: 'auditor' });
    for (const url of [
      '/admin/projections',
      '/admin/deliveries',
      '/creators/biz_b',
      '/audit/events',
    ])
      expect([url, (await call('GET', url, token)).statusCode]).toEqual([url, 200]);
    for (const url of ['/admin/deliveries/1', '/admin/tokens'])
      expect([url, (await call('GET', url, token)).statusCode]).toEqual([url, 403]);
    expect((await call('POST', '/admin/deliveries/1/redrive', token, {})).statusCode).toBe(403);
  });

  it('of one creator open nothing of the whole ledger', async () => {
    const { token } = await make({ role: 'auditor', creatorId: CREATOR });
    for (const url of ['/admin/projections', '/admin/deliveries', '/admin/checks'])
      expect([url, (await call('GET', url, token)).statusCode]).toEqual([url, 403]);
    expect((await call('GET', `/admin/diagnosis/${CREATOR}`, token)).statusCode).toBe(200);
    expect((await call('GET', '/admin/diagnosis/biz_b', token)).statusCode).toBe(404);
  });

  it('of the cron close months and read no figure', async () => {
    const { token } = await make({ role: 'cron' });
    expect((await call('GET', '/cron/reset-monthly-stats', token)).statusCode).toBe(200);
    expect((await call('GET', PATH, token)).statusCode).toBe(403);
  });

  it.each([
    [{ role: 'owner' }, 'input_invalid'],
    [{ role: 'creator' }, 'scope_invalid'],
    [{ role: 'creator', creatorId: CREATOR, expiresAt: '2026-03-14T12:00:00Z' }, 'expiry_invalid'],
    [{ role: 'creator', creatorId: CREATOR, expiresAt: 'tomorrow' }, 'input_invalid'],
    [{ role: 'creator', creatorId: CREATOR, actor: 'somebody' }, 'input_invalid'],
  ])('are not made of %j', async (order, code) => {
    expect(await api.post('/admin/tokens', order)).toMatchObject({ status: 400, json: { code } });
  });
});
