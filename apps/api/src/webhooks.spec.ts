import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  asAdmin,
  type InMemoryParts,
  inMemoryParts,
  NOW,
  signatureOf,
} from '../test/in-memory-parts.js';
import { WEBHOOK_BODY_LIMIT_BYTES } from './bodies.js';
import { createApi } from './create-api.js';

const BODY = '{"id":"msg_1",  "type":"payment.succeeded"}';

describe('a delivery', () => {
  let parts: InMemoryParts;
  let app: NestFastifyApplication;
  beforeEach(async () => {
    parts = inMemoryParts();
    app = await createApi(parts);
  });
  afterEach(() => app.close());

  const deliver = (
    body: string | Buffer,
    headers: Record<string, string | string[] | undefined> = {},
    to = app,
  ) => {
    const all = {
      'content-type': 'application/json',
      'webhook-id': 'msg_1',
      'webhook-signature': signatureOf(body),
      ...headers,
    };
    return to.inject({
      method: 'POST',
      url: '/api/webhooks/whop',
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
      payload: body,
    });
  };

  it('is stored as the bytes that came, and answered with its token', async () => {
    const response = await deliver(BODY);
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'stored' }]);
    expect(response.headers['flywheel-settled']).toBe('d1');
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
    });
    expect(parts.deliveries).toEqual([
      {
        provider: 'whop',
        deliveryId: 'msg_1',
        generation: 'v1',
        body: Buffer.from(BODY),
        headers: { 'webhook-id': 'msg_1', 'webhook-signature': signatureOf(BODY) },
        receivedAt: NOW,
      },
    ]);
  });

  it('is a duplicate the second time, with the token of the first', async () => {
    await deliver(BODY);
    const response = await deliver(BODY);
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'duplicate' }]);
    expect(response.headers['flywheel-settled']).toBe('d1');
  });

  it('is kept whatever it says, once signed: bytes that are no text, JSON that is no JSON', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00]);
    expect((await deliver(bytes)).statusCode).toBe(200);
    expect(parts.deliveries[0]?.body).toEqual(bytes);
    const poisoned = '{"__proto__":{"admin":true}}';
    expect((await deliver(poisoned, { 'webhook-id': 'msg_2' })).statusCode).toBe(200);
  });

  it.each([
    ['a wrong signature', { 'webhook-signature': signatureOf('other') }],
    ['no signature', { 'webhook-signature': undefined }],
    ['no id', { 'webhook-id': undefined }],
  ])('with %s is refused, always in the same words, and not stored', async (_, headers) => {
    const response = await deliver(BODY, headers);
    expect(response.statusCode).toBe(401);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json()).toEqual({
      title: 'Unauthorized',
      status: 401,
      code: 'signature_invalid',
      detail: 'The signature does not hold.',
      requestId: expect.any(String),
    });
    expect(parts.deliveries).toEqual([]);
  });

  it.each(['webhook-id', 'webhook-signature'])('with two %s headers is refused', async (name) => {
    const response = await deliver(BODY, { [name]: ['msg_1', 'msg_2'] });
    expect([response.statusCode, response.json().code]).toEqual([400, 'header_repeated']);
    expect(parts.deliveries).toEqual([]);
  });

  it('may be 256 KB and not a byte more, before its signature is looked at', async () => {
    const most = Buffer.alloc(WEBHOOK_BODY_LIMIT_BYTES, 'x');
    expect((await deliver(most)).statusCode).toBe(200);
    const response = await deliver(Buffer.alloc(WEBHOOK_BODY_LIMIT_BYTES + 1, 'x'));
    expect([response.statusCode, response.json().code]).toEqual([413, 'body_too_large']);
    expect(parts.deliveries).toHaveLength(1);
  });

  it.each([
    'text/plain',
    'application/json; charset=utf-16',
    'application/vnd.whop+json',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'junk',
    undefined,
  ])('of type %j is refused', async (type) => {
    const response = await deliver(BODY, { 'content-type': type });
    expect([response.statusCode, response.json().code]).toEqual([415, 'content_type_unsupported']);
    expect(parts.deliveries).toEqual([]);
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'of type %j is taken',
    async (type) => {
      expect((await deliver(BODY, { 'content-type': type })).statusCode).toBe(200);
    },
  );

  it.each(['gzip', 'br', 'deflate', 'identity, gzip'])('encoded as %s is refused', async (e) => {
    expect((await deliver(BODY, { 'content-encoding': e })).statusCode).toBe(415);
    expect((await deliver(BODY, { 'content-encoding': 'identity' })).statusCode).toBe(200);
  });

  it('that could not be stored is answered with 503, so that it comes again', async () => {
    const inbox = { store: () => Promise.reject(new Error('disk full at node 7')) };
    const broken = await createApi(inMemoryParts({ inbox }));
    const response = await deliver(BODY, {}, broken);
    const metrics = await broken.inject({ method: 'GET', url: '/metrics', headers: asAdmin });
    await broken.close();
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.json()).toMatchObject({ code: 'delivery_not_stored' });
    expect(response.body).not.toContain('node 7');
    expect(metrics.body).toContain('flywheel_webhook_unavailable_total 1');
  });

  it('is counted: acknowledged by status, refused by what was wrong', async () => {
    await deliver(BODY);
    await deliver(BODY);
    await deliver(BODY, { 'webhook-signature': 'no' });
    const { body } = await app.inject({ method: 'GET', url: '/metrics', headers: asAdmin });
    expect(body).toContain('flywheel_webhook_acks_total{status="stored"} 1');
    expect(body).toContain('flywheel_webhook_acks_total{status="duplicate"} 1');
    expect(body).toContain('flywheel_webhook_refused_total{code="signature_mismatch"} 1');
  });
});
