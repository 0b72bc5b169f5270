import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPayment } from '#libs/ingestion';
import { CREATOR, codeOf, PATH, type Told, toldHistory } from '../test/history.js';
import { asAdmin } from '../test/in-memory-parts.js';

const MARCH_30 = Date.UTC(2026, 2, 30, 12) / 1000;

interface Heard {
  readonly id: string;
  readonly event: string;
  readonly data: {
    readonly position: number;
    readonly everything: boolean;
    readonly creators: readonly {
      readonly creatorId: string;
      readonly members: readonly string[];
      readonly months: readonly string[];
      readonly fields: readonly string[];
    }[];
  };
}

describe('the live feed', () => {
  let api: Told;
  let url: string;
  beforeAll(async () => {
    api = await toldHistory();
    await api.read(PATH); // the read models have come so far
    await api.app.listen(0, '127.0.0.1');
    url = `${await api.app.getUrl()}/api/live`;
  });
  afterAll(() => api.close());

  let payments = 0;
  const pay = async (user: string, rest: { creatorId?: string; by?: string } = {}) => {
    payments += 1;
    const { creatorId = CREATOR, by } = rest;
    await api.ledger.deliver(
      renderPayment('v1', {
        creatorId,
        userId: `user_${user}`,
        membershipId: `mem_live_${user}`,
        paymentId: `pay_live_${payments}`,
        status: 'succeeded',
        amount: '49.99',
        currency: 'usd',
        paidAt: MARCH_30,
        createdAt: MARCH_30,
        ...(by === undefined ? {} : { referralCode: codeOf(by, creatorId) }),
      }),
    );
    await api.ledger.decide();
  };

  /** What is heard, one event after the other. */
  async function listen(query = '', headers: Record<string, string> = {}) {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const options = { headers: { ...asAdmin, ...headers }, agent: false };
      http.get(`${url}${query}`, options, resolve).once('error', reject);
    });
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    const frames = (async function* () {
      let text = '';
      for await (const chunk of response) {
        text += String(chunk);
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const frame = Object.fromEntries(
            text
              .slice(0, end)
              .split('\n')
              .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
          );
          text = text.slice(end + 2);
          if (frame.event !== undefined)
            yield { ...frame, data: JSON.parse(frame.data ?? '') } as unknown as Heard;
        }
      }
    })();
    return {
      next: async (): Promise<Heard> => {
        const { value, done } = await frames.next();
        if (done === true) throw new Error('it ended');
        return value;
      },
      end: () => response.destroy(),
    };
  }

  const head = async (): Promise<number> => Number(await api.ledger.store.head());

  it('says where things stand, then what changed once the figures show it', async () => {
    const live = await listen();
    const first = await live.next();
    expect(first).toEqual({
      id: String(await head()),
      event: 'figures',
      data: { position: await head(), creators: [], everything: false },
    });
    await pay('lia', { by: 'rui' });
    const told = await live.next();
    expect(told.id).toBe(String(told.data.position));
    expect(told.data).toMatchObject({
      position: await head(),
      everything: false,
      creators: [
        {
          creatorId: CREATOR,
          members: ['user_lia', 'user_rui'],
          months: ['2026-03'],
          fields: ['earnings', 'referralCode', 'referrals', 'referrer', 'revenue', 'signUps'],
          isCut: false,
        },
      ],
    });
    // Once: what comes next is of somebody else.
    await pay('zed', { creatorId: 'biz_b' });
    const { data } = await live.next();
    expect(data.creators.map(({ creatorId, members }) => [creatorId, members])).toEqual([
      ['biz_b', ['user_zed']],
    ]);
    live.end();
  });

  it('tells whoever comes back what came since', async () => {
    const before = await head();
    await pay('moe', { creatorId: 'biz_b' });
    await api.read(PATH);
    const live = await listen('', { 'last-event-id': String(before) });
    const { data } = await live.next();
    expect(data.creators.map(({ creatorId, members }) => [creatorId, members])).toEqual([
      ['biz_b', ['user_moe']],
    ]);
    live.end();
  });

  it('tells whoever comes from another log that everything may have changed', async () => {
    const live = await listen('', { 'last-event-id': String((await head()) + 1_000) });
    expect((await live.next()).data).toMatchObject({ everything: true, creators: [] });
    live.end();
  });

  it('is only of the creator that is asked for', async () => {
    const live = await listen('?creator=biz_b');
    await live.next();
    await pay('noa');
    await pay('pia', { creatorId: 'biz_b' });
    const { data } = await live.next();
    expect(data.creators.map(({ creatorId }) => creatorId)).toEqual(['biz_b']);
    live.end();
  });

  it('refuses what is no creator', async () => {
    const { status, json } = await api.get('/live?creator=user_a');
    expect([status, json.code]).toEqual([400, 'input_invalid']);
  });
});
