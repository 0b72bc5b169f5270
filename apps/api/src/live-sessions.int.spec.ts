/** Answers that go on end with what let their readers in. */
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMIN_TOKEN, asAdmin } from '../test/in-memory-parts.js';
import { type RealApi, realApi } from '../test/real-parts.js';

const PROMISED_MS = 5_000;
type Headers = Record<string, string>;

describe('a stream', () => {
  let api: RealApi;
  let url: string;
  beforeAll(async () => {
    api = await realApi(Date.UTC(2026, 2, 14, 12));
    await api.put('/creators/biz_a/settings', { currency: 'usd' });
    await api.get('/creators');
    await api.app.listen(0, '127.0.0.1');
    url = await api.app.getUrl();
  });
  afterAll(() => api.close());

  const ask = (method: 'POST' | 'DELETE', path: string, headers: Headers, payload?: object) =>
    api.app.inject({ method, url: path, headers, ...(payload && { payload }) });
  const tokenFor = async (whom: object): Promise<{ id: string; token: string }> =>
    (await ask('POST', '/api/admin/tokens', asAdmin, whom)).json();
  const signedIn = async (token: string): Promise<Headers> => {
    const answer = await ask('POST', '/api/session', {}, { token });
    return { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' };
  };
  const revoke = (id: string) => ask('DELETE', `/api/admin/tokens/${id}`, asAdmin);

  /** Opened, with its first event. */
  async function listen(headers: Headers) {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get(`${url}/api/live`, { headers, agent: false }, resolve).once('error', reject);
    });
    const closed = new Promise<void>((resolve) => response.once('close', () => resolve()));
    await new Promise((resolve) => response.once('data', resolve));
    response.resume();
    return {
      status: response.statusCode,
      isOpen: () => !response.complete && !response.destroyed,
      endsWithin: async (ms: number): Promise<boolean> => {
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<boolean>((resolve) => {
          timer = setTimeout(() => resolve(false), ms);
        });
        const ended = await Promise.race([closed.then(() => true), late]);
        clearTimeout(timer);
        return ended;
      },
      hangUp: () => response.destroy(),
    };
  }

  it('ends within five seconds when its session, its token or the session’s token ends', async () => {
    const [one, other, direct] = [
      await tokenFor({ role: 'creator', creatorId: 'biz_a' }),
      await tokenFor({ role: 'creator', creatorId: 'biz_a' }),
      await tokenFor({ role: 'creator', creatorId: 'biz_a' }),
    ];
    const admin = await signedIn(ADMIN_TOKEN);
    const session = await signedIn(one.token);
    const stays = await signedIn(other.token);
    const bearer = { authorization: `Bearer ${direct.token}` };
    const ending = await Promise.all([admin, session, bearer].map(listen));
    const others = await Promise.all([stays, asAdmin].map(listen));
    const streams = [...ending, ...others];
    expect(streams.map(({ status }) => status)).toEqual(Array(5).fill(200));

    await ask('DELETE', '/api/session', { ...admin, 'sec-fetch-site': 'same-origin' });
    await revoke(one.id);
    await revoke(direct.id);
    const ended = await Promise.all(ending.map((stream) => stream.endsWithin(PROMISED_MS)));
    expect(ended).toEqual([true, true, true]);
    expect(others.map((stream) => stream.isOpen())).toEqual([true, true]);
    for (const stream of others) stream.hangUp();
  });
});
