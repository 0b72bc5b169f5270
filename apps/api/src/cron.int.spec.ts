import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { renderPayment } from '#libs/ingestion';
import { APRIL_15, FEBRUARY_15, type Told, toldHistory } from '../test/history.js';
import { ADMIN_TOKEN, CRON_SECRET, inMemoryParts } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';

const URL = '/api/cron/reset-monthly-stats';
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const APRIL_2 = Date.UTC(2026, 3, 2, 12);

describe('the secret of the cron', () => {
  it.each([
    ['nothing', {}],
    ['an empty token', bearer('')],
    ['another secret', bearer('x'.repeat(CRON_SECRET.length))],
    ['a shorter one', bearer(CRON_SECRET.slice(0, -1))],
    ['a longer one', bearer(`${CRON_SECRET}x`)],
    ['the secret in another scheme', { authorization: `Basic ${CRON_SECRET}` }],
    ['the secret in a header of its own', { 'x-cron-secret': CRON_SECRET }],
  ])('is not %s', async (_, headers) => {
    const app = await createApi(inMemoryParts());
    for (const method of ['GET', 'POST'] as const) {
      const { statusCode, json } = await app.inject({ method, url: URL, headers });
      expect([statusCode, json().code]).toEqual([401, 'unauthorized']);
    }
    await app.close();
  });

  it('opens the cron and nothing else', async () => {
    const app = await createApi(inMemoryParts());
    const { statusCode } = await app.inject({
      url: '/api/creators',
      headers: bearer(CRON_SECRET),
    });
    expect(statusCode).toBe(403);
    await app.close();
  });

  it.each([undefined, ''])(
    'opens nothing when it is %p, to anybody but an admin',
    async (secret) => {
      const config = { adminToken: ADMIN_TOKEN, cronSecret: secret, logLevel: 'silent' } as const;
      const app = await createApi(inMemoryParts({ config }));
      for (const headers of [{}, bearer(''), bearer('undefined'), bearer(CRON_SECRET)]) {
        const { statusCode, json } = await app.inject({ method: 'POST', url: URL, headers });
        expect([statusCode, json().code]).toEqual([503, 'cron_not_configured']);
      }
      await app.close();
    },
  );
});

describe('the cron', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const call = async (method: 'GET' | 'POST', headers: Record<string, string> = {}) => {
    const all = { ...bearer(CRON_SECRET), ...headers };
    const query = { settled: String(await api.ledger.store.head()) };
    const response = await api.app.inject({ method, url: URL, headers: all, query });
    return { status: response.statusCode, body: response.json() };
  };
  const state = async () => (await call('GET')).body.items;
  const nonsense = renderPayment('v1', {
    creatorId: 'biz_b',
    userId: 'user_rui',
    membershipId: 'mem_b1',
    paymentId: 'pay_nonsense',
    status: 'succeeded',
    amount: '1.00',
    currency: 'xx1',
    paidAt: FEBRUARY_15 / 1000,
    createdAt: FEBRUARY_15 / 1000,
  });

  it('says where all creators stand', async () => {
    expect(await state()).toEqual([
      {
        creator: 'biz_a',
        timeZone: 'America/New_York',
        lastClosed: null,
        nextDue: { month: '2026-01', dueAt: '2026-02-04T05:00:00Z', status: 'due' },
      },
      {
        creator: 'biz_b',
        timeZone: 'UTC',
        lastClosed: null,
        nextDue: { month: '2026-01', dueAt: '2026-02-04T00:00:00Z', status: 'due' },
      },
    ]);
  });

  it('closes what is due of one creator while another is blocked: 409, and says why', async () => {
    await api.ledger.deliver(nonsense);
    await api.ledger.decide();
    const { status, body } = await call('POST');
    expect(status).toBe(409);
    expect(body).toMatchObject({
      ok: false,
      closed: [
        { creator: 'biz_a', month: '2026-01', version: 1 },
        { creator: 'biz_a', month: '2026-02', version: 1 },
        { creator: 'biz_b', month: '2026-01', version: 1 },
      ],
      alreadyClosed: [],
      waiting: [{ creator: 'biz_a', month: '2026-03', dueAt: '2026-04-04T04:00:00Z' }],
      blocked: [{ creator: 'biz_b', month: '2026-02', code: 'month_blocked' }],
      verification: { valid: true, digests: { recomputed: 3, differing: 0 }, failing: [] },
    });
    expect(body.blocked[0].detail).toMatch(
      /2026-02 cannot be sealed yet: delivery \d+ .*quarantined/,
    );
    expect((await state())[1]).toMatchObject({
      lastClosed: { month: '2026-01' },
      nextDue: { month: '2026-02', status: 'blocked', blocked: { code: 'month_blocked' } },
    });
  });

  it('goes on once what was in the way is excluded, and changes nothing when called again', async () => {
    const listed = await api.get('/admin/deliveries?status=quarantined');
    const id = (listed.json.items[0] as { id?: unknown } | undefined)?.id;
    await api.post(`/admin/deliveries/${id}/exclude`, { reason: 'a test of the sender' });
    const { status, body } = await call('POST');
    expect([status, body.ok]).toEqual([200, true]);
    expect(body).toMatchObject({
      closed: [{ creator: 'biz_b', month: '2026-02' }],
      alreadyClosed: [{ creator: 'biz_a', month: '2026-02' }],
      blocked: [],
      verification: { digests: { recomputed: 4 } },
    });
    const head = await api.ledger.store.head();
    const again = await call('POST');
    expect([again.status, again.body.ok, again.body.closed]).toEqual([200, true, []]);
    expect(again.body.alreadyClosed).toEqual([
      { creator: 'biz_a', month: '2026-02' },
      { creator: 'biz_b', month: '2026-02' },
    ]);
    expect(await api.ledger.store.head()).toBe(head);
    expect((await state())[1].nextDue).toEqual({
      month: '2026-03',
      dueAt: '2026-04-04T00:00:00Z',
      status: 'waiting',
    });
  });

  it('closes a month inside its grace when it is forced, never one that has not ended', async () => {
    const forced = { 'x-force-reset': 'true' };
    const wrong = await call('POST', { 'x-force-reset': 'perhaps' });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'input_invalid']);
    // In New York it is still March.
    const { body } = await call('POST', forced);
    expect(body).toMatchObject({
      closed: [{ creator: 'biz_b', month: '2026-03' }],
      waiting: [
        { creator: 'biz_a', month: '2026-03' },
        { creator: 'biz_b', month: '2026-04', dueAt: '2026-05-04T00:00:00Z' },
      ],
    });
    const month = await api.read('/creators/biz_b/months/2026-03');
    expect(month.asClosed).toMatchObject({ forced: true, reason: 'x-force-reset of the cron' });
    await api.during(APRIL_2, async () => {
      expect((await call('POST')).body.closed).toEqual([]);
      expect((await call('POST', forced)).body.closed).toMatchObject([
        { creator: 'biz_a', month: '2026-03' },
      ]);
    });
  });

  it('refuses a month on a failing check that names its creator, and no other', async () => {
    const { db } = api.ledger.intake;
    const { rows } = await sql<{ schema: string }>`select schema from projections limit 1`.execute(
      db,
    );
    const schema = rows[0]?.schema ?? '';
    const add = (by: number) =>
      sql`update ${sql.id(schema, 'member_months')} set earned_minor = earned_minor + ${by}
        where creator_id = 'biz_a' and member_id = 'user_rui' and month = '2026-02'`.execute(db);
    const MAY_15 = Date.UTC(2026, 4, 15);
    await add(100);
    await api.during(MAY_15, async () => {
      const { status, body } = await call('POST');
      expect(status).toBe(409);
      expect(body.closed).toMatchObject([{ creator: 'biz_b', month: '2026-04' }]);
      expect(body.blocked).toMatchObject([
        { creator: 'biz_a', month: '2026-04', code: 'month_blocked' },
      ]);
      expect(body.blocked[0].detail).toContain(
        'the check earnings-equal-commission fails: one row: creatorId biz_a, memberId user_rui',
      );
      expect(body.verification).toMatchObject({ valid: false });
      expect(body.verification.failing.map(({ name }: { name: string }) => name)).toContain(
        'table-member-months',
      );
      await add(-100);
      expect((await call('POST')).body).toMatchObject({
        ok: true,
        closed: [{ creator: 'biz_a', month: '2026-04' }],
      });
    });
  });

  it('counts what it closed in the verification, and finds a snapshot that was edited', async () => {
    const { db } = api.ledger.intake;
    const { rows } = await sql<{ schema: string }>`select schema from projections limit 1`.execute(
      db,
    );
    const schema = rows[0]?.schema ?? '';
    await sql`update ${sql.id(schema, 'snapshot_members')} set rank = rank + 1
      where member_id = 'user_rui' and snapshot like 'snapshot-biz\\_a\\_2026-02%'`.execute(db);
    await api.during(APRIL_15, async () => {
      const { status, body } = await call('POST');
      expect([status, body.ok]).toEqual([200, false]);
      expect(body.verification).toMatchObject({
        valid: false,
        digests: { differing: 0 },
        failing: [{ name: 'table-snapshot-members', violations: 1 }],
      });
    });
  });
});
