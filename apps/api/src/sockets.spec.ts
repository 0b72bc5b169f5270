import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ADMIN_TOKEN, type InMemoryParts, inMemoryParts } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';

const DELIVERY =
  'POST /api/webhooks/whop HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n';
const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
const READ = 'GET /api/admin/projections HTTP/1.1\r\nhost: x\r\nconnection: close\r\n';

describe('over a bare socket', () => {
  let parts: InMemoryParts;
  let app: NestFastifyApplication;
  let port: number;
  beforeAll(async () => {
    parts = inMemoryParts();
    app = await createApi(parts);
    await app.listen(0, '127.0.0.1');
    port = Number(new URL(await app.getUrl()).port);
  });
  afterAll(() => app.close());

  /** What comes back until the server closes the connection. */
  const send = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (data) => {
        answer += data.toString('latin1');
      });
      // A server that stops reading resets what is still being sent.
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
    });

  it.each([
    ['what is no HTTP', 'nonsense\r\n\r\n', 400, 'request_malformed'],
    ['two lengths', `${DELIVERY}content-length: 5\r\ncontent-length: 6\r\n\r\n12345`, 400, ''],
    [
      'a length and chunks',
      `${DELIVERY}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'request_malformed',
    ],
    ['huge headers', `${DELIVERY}x: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    [
      'chunks beyond the limit, whatever they claimed to be',
      `${DELIVERY}transfer-encoding: chunked\r\n\r\n${chunk.repeat(5)}0\r\n\r\n`,
      413,
      'body_too_large',
    ],
    [
      'two signatures',
      `${DELIVERY}content-length: 2\r\nwebhook-signature: a\r\nWebhook-Signature: b\r\n\r\n{}`,
      400,
      'header_repeated',
    ],
    [
      'two authorizations, the first of them right',
      `${READ}authorization: Bearer ${ADMIN_TOKEN}\r\nAuthorization: Bearer x\r\n\r\n`,
      401,
      'unauthorized',
    ],
  ])('%s is answered with a problem', async (_, bytes, status, code) => {
    const answer = await send(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json\r\n/i);
    expect(answer).toContain(`"status":${status},"code":"${code}`);
    expect(parts.deliveries).toEqual([]);
  });

  it('more requests than a hundred that wait for their answers close the connection', async () => {
    const read = 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n';
    const last = read.replace('host: x', 'host: x\r\nconnection: close');
    const answered = (answer: string) => answer.split('HTTP/1.1 200').length - 1;
    expect(answered(await send(read.repeat(99) + last))).toBe(100);
    expect(answered(await send(read.repeat(300) + last))).toBeLessThan(101);
  });
});
