/** What may come to the webhook's address, and what becomes of it: over a socket, as anybody could. */
import { createHmac } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { instantOf, systemClock } from '#libs/ledger';
import type { HistoryDelivery } from '../reference/histories.js';
import { paid } from '../reference/told.js';
import { requestOf } from '../reference/wire.js';
import { type Answer, WEBHOOKS } from './client.js';
import { newSecrets, rowOf } from './running.js';
import { served } from './served.js';

const LARGEST_BYTES = 256 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

const flywheel = served();
const { secrets } = flywheel;
let numbers = 0;

const now = (): number => instantOf(systemClock.now());
const newId = (): string => `msg_input${numbers++}`;

/** Deliveries in the database, by what became of them. */
const stored = (): Promise<{ all: number; quarantined: number; events: number }> =>
  rowOf(
    flywheel.home,
    `select count(*)::int as all, (select count(*)::int from events) as events,
       count(*) filter (where outcome = 'quarantined')::int as quarantined from deliveries`,
  );

function post(body: string | Buffer, headers: OutgoingHttpHeaders): Promise<Answer> {
  return flywheel.client.ask(WEBHOOKS, { method: 'POST', body, headers });
}

/** Signed rightly, whatever the body is. */
function signed(body: string | Buffer, id = newId(), timestamp = now()): OutgoingHttpHeaders {
  const hmac = createHmac('sha256', secrets.secret).update(`${id}.${timestamp}.`).update(body);
  return {
    ...JSON_TYPE,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${hmac.digest('base64')}`,
  };
}

/** A payment like any other, in the generation that is signed in that way. */
function payment(generation: HistoryDelivery['generation'] = 'v1'): HistoryDelivery {
  const deliveryId = newId();
  const telling = paid(deliveryId.slice(4), '2025-05-01T00:00:00Z', { creatorId: 'biz_input' });
  return { deliveryId, generation, telling };
}

function requestWith(
  delivery: HistoryDelivery,
  { secret = secrets.secret, timestamp = now() } = {},
): { body: string; headers: Record<string, string> } {
  const { body, headers } = requestOf(delivery, { secret, timestamp });
  return { body, headers: { ...headers } };
}

describe('a delivery whose signature does not hold', () => {
  it.each<[string, () => { body: string; headers: OutgoingHttpHeaders }]>([
    ['has none', () => ({ ...requestWith(payment()), headers: JSON_TYPE })],
    ['is signed with another secret', () => requestWith(payment(), newSecrets())],
    ['is legacy and signed with another secret', () => requestWith(payment('v5'), newSecrets())],
    ['is six minutes old', () => requestWith(payment(), { timestamp: now() - 360 })],
    ['is legacy and six minutes old', () => requestWith(payment('v2'), { timestamp: now() - 360 })],
    ['is of the future', () => requestWith(payment(), { timestamp: now() + 360 })],
    [
      'was changed by a byte',
      () => {
        const { body, headers } = requestWith(payment());
        return { body: body.replace('2025-05', '2025-06'), headers };
      },
    ],
    [
      'is that of another delivery',
      () => ({ body: requestWith(payment()).body, headers: requestWith(payment()).headers }),
    ],
    [
      'has lost its id',
      () => {
        const { body, headers } = requestWith(payment());
        const { 'webhook-id': _id, ...others } = headers;
        return { body, headers: others };
      },
    ],
    [
      'names a time with a tail',
      () => {
        const { body, headers } = requestWith(payment());
        const timestamp = `${headers['webhook-timestamp']}junk`;
        return { body, headers: { ...headers, 'webhook-timestamp': timestamp } };
      },
    ],
  ])('because it %s is refused and leaves nothing', async (_, made) => {
    const before = await stored();
    const { body, headers } = made();
    const answer = await post(body, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status: 401, code: 'signature_invalid' });
    expect(await stored()).toEqual(before);
  });

  it('is stored once it does, in any of the generations', async () => {
    const before = await stored();
    for (const generation of ['v1', 'v1-pinned', 'v2', 'v5'] as const) {
      const { body, headers } = requestWith(payment(generation));
      const first = await post(body, headers);
      expect([first.status, first.text]).toEqual([200, '{"status":"stored"}']);
      const again = await post(body, headers);
      expect([again.status, again.text]).toEqual([200, '{"status":"duplicate"}']);
    }
    await flywheel.client.settled();
    const after = await stored();
    expect(after).toMatchObject({ all: before.all + 4, quarantined: before.quarantined });
    expect(after.events).toBeGreaterThan(before.events);
  });
});

describe('a body that makes no sense, rightly signed', () => {
  const good = (): string => requestOf(payment(), { secret: secrets.secret, timestamp: 0 }).body;
  const nested = (depth: number): string =>
    good().replace('"data":{', `"data":{"deep":${'['.repeat(depth)}${']'.repeat(depth)},`);
  const withAmount = (amount: string): string =>
    good().replace(/"total":[^,]+/, `"total":${amount}`);

  it.each<[string, () => string | Buffer]>([
    ['empty', () => ''],
    ['cut in two', () => good().slice(0, 100)],
    ['no object', () => '[1, 2]'],
    ['null', () => 'null'],
    ['nested 33 deep', () => nested(32)],
    ['nested 100,000 deep', () => nested(100_000)],
    ['with a key twice', () => good().replace('"data":{', '"data":{"id":"pay_other",')],
    ['with __proto__', () => good().replace('"data":{', '"data":{"__proto__":{"id":"pay_x"},')],
    ['with constructor', () => good().replace('"data":{', '"data":{"constructor":{},')],
    ['with an escaped __proto__', () => good().replace('"data":{', '"data":{"__pr\\u006fto__":1,')],
    ['with NUL escaped', () => good().replace('user_a', 'user_\\u0000')],
    ['with NUL raw', () => good().replace('user_a', 'user_\0')],
    ['with half a surrogate pair', () => good().replace('user_a', 'user_\\ud800')],
    ['in invalid UTF-8', () => Buffer.from(good().replace('user_a', 'user_ÿ'), 'latin1')],
    ['with a byte order mark', () => `\uFEFF${good()}`],
    ['with an amount of 1e400', () => withAmount('1e400')],
    ['with an amount beyond 2^53', () => withAmount('9007199254740993')],
    ['with an amount of 18 digits', () => withAmount('999999999999999999')],
    ['with a negative amount', () => withAmount('-1')],
    ['with a third of a cent', () => withAmount('0.333')],
    ['with an amount that is text', () => withAmount('"ten"')],
    ['with an amount that is an object', () => withAmount('{"amount":{}}')],
    ['with a currency that is none', () => good().replace('"usd"', '"zzz"')],
    ['paid in the year 9999', () => good().replace('2025-05', '9999-05')],
    ['paid in the year 1', () => good().replace('2025-05', '0001-05')],
    ['whose ids are numbers', () => good().replace(/"id":"pay_[^"]+"/, '"id":7')],
  ])('%s is acknowledged, kept and not booked', async (_, made) => {
    const before = await stored();
    const body = made();
    const answer = await post(body, signed(body));
    expect([answer.status, answer.text]).toEqual([200, '{"status":"stored"}']);
    await flywheel.client.settled();
    expect(await stored()).toEqual({
      all: before.all + 1,
      quarantined: before.quarantined + 1,
      events: before.events,
    });
  });

  it('is counted for whoever watches', async () => {
    const { quarantined } = await stored();
    const metrics = await flywheel.client.metrics();
    expect(metrics).toContain(`flywheel_deliveries{outcome="quarantined"} ${quarantined}\n`);
  });
});

describe('a body that is not taken', () => {
  const padded = (bytes: number): string => {
    const { body } = requestOf(payment(), { secret: secrets.secret, timestamp: 0 });
    return body + ' '.repeat(bytes - Buffer.byteLength(body));
  };

  it('is one byte larger than 256 KB', async () => {
    const largest = padded(LARGEST_BYTES);
    expect((await post(largest, signed(largest))).status).toBe(200);
    const before = await stored();
    const larger = padded(LARGEST_BYTES + 1);
    expect((await refusedEarly(post(larger, signed(larger)))).status).toBe(413);
    const chunked = { ...signed(larger), 'transfer-encoding': 'chunked' };
    expect((await refusedEarly(post(larger, chunked))).status).toBe(413);
    expect((await stored()).all).toBe(before.all);
  });

  it.each<[string, (body: string) => { body?: Buffer; headers: OutgoingHttpHeaders }]>([
    ['text/plain', () => ({ headers: { 'content-type': 'text/plain' } })],
    ['multipart', () => ({ headers: { 'content-type': 'multipart/form-data; boundary=x' } })],
    ['a form', () => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
    ['UTF-16', () => ({ headers: { 'content-type': 'application/json; charset=utf-16' } })],
    ['another JSON', () => ({ headers: { 'content-type': 'application/ld+json' } })],
    ['of no type', () => ({ headers: { 'content-type': undefined } })],
    ['compressed', (text) => ({ body: gzipSync(text), headers: { 'content-encoding': 'gzip' } })],
    ['said to be compressed', () => ({ headers: { 'content-encoding': 'br' } })],
  ])('is %s', async (_, made) => {
    const before = await stored();
    const text = padded(2_000);
    const { body = Buffer.from(text), headers } = made(text);
    const all = Object.entries({ ...signed(body), ...headers });
    const answer = await post(
      body,
      Object.fromEntries(all.filter(([, value]) => value !== undefined)),
    );
    expect(answer.status).toBe(415);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await stored()).toEqual(before);
  });
});

describe('after all of it', () => {
  it('the server is well, and was never at a loss', async () => {
    const { status } = await flywheel.client.ask('/health/ready');
    expect(status).toBe(200);
    const metrics = await flywheel.client.metrics();
    expect(metrics).not.toMatch(/flywheel_http_request_duration_seconds_count\{[^}]*status="5/);
    const before = await stored();
    expect((await flywheel.client.deliver(payment(), secrets.secret)).status).toBe(200);
    await flywheel.client.settled();
    expect((await stored()).events).toBeGreaterThan(before.events);
  });
});

/** The server may answer and hang up before it has read everything: the answer counts. */
function refusedEarly(answer: Promise<Answer>): Promise<Answer> {
  return answer.catch((error: NodeJS.ErrnoException) => {
    throw new Error(`hung up without an answer: ${error.code ?? error.message}`);
  });
}
