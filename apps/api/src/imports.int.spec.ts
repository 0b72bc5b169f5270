import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEST_VAULT } from '#libs/testing';
import { asAdmin } from '../test/in-memory-parts.js';
import { type RealApi, realApi } from '../test/real-parts.js';
import { IMPORT_BODY_LIMIT_BYTES } from './bodies.js';
import { importsModule } from './imports.module.js';

const NOW = Date.UTC(2026, 2, 14, 12);
const LINE =
  '{"id":"pay_1","status":"paid","total":10,"currency":"usd","paid_at":"2026-03-01T00:00:00Z",' +
  '"company":{"id":"biz_a"},"user":{"id":"user_a"}}\n';

describe('imports over HTTP', () => {
  let api: RealApi;
  beforeAll(async () => {
    api = await realApi(NOW, ({ db, store, defaults }) => [
      importsModule({
        ...{ database: db, store, defaults, vault: TEST_VAULT },
        realClock: { now: () => NOW },
      }),
    ]);
  });
  afterAll(() => api.close());

  const post = async (path: string, payload: object | string, type = 'application/x-ndjson') => {
    const response = await api.app.inject({
      method: 'POST',
      url: `/api/admin/imports${path}`,
      headers: { ...asAdmin, ...(typeof payload === 'string' && { 'content-type': type }) },
      payload,
    });
    return { status: response.statusCode, json: response.json() };
  };
  const get = (id: string) => api.get(`/admin/imports/${id}`);

  it('take chunks in their order, and say what became of them', async () => {
    const sha256 = 'ab'.repeat(32);
    const { json: begun } = await post('', { name: 'a.ndjson', sha256, bytes: LINE.length });
    expect(begun).toMatchObject({ position: 0, lines: 0, complete: false, outcomes: null });
    const lines = `/${begun.id}/lines`;
    const sent = await post(`${lines}?from=0&last=true`, LINE);
    expect(sent).toEqual({ status: 200, json: { position: LINE.length } });
    expect(await post(`${lines}?from=0`, LINE)).toMatchObject({
      status: 409,
      json: { code: 'import_moved' },
    });
    expect((await get(begun.id)).json).toMatchObject({ settled: false, outcomes: null });
    await api.ledger.decide();
    expect((await get(begun.id)).json).toMatchObject({
      complete: true,
      settled: true,
      stored: 1,
      decided: 1,
      outcomes: { counts: [{ type: 'payment.succeeded', outcome: 'applied', count: 1 }] },
    });
    expect((await post('', { name: 'a.ndjson', sha256 })).json).toMatchObject({ id: begun.id });
  });

  it('judge lines without storing them', async () => {
    const other = LINE.replace('pay_1', 'pay_2');
    const judged = await post('/preview?before=41', `${other}?\n`);
    expect(judged).toMatchObject({
      status: 200,
      json: {
        lines: 2,
        unreadable: [{ line: 43, code: 'not_json' }],
        counts: [{ kind: 'payment', verdict: 'new', count: 1 }],
        facts: [{ id: 'pay_2', sale: { creatorId: 'biz_a', month: '2026-03', amountMinor: 1000 } }],
      },
    });
    expect((await post('/preview', other)).json.counts).toMatchObject([{ verdict: 'new' }]);
  });

  it.each([
    ['/1/lines?from=0', LINE, 'application/json', 415],
    ['/1/lines?from=0', 'x'.repeat(IMPORT_BODY_LIMIT_BYTES + 1), 'application/x-ndjson', 413],
    ['/1/lines', LINE, 'application/x-ndjson', 400],
    ['/1/lines?from=-1', LINE, 'application/x-ndjson', 400],
    ['/99/lines?from=0', LINE, 'application/x-ndjson', 404],
    ['/x/lines?from=0', LINE, 'application/x-ndjson', 404],
    ['', LINE, 'application/x-ndjson', 415],
  ])('refuse %s with a body that is not for it', async (path, body, type, status) => {
    expect((await post(path, body, type)).status).toBe(status);
  });

  it.each([
    { name: '' },
    { name: 'a', sha256: 'short' },
    { name: 'a', kind: 'invoice' },
    { name: 'a', creatorId: 'user_a' },
    { name: 'a', evil: true },
    { name: 'a\nb' },
  ])('refuse to begin as %j', async (input) => {
    expect((await post('', input)).status).toBe(400);
  });
});
