import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Res, StreamableFile } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { ADMIN_TOKEN, type InMemoryParts, inMemoryParts } from '../test/in-memory-parts.js';
import { ACCESS } from './access.js';
import { createApi } from './create-api.js';
import { csvFile } from './exports.js';
import { eventStream } from './sse.js';

const REQUEST_MS = 400;
const IDLE_MS = 600;
/** Of a patient machine; a server that waits longer than that waits for ever. */
const PATIENCE_MS = 10_000;
const MAX_PER_ADDRESS = 40;
const HEAD =
  'POST /api/webhooks/whop HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nwebhook-id: a\r\n';

/** Without an end, a kilobyte at a time; counts what was asked of it. */
const endless = { asked: 0, closed: 0 };
async function* lines(): AsyncGenerator<string[]> {
  try {
    for (;;) {
      endless.asked += 1;
      yield ['x'.repeat(1_000)];
    }
  } finally {
    endless.closed += 1;
  }
}

@Controller('api/endless')
class EndlessController {
  @Get('file')
  file(@Res({ passthrough: true }) reply: FastifyReply): StreamableFile {
    const asOf = { position: 1n, recordedAt: 0 };
    const toSend = { asOf, period: { timeZone: 'UTC' }, chunks: lines() };
    return csvFile(reply, toSend, { line: (line: string) => line }, (line: string) => line, []);
  }
  @Get('events')
  events(@Res({ passthrough: true }) reply: FastifyReply): StreamableFile {
    return eventStream(reply, async function* () {
      for await (const data of lines()) yield { data };
    });
  }
}
@Module({ controllers: [EndlessController] })
class EndlessModule {}

let parts: InMemoryParts;
let app: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  parts = inMemoryParts({ modules: [EndlessModule] });
  app = await createApi(parts, {
    access: { ...ACCESS, 'GET /api/endless/*': ['admin'] },
    timeouts: { requestMs: REQUEST_MS, idleMs: IDLE_MS, checkEveryMs: 50 },
    connections: { max: 100, maxPerAddress: MAX_PER_ADDRESS },
    room: { bytes: 512 * 1024, bytesPerAddress: 512 * 1024 },
  });
  await app.listen(0, '127.0.0.1');
  port = Number(new URL(await app.getUrl()).port);
});
afterAll(() => app.close());

interface Client {
  readonly socket: Socket;
  /** What had come when the server closed the connection; rejects when it does not. */
  readonly closed: Promise<string>;
}

function client(first = ''): Client {
  const socket = connect(port, '127.0.0.1', () => socket.write(first));
  const closed = new Promise<string>((resolve, reject) => {
    let answer = '';
    const patience = setTimeout(() => reject(new Error('still open')), PATIENCE_MS);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(answer);
    });
  });
  return { socket, closed };
}

/** Goes on sending so much, again and again, until nobody listens. */
async function drip({ socket, closed }: Client, text: string): Promise<string> {
  const dripping = setInterval(() => socket.writable && socket.write(text), 50);
  const answer = await closed;
  clearInterval(dripping);
  return answer;
}

const isOverIn = async (client: Client): Promise<number> => {
  const begun = performance.now();
  await client.closed;
  return performance.now() - begun;
};

describe('a client that takes its time is hung up on', () => {
  it('when it says nothing', async () => {
    expect(await isOverIn(client())).toBeLessThan(PATIENCE_MS);
  });

  it('when its headers trickle in', async () => {
    const answer = await drip(client(HEAD), 'x: y\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
    expect(answer).toContain('x-content-type-options: nosniff\r\n');
  });

  it('when its body stops half way', async () => {
    const answer = await client(`${HEAD}content-length: 1000\r\n\r\n{"half":`).closed;
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('when its body trickles in', async () => {
    expect(await drip(client(`${HEAD}content-length: 100000\r\n\r\n{`), ' ')).toMatch(
      /^HTTP\/1.1 408 /,
    );
  });

  it('when it says that chunks come, and they do not', async () => {
    const answer = await client(`${HEAD}transfer-encoding: chunked\r\n\r\nffff\r\nhalf`).closed;
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  it('when its chunks are of no size that there is', async () => {
    const sizes = ['fffffffffffffffff', '-1', '0x10', '1\r\nxx\r\n'];
    const clients = sizes.map((size) =>
      client(`${HEAD}transfer-encoding: chunked\r\n\r\n${size}\r\n`),
    );
    for (const { closed } of clients) expect(await closed).toMatch(/^HTTP\/1.1 4(00|08|13) /);
  });

  it('and leaves nothing behind', () => {
    expect(parts.deliveries).toEqual([]);
  });
});

describe('a client that does not read', () => {
  it.each(['file', 'events'])('an endless %s is not written for ever', async (name) => {
    const before = { ...endless };
    const { socket, closed } = client(
      `GET /api/endless/${name} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\n\r\n`,
    );
    socket.pause();
    const isOver = closed.then(() => true);
    // A paused socket hears no end either, unless it reads: so look from the server's side.
    for (let n = 0; endless.closed === before.closed && n < PATIENCE_MS / 50; n += 1)
      await delay(50);
    expect(endless.closed).toBe(before.closed + 1);
    // What the kernel's buffers took, and a little more: not what time allowed.
    expect(endless.asked - before.asked).toBeLessThan(20_000);
    socket.destroy();
    expect(await isOver).toBe(true);
  });
});

describe('many connections', () => {
  it('of one address are bounded, and there is room again when they end', async () => {
    const many = Array.from({ length: MAX_PER_ADDRESS + 10 }, () => client(HEAD));
    const answered = await Promise.all(many.map(({ closed }) => closed));
    // Those beyond the bound were closed without a word, the others had their time.
    expect(answered.filter((answer) => answer === '').length).toBeGreaterThanOrEqual(10);
    expect(answered.filter((answer) => answer.includes(' 408 ')).length).toBeGreaterThan(0);
    const again = client('GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await again.closed).toMatch(/^HTTP\/1.1 200 /);
  });

  it('with large bodies hold no more than there is room for', async () => {
    const large = `${HEAD}content-length: 200000\r\n\r\n{`;
    const first = [client(large), client(large)];
    await delay(100);
    const third = client(
      `${large.replace('\r\n', '\r\nconnection: close\r\n')}${' '.repeat(200_000)}`,
    );
    const answer = await third.closed;
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(answer).toMatch(/retry-after: 1\r\n/i);
    await Promise.all(first.map(({ closed }) => closed));
    const body = `{"x":"${'y'.repeat(100_000)}"}`;
    const later = client(
      `${HEAD}connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    expect(await later.closed).toMatch(/^HTTP\/1.1 401 /);
  });
});
