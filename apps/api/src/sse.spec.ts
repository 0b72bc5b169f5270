import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Res, type StreamableFile } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { asAdmin, inMemoryParts } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';
import { type EventSource, eventStream, type Listener, type ServerEvent } from './sse.js';

let source: EventSource;

@Controller('api/events')
class EventsController {
  @Get()
  events(@Res({ passthrough: true }) reply: FastifyReply): StreamableFile {
    return eventStream(reply, source);
  }
}
@Module({ controllers: [EventsController] })
class EventsModule {}

let app: NestFastifyApplication | undefined;

async function served(streams: object = {}): Promise<string> {
  const access = { 'GET /api/events': ['admin'] } as const;
  const parts = inMemoryParts({ modules: [EventsModule] });
  app = await createApi(parts, { access: { ...access }, streams });
  await app.listen(0, '127.0.0.1');
  return `${await app.getUrl()}/api/events`;
}

interface Heard {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  /** What came, once it contains the text or is over. */
  until(text?: string): Promise<string>;
  hangUp(): void;
}

const listen = (url: string, headers: object = {}, method = 'GET'): Promise<Heard> =>
  new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers: { ...asAdmin, ...headers }, agent: false });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      let isOver = false;
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('error', () => {});
      response.once('close', () => {
        isOver = true;
      });
      resolve({
        status: response.statusCode,
        headers: response.headers,
        until: async (wanted) => {
          const isHeard = () => isOver || (wanted !== undefined && text.includes(wanted));
          await within(2_000, isHeard);
          return text;
        },
        hangUp: () => void sent.destroy(),
      });
    });
    sent.end();
  });

/** Says what is pushed, until nobody listens. */
function told(...events: readonly ServerEvent[]) {
  const heard: Listener[] = [];
  const ended: boolean[] = [];
  source = async function* (listener) {
    heard.push(listener);
    try {
      yield* events;
      await new Promise<void>((resolve) => {
        if (listener.signal.aborted) resolve();
        listener.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      ended.push(true);
    }
  };
  return { heard, ended };
}

const within = async (limitMs: number, isSo: () => boolean): Promise<boolean> => {
  for (let waited = 0; waited < limitMs && !isSo(); waited += 10) await delay(10);
  return isSo();
};

/** As soon as there is room. */
async function isServed(url: string): Promise<boolean> {
  let status: number | undefined;
  for (let n = 0; n < 200 && status !== 200; n += 1) {
    ({ status } = await listen(url));
    if (status !== 200) await delay(10);
  }
  return status === 200;
}

describe('a stream of events', () => {
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  it('sends each event at once, with its id and its name, and is not kept by anybody', async () => {
    told({ id: '7', event: 'progress', data: { text: 'two\nlines' } });
    const heard = await listen(await served());
    expect(heard.status).toBe(200);
    expect(heard.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(heard.headers['cache-control']).toBe('no-store');
    expect(await heard.until('lines')).toBe(
      'retry: 2000\n\nid: 7\nevent: progress\ndata: {"text":"two\\nlines"}\n\n',
    );
  });

  it('ends when all is said', async () => {
    source = async function* () {
      yield { data: 1 };
    };
    const heard = await listen(await served());
    expect(await heard.until()).toBe('retry: 2000\n\ndata: 1\n\n');
  });

  it('tells the source what the client has seen', async () => {
    const { heard } = told();
    const url = await served();
    await listen(url, { 'last-event-id': '41' });
    await listen(url, { 'last-event-id': 'x'.repeat(101) });
    expect(heard.map(({ lastEventId }) => lastEventId)).toEqual(['41', undefined]);
  });

  it('shows that it lives while nothing happens', async () => {
    told();
    const twice = ': still here\n\n: still here\n\n';
    expect(await (await listen(await served({ heartbeatMs: 20 }))).until(twice)).toContain(twice);
  });

  it('ends its source when the client is gone', async () => {
    const { ended } = told({ data: 1 });
    const heard = await listen(await served());
    await heard.until('data: 1');
    heard.hangUp();
    expect(await within(2_000, () => ended.length === 1)).toBe(true);
  });

  it('ends when the server closes, which waits for no stream', async () => {
    const { ended } = told({ data: 1 });
    await (await listen(await served())).until('data: 1');
    const begun = performance.now();
    await app?.close();
    app = undefined;
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(ended).toEqual([true]);
  });

  it('says what broke it, without its details, and ends', async () => {
    source = async function* () {
      yield { data: 1 };
      throw new Error('a secret of the database');
    };
    const text = await (await listen(await served())).until();
    expect(text).toContain('event: problem\ndata: {"code":"internal_error"');
    expect(text).not.toContain('secret');
  });

  it('is refused when too many are open, and served again when one has ended', async () => {
    told({ data: 1 });
    const url = await served({ maxStreams: 1 });
    const first = await listen(url);
    await first.until('data: 1');
    const refused = await listen(url);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(await refused.until()).toContain('"code":"streams_busy"');
    first.hangUp();
    await first.until();
    expect(await isServed(url)).toBe(true);
  });

  it('holds nothing for who asks with HEAD', async () => {
    told({ data: 1 });
    const url = await served({ maxStreams: 1 });
    expect((await listen(url, {}, 'HEAD')).status).toBe(200);
    expect(await isServed(url)).toBe(true);
  });
});
