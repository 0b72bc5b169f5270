/** The hostile corpus against a real Flywheel, over bare sockets: how it is answered, what becomes of it. */
import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { instantOf, systemClock } from '#libs/ledger';
import {
  bodyFile,
  bodyOf,
  type HostileDelivery,
  hostile,
  INSIDE,
  sendRaw,
} from '../hostile/corpus.js';
import { WEBHOOKS } from './client.js';
import { rowOf } from './running.js';
import { served } from './served.js';

const LIMIT_MS = 240_000;
const flywheel = served();
const { secrets } = flywheel;

const signatureOf = (id: string, timestamp: number, body: Buffer): string =>
  createHmac('sha256', secrets.secret).update(`${id}.${timestamp}.`).update(body).digest('base64');

/** Signed rightly and stored: whatever it says, the sender is not to send it again. */
async function deliver(id: string, body: Buffer): Promise<void> {
  const timestamp = instantOf(systemClock.now());
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signatureOf(id, timestamp, body)}`,
  };
  const answer = await flywheel.client.ask(WEBHOOKS, { method: 'POST', body, headers });
  expect([id, answer.status, answer.text]).toEqual([id, 200, '{"status":"stored"}']);
}

/** What became of each delivery, by its id. */
async function outcomes(): Promise<Record<string, string>> {
  const { all } = await rowOf<{ all: Record<string, string> }>(
    flywheel.home,
    `select json_object_agg(delivery_id, outcome || coalesce(':' || code, '')) as all
       from deliveries`,
  );
  return all;
}

describe('deliveries that are hostile and signed rightly', () => {
  let found: Record<string, string>;
  const idOf = ({ name }: HostileDelivery): string => `corpus_${name}`;

  beforeAll(async () => {
    for (const delivery of hostile.deliveries) await deliver(idOf(delivery), bodyOf(delivery));
    await flywheel.client.settled();
    found = await outcomes();
  }, LIMIT_MS);

  it.each(hostile.deliveries.map((delivery) => [delivery.name, delivery.why, delivery] as const))(
    '%s: %s',
    (_name, _why, delivery) => {
      expect(found[idOf(delivery)]).toBe(delivery.outcome);
    },
  );

  it('have no file that is not in the manifest', () => {
    const named = hostile.deliveries.flatMap(({ name, make }) => (make ? [] : [`${name}.body`]));
    expect(readdirSync(path.dirname(bodyFile(''))).sort()).toEqual(named.sort());
  });
});

describe('requests that are hostile', () => {
  const fill = (raw: string, id: string): Buffer => {
    const at = raw.indexOf('\r\n\r\n') + 4;
    const body = Buffer.from(raw.slice(at), 'latin1');
    const timestamp = instantOf(systemClock.now());
    const values: Record<string, string> = {
      token: secrets.token,
      id,
      timestamp: String(timestamp),
      signature: signatureOf(id, timestamp, body),
      length: String(body.length),
    };
    return Buffer.from(
      raw.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? name),
      'latin1',
    );
  };

  it.each(hostile.requests.map((request) => [request.name, request.why, request] as const))(
    '%s: %s',
    async (name, _why, { raw, status, code }) => {
      const { text, ...answer } = await sendRaw(flywheel.url, fill(raw, `request_${name}`));
      expect({ expected: [status].flat().includes(answer.status), text }).toEqual({
        expected: true,
        text,
      });
      if (code !== undefined) expect(text).toContain(`"code":"${code}"`);
      if (answer.status >= 400) {
        expect(text).toContain('application/problem+json');
        expect(text).toContain('x-content-type-options: nosniff');
        expect(text).not.toMatch(INSIDE);
      }
      expect(text).not.toContain(secrets.token);
    },
  );
});

describe('after all of it', () => {
  it('nothing had to be done twice, and nothing is at a loss', async () => {
    expect(
      Object.values(await outcomes()).filter((one) => /intake_failed|pending/.test(one)),
    ).toEqual([]);
    expect(await flywheel.client.metrics()).not.toMatch(
      /flywheel_http_request_duration_seconds_count\{[^}]*status="5/,
    );
    expect((await flywheel.client.ask('/health/ready')).status).toBe(200);
  });
});
