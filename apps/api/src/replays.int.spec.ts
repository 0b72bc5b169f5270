import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeEvent, type ReplayToRun, runReplay, runReplays } from '#libs/application';
import { openDatabase } from '#libs/database';
import { renderPayment } from '#libs/ingestion';
import { frozenClock } from '#libs/ledger';
import type { Log } from '#libs/projector';
import { register } from '#projections';
import { asAdmin } from '../test/in-memory-parts.js';
import { type Answered, type RealApi, realApi } from '../test/real-parts.js';
import { replaysModule } from './replays.module.js';

const NOW = Date.UTC(2026, 2, 14, 12);
const quiet: Log = { info: () => {}, warn: () => {}, error: () => {} };
const NO_HASH = '0'.repeat(64);

let api: RealApi;
let url = '';
let worker: { stop: () => Promise<void> } | undefined;

beforeAll(async () => {
  api = await realApi(NOW, (parts) => {
    url = parts.url;
    return [replaysModule({ ...parts, register })];
  });
  await api.ledger.deliver(
    renderPayment('v1', {
      creatorId: 'biz_a',
      userId: 'user_a',
      paymentId: 'pay_a',
      status: 'succeeded',
      amount: '49.99',
      currency: 'usd',
      paidAt: NOW / 1000 - 1000,
      createdAt: NOW / 1000 - 1000,
    }),
  );
  await api.ledger.decide();
  await api.get('/creators'); // the read models contain it
}, 60_000);
afterAll(() => api.close());
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});

/** As the worker does it, in this process. */
function startWorker(): void {
  const stop = new AbortController();
  const db = openDatabase(url, { max: 8, applicationName: 'worker of a test' });
  const { store } = api.ledger;
  const parts = { db, store, register, decode: decodeEvent, clock: frozenClock(NOW), log: quiet };
  const run = async (replay: ReplayToRun, signal: AbortSignal) => {
    await runReplay({ ...parts, signal }, replay).catch(() => {});
    return undefined;
  };
  const loop = runReplays({ ...parts, url, run, signal: stop.signal, askMs: 50 });
  worker = {
    stop: async () => {
      stop.abort();
      await loop;
      await db.destroy();
    },
  };
}

const remove = async (path: string): Promise<Answered> => {
  const response = await api.app.inject({
    method: 'DELETE',
    url: `/api${path}`,
    headers: asAdmin,
  });
  const type = response.headers['content-type']?.toString();
  return { status: response.statusCode, type, json: response.json() };
};

interface Streamed {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

async function events(id: unknown, headers: Record<string, string> = {}): Promise<Streamed[]> {
  const response = await api.app.inject({
    method: 'GET',
    url: `/api/admin/replays/${id}/events`,
    headers: { ...asAdmin, ...headers },
  });
  expect(response.headers['content-type']).toContain('text/event-stream');
  return response.payload.split('\n\n').flatMap((frame) => {
    const [, name, event, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/m.exec(frame) ?? [];
    if (name === undefined || event === undefined || data === undefined) return [];
    return [{ id: name, event, data: JSON.parse(data) }];
  });
}

const hashOf = (replay: object & { readonly difference?: unknown }): string =>
  (replay.difference as { hash: string }).hash;

const damage = async (): Promise<void> => {
  const db = openDatabase(url, { max: 1 });
  const { sql } = await import('kysely');
  const { rows } = await sql<{ schema: string }>`select schema from projections limit 1`.execute(
    db,
  );
  await sql`update ${sql.id(rows[0]?.schema ?? '', 'creator_months')}
    set initial_minor = initial_minor + 9007199254740993`.execute(db);
  await db.destroy();
};

describe('replays over HTTP', () => {
  it('are ordered, watched, looked at and promoted', async () => {
    startWorker();
    await damage();
    const ordered = await api.post('/admin/replays', { reason: 'edited by hand' });
    expect(ordered).toMatchObject({ status: 202, json: { state: 'ordered', actor: 'admin' } });
    const { id } = ordered.json;
    const told = await events(id);
    expect(told.at(-1)).toMatchObject({ event: 'result', data: { id, state: 'ready' } });
    expect(told.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true);
    const numbers = told.map((one) => Number(one.id));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(await events(id, { 'last-event-id': told.at(-1)?.id ?? '' })).toEqual([]);

    const { json: replay } = await api.get(`/admin/replays/${id}`);
    expect(replay).toMatchObject({ difference: { rows: 1 }, errors: 0, progress: null });
    const { json: page } = await api.get(`/admin/replays/${id}/difference?limit=1`);
    expect(page.items).toEqual([
      expect.objectContaining({
        n: 1,
        table: 'creator_months',
        kind: 'changed',
        key: { creatorId: 'biz_a', month: '2026-03', currency: 'usd' },
        columns: ['initialMinor'],
        weight: '9007199254740993',
        explain: '/api/creators/biz_a/explain?figure=initialMinor&currency=usd&month=2026-03',
      }),
    ]);
    const next = await api.get(`/admin/replays/${id}/difference?limit=1&cursor=${page.nextCursor}`);
    expect(next.json).toMatchObject({ items: [], nextCursor: null });
    expect((await api.get(`/admin/replays/${id}/difference?table=lines`)).json.items).toEqual([]);

    const hash = hashOf(replay);
    const wrong = await api.post(`/admin/replays/${id}/promote`, { differenceHash: NO_HASH });
    expect(wrong).toMatchObject({ status: 409, json: { code: 'difference_hash_mismatch' } });
    const done = await api.post(`/admin/replays/${id}/promote`, { differenceHash: hash });
    expect(done).toMatchObject({
      status: 200,
      json: { state: 'promoted', promotion: { actor: 'admin', reason: 'edited by hand' } },
    });
    const revenue = await api.get('/creators/biz_a/revenue?from=2026-03&to=2026-03');
    expect(revenue.json.items).toMatchObject([{ initialMinor: 4999 }]);
    expect((await remove(`/admin/replays/${id}`)).json).toMatchObject({ code: 'replay_promoted' });
  });

  it('that nobody runs wait, alone, until they are discarded', async () => {
    const { json } = await api.post('/admin/replays', {});
    expect(await api.post('/admin/replays', {})).toMatchObject({
      status: 409,
      json: { code: 'replay_running', detail: expect.stringContaining(`replay ${json.id}`) },
    });
    const early = await api.post(`/admin/replays/${json.id}/promote`, {
      differenceHash: NO_HASH,
      reason: 'x',
    });
    expect(early).toMatchObject({ status: 409, json: { code: 'replay_not_ready' } });
    expect((await api.get(`/admin/replays/${json.id}/difference`)).json).toMatchObject({
      status: 409,
      code: 'difference_missing',
    });
    expect(await remove(`/admin/replays/${json.id}`)).toMatchObject({
      status: 200,
      json: { state: 'discarded', code: 'replay_discarded' },
    });
    expect((await remove(`/admin/replays/${json.id}`)).status).toBe(200);
  });

  it('are listed, the newest first, page by page', async () => {
    const { json: newest } = await api.post('/admin/replays', { until: 1 });
    const { json: first } = await api.get('/admin/replays?limit=1');
    expect(first.items).toMatchObject([{ id: newest.id, until: '1' }]);
    const { json: second } = await api.get(`/admin/replays?limit=1&cursor=${first.nextCursor}`);
    expect(Number(second.items[0]?.id)).toBeLessThan(Number(newest.id));
    await remove(`/admin/replays/${newest.id}`);
  });

  it('that show the past are never promoted', async () => {
    startWorker();
    const { json } = await api.post('/admin/replays', { until: '2026-03-01T00:00:00Z' });
    const last = (await events(json.id)).at(-1)?.data ?? {};
    const wanted = { differenceHash: hashOf(last), reason: 'x' };
    expect(await api.post(`/admin/replays/${json.id}/promote`, wanted)).toMatchObject({
      status: 409,
      json: { code: 'replay_for_looking' },
    });
    await remove(`/admin/replays/${json.id}`);
  });

  it.each([
    [{ projections: ['nonsense'] }, 'projection_unknown'],
    [{ projections: [] }, 'input_invalid'],
    [{ projections: 'rankings' }, 'input_invalid'],
    [{ until: 'yesterday' }, 'until_malformed'],
    [{ until: 99_999 }, 'until_out_of_range'],
    [{ until: 0.5 }, 'input_invalid'],
    [{ reason: '' }, 'reason_required'],
    [{ more: 1 }, 'input_invalid'],
  ])('are refused where they make no sense: %j', async (input, code) => {
    expect(await api.post('/admin/replays', input)).toMatchObject({ status: 400, json: { code } });
  });

  it.each(['0', 'x', '99999', '9'.repeat(30)])('are not found by %s', async (id) => {
    const hash = { differenceHash: NO_HASH, reason: 'x' };
    for (const answer of [
      await api.get(`/admin/replays/${id}`),
      await api.get(`/admin/replays/${id}/events`),
      await api.get(`/admin/replays/${id}/difference`),
      await api.post(`/admin/replays/${id}/promote`, hash),
      await remove(`/admin/replays/${id}`),
    ])
      expect(answer).toMatchObject({ status: 404, json: { code: 'replay_not_found' } });
  });
});
