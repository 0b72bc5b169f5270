/** Files that are being sent: how many a caller has, and how they end. */
import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Res, type StreamableFile } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import type { Authenticator } from '#libs/access';
import { until } from '#libs/testing';
import { asAdmin, inMemoryParts } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';
import { exportFor } from './exports.js';
import { ndjsonFile } from './ndjson.js';

const PROMISED_MS = 5_000;
const asOf = { position: 1n, recordedAt: 0 };
/** Those of the test that is running. */
let closed = { times: 0 };

async function* lines(): AsyncGenerator<string, void, undefined> {
  for (let n = 0; ; n++) {
    yield `{"n":${n}}\n`;
    await delay(20);
  }
}

@Controller('api/file')
class FileController {
  @Get()
  async file(@Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile> {
    const counted = closed;
    const close = (): void => {
      counted.times += 1;
    };
    const file = await exportFor(reply, async () => ({ asOf, chunks: lines(), close }));
    return ndjsonFile(reply, file, ['file']);
  }
}
@Module({ controllers: [FileController] })
class FileModule {}

const revoked = new Set<string>();
/** Whoever shows a community's id is that community. */
const communities: Authenticator = async ({ bearer }) =>
  bearer?.startsWith('biz_') && !revoked.has(bearer)
    ? { role: 'creator', creatorId: bearer, actor: bearer, by: 'token' }
    : undefined;

let app: NestFastifyApplication | undefined;
let url: string;
const answers: http.IncomingMessage[] = [];

async function served(): Promise<void> {
  const parts = inMemoryParts({ modules: [FileModule], authenticators: [communities] });
  app = await createApi(parts, { access: { 'GET /api/file': ['admin', 'creator'] } });
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/api/file`;
  closed = { times: 0 };
  revoked.clear();
}
afterEach(async () => {
  for (const response of answers.splice(0)) response.destroy();
  await app?.close();
});

const as = (bearer: string) => ({ authorization: `Bearer ${bearer}` });

/** Answered, with its first bytes. */
async function begun(headers: http.OutgoingHttpHeaders) {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(url, { headers, agent: false }, resolve).once('error', reject);
  });
  response.on('error', () => {});
  answers.push(response);
  const ended = new Promise<void>((resolve) => response.once('close', resolve));
  const first = await new Promise<string>((resolve) => {
    response.once('data', (part) => resolve(String(part)));
  });
  return { status: response.statusCode, first, response, ended, hangUp: () => response.destroy() };
}

const hungUpOn = (socket: net.Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.resume();
  });

describe('a file that is being sent', () => {
  it('is the only one of its caller, except of an admin', async () => {
    await served();
    await begun(as('biz_a'));
    const second = await begun(as('biz_a'));
    expect([second.status, JSON.parse(second.first)]).toMatchObject([
      503,
      { code: 'exports_busy', detail: expect.stringContaining('of yours') },
    ]);
    expect(second.response.headers['retry-after']).toBe('5');
    const others = await Promise.all([as('biz_b'), asAdmin, asAdmin].map(begun));
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('makes room for the next when its reader goes', async () => {
    await served();
    for (let n = 1; n <= 3; n++) {
      const file = await begun(as('biz_a'));
      expect(file.status).toBe(200);
      file.hangUp();
      await until('it is closed', () => closed.times === n, 5_000);
    }
  });

  it('has its connection to itself; one that was asked for behind another makes room too', async () => {
    await served();
    const { port } = new URL(url);
    const ask = 'GET /api/file HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ';
    const both = net.connect(Number(port), '127.0.0.1');
    both.write(`${ask}biz_b\r\n\r\n${ask}biz_a\r\n\r\n`);
    await hungUpOn(both);
    const later = net.connect(Number(port), '127.0.0.1');
    later.write(`${ask}biz_c\r\n\r\n`);
    await new Promise((resolve) => later.once('data', resolve));
    later.write(`${ask}biz_a\r\n\r\n`);
    await hungUpOn(later);
    for (const caller of ['biz_a', 'biz_b', 'biz_c'])
      await until(`${caller} may begin another`, async () => {
        const file = await begun(as(caller));
        file.hangUp();
        return file.status === 200;
      });
  });

  it('ends, cut off, within five seconds once its caller is let in no more', async () => {
    await served();
    const file = await begun(as('biz_a'));
    const other = await begun(as('biz_b'));
    revoked.add('biz_a');
    const late = new AbortController();
    const inTime = await Promise.race([
      file.ended.then(() => true),
      delay(PROMISED_MS, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    expect(inTime).toBe(true);
    expect(file.response.complete).toBe(false);
    await until('it is closed', () => closed.times === 1, 5_000);
    expect(other.response.complete || other.response.destroyed).toBe(false);
  });
});
