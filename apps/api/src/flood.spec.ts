import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inMemoryParts, signatureOf } from '../test/in-memory-parts.js';
import { createApi } from './create-api.js';
import { Flood } from './flood.js';
import { createLogger } from './logging.js';

describe('a flood of equal lines', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is the first at once, and one line a second with how many there were', () => {
    const flood = new Flood();
    const lines: string[] = [];
    const say = (key: string) => flood.say(key, (count) => lines.push(`${key} ${count}`));
    for (let n = 0; n < 100; n++) say('a');
    say('b');
    expect(lines).toEqual(['a 1', 'b 1']);
    jest.advanceTimersByTime(1_000);
    expect(lines).toEqual(['a 1', 'b 1', 'a 99']);
    say('a');
    say('b');
    expect(lines).toEqual(['a 1', 'b 1', 'a 99', 'b 1']);
    jest.advanceTimersByTime(1_000);
    expect(lines.slice(4)).toEqual(['a 1']);
    jest.advanceTimersByTime(5_000);
    say('a');
    expect(lines.slice(5)).toEqual(['a 1']);
  });

  it('loses no count when it is cut off', () => {
    const flood = new Flood();
    const counts: number[] = [];
    for (let n = 0; n < 7; n++) flood.say('a', (count) => counts.push(count));
    flood.flush();
    jest.advanceTimersByTime(5_000);
    expect(counts).toEqual([1, 6]);
  });
});

describe('while deliveries cannot be stored', () => {
  it('the log says so once, then how often', async () => {
    let text = '';
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        done();
      },
    });
    const parts = inMemoryParts({
      inbox: { store: () => Promise.reject(new Error('the database is down')) },
    });
    const app = await createApi(parts, { logger: createLogger({ logLevel: 'info' }, destination) });
    const body = '{}';
    const deliver = () =>
      app.inject({
        method: 'POST',
        url: '/api/webhooks/whop',
        payload: body,
        headers: {
          'content-type': 'application/json',
          'webhook-id': 'msg_1',
          'webhook-signature': signatureOf(body),
        },
      });
    const answers = await Promise.all(Array.from({ length: 50 }, deliver));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
    await app.close();
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { code?: string; count?: number; err?: object });
    expect(lines.map(({ code, count }) => [code, count])).toEqual([
      ['delivery_not_stored', 1],
      ['delivery_not_stored', 49],
    ]);
    expect(lines[0]?.err).toMatchObject({ message: 'the database is down' });
  });
});
