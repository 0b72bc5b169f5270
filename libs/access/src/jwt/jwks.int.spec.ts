/** Keys from a real server on this machine that is slow, away, endless, or changes its keys. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  GOOD_CLAIMS,
  ISSUER,
  NOW_MS,
  type SigningKey,
  signingKey,
  tokenOf,
  verification,
} from './issuer.fixture.js';
import { COOLDOWN_MS, FRESH_MS, pinnedKey, RETRY_MS, remoteKeys, USABLE_MS } from './jwks.js';
import { verifyJwt } from './verify-jwt.js';

const first = signingKey('first', 'ES256');
const second = signingKey('second', 'ES256');
const json = { 'content-type': 'application/json' };

describe('keys behind an address', () => {
  let server: Server;
  let asked: number;
  let answer: RequestListener;
  let now: number;
  let verify: (key: SigningKey, kid?: string) => Promise<string>;

  beforeEach(async () => {
    asked = 0;
    now = NOW_MS;
    serve([first]);
    server = createServer((request, response) => {
      asked += 1;
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const clock = { now: () => now };
    const keys = remoteKeys({ url, clock, timeoutMs: 1_500 });
    verify = async (key, kid = key.kid) => {
      const iat = Math.floor(now / 1000);
      const claims = { ...GOOD_CLAIMS, iss: ISSUER, iat, exp: iat + 60 };
      const token = tokenOf({ alg: 'ES256', kid }, claims, key);
      const how = { ...verification(keys), clock };
      return verifyJwt(token, how).then(
        () => 'believed',
        (error: { reason?: string; code?: string }) => error.reason ?? error.code ?? 'failed',
      );
    };
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const serve = (keys: readonly SigningKey[]): void => {
    answer = (_, response) => {
      response.writeHead(200, json).end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    };
  };
  const away: RequestListener = (_, response) => void response.writeHead(500).end();

  it('are fetched once for all who come', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(first)));
    expect(new Set(answers)).toEqual(new Set(['believed']));
    expect(asked).toBe(1);
  });

  it('are fetched again once for a key that is new', async () => {
    await verify(first);
    serve([first, second]);
    now += COOLDOWN_MS;
    expect(await Promise.all([verify(second), verify(second), verify(first)])).toEqual(
      Array(3).fill('believed'),
    );
    expect(asked).toBe(2);
  });

  it('are forgotten when the set leaves them out', async () => {
    await verify(first);
    serve([second]);
    now += FRESH_MS;
    expect(await verify(first)).toBe('key_unknown');
    expect(await verify(second)).toBe('believed');
    expect(asked).toBe(2);
  });

  it('are not asked for by a flood of keys that nobody has', async () => {
    await verify(first);
    now += COOLDOWN_MS;
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, n) => verify(second, `made-up-${n}`)),
    );
    expect(new Set(answers)).toEqual(new Set(['key_unknown']));
    expect(asked).toBe(2);
  });

  it('that are away let nobody in, and are asked for again soon', async () => {
    answer = away;
    expect(await verify(first)).toBe('jwks_unavailable');
    expect(await verify(first)).toBe('jwks_unavailable');
    expect(asked).toBe(1);
    serve([first]);
    now += RETRY_MS;
    expect(await verify(first)).toBe('believed');
    expect(asked).toBe(2);
  });

  it('that were fetched hold for an hour while the address is away, and no longer', async () => {
    await verify(first);
    answer = away;
    now += USABLE_MS - 1;
    expect(await verify(first)).toBe('believed');
    // It could be in the set that cannot be seen: whoever shows it is not told that it is wrong.
    expect(await verify(second)).toBe('jwks_unavailable');
    now += 1;
    expect(await verify(first)).toBe('jwks_unavailable');
  });

  const BAD: Readonly<Record<string, RequestListener>> = {
    'never answers': () => {},
    'answers without end': (_, response) => {
      response.writeHead(200, json);
      const pour = (): void => {
        if (!response.destroyed) response.write('["'.padEnd(65_536, 'x'), () => setImmediate(pour));
      };
      pour();
    },
    'begins and stops': (_, response) => void response.writeHead(200, json).write('{"keys":['),
    'sends on to another address': (_, response) =>
      void response.writeHead(302, { location: '/other' }).end(),
    'answers with a page': (_, response) => void response.writeHead(200).end('<html></html>'),
    'answers null': (_, response) => void response.writeHead(200, json).end('null'),
    'answers with no set': (_, response) => void response.writeHead(200, json).end('{"keys":{}}'),
    'answers with ten thousand keys': (_, response) =>
      void response.writeHead(200, json).end(JSON.stringify({ keys: Array(10_000).fill({}) })),
    'has another status': (_, response) =>
      void response.writeHead(203, json).end(JSON.stringify({ keys: [first.jwk] })),
    'hangs up': (request) => void request.socket.destroy(),
  };
  it.each(Object.entries(BAD))('let nobody in when the address %s', async (_, bad) => {
    answer = bad;
    const began = performance.now();
    expect(await verify(first)).toBe('jwks_unavailable');
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(asked).toBe(1);
  });

  it('of which some cannot be used leave the others usable', async () => {
    answer = (_, response) => {
      const odd = [
        { kty: 'EC', kid: 'first', crv: 'P-256', use: 'enc' },
        { kty: 'oct', k: 'AAAA' },
      ];
      response.writeHead(200, json).end(JSON.stringify({ keys: [...odd, first.jwk] }));
    };
    expect(await verify(first)).toBe('believed');
  });

  it('that hold a secret verify nothing with it', async () => {
    answer = (_, response) => {
      const jwk = first.key.export({ format: 'jwk' });
      response.writeHead(200, json).end(JSON.stringify({ keys: [{ ...jwk, kid: 'first' }] }));
    };
    expect(await verify(first)).toBe('key_unknown');
  });
});

describe('a key in the configuration', () => {
  it('verifies whatever it signed, under any kid, and nothing else', async () => {
    const { kid: _, alg: __, use: ___, ...jwk } = first.jwk;
    const how = verification(pinnedKey({ kty: 'EC', ...jwk }, 'ES256'));
    const token = (key: SigningKey) => tokenOf({ alg: 'ES256', kid: 'any' }, GOOD_CLAIMS, key);
    await expect(verifyJwt(token(first), how)).resolves.toMatchObject({ subject: 'person-17' });
    await expect(verifyJwt(token(second), how)).rejects.toMatchObject({ reason: 'signature' });
  });
});
