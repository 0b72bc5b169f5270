/** Pages of the ranking that are given again while the database is the same, and never when it is not. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPayment } from '#libs/ingestion';
import { APRIL_15, CREATOR, codeOf, PATH, type Told, toldHistory } from '../test/history.js';

const PAID_AT = Date.UTC(2026, 2, 30, 12) / 1_000;

describe('a page of the ranking that is asked again and again', () => {
  let api: Told;
  /** Of as many rows nobody has asked yet: read anew. */
  let limit = 20;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const paid = async (user: string, name: string, by: string): Promise<void> => {
    await api.ledger.deliver(
      renderPayment('v1', {
        creatorId: CREATOR,
        userId: `user_${user}`,
        membershipId: `mem_${user}`,
        paymentId: `pay_${user}_${name}`,
        status: 'succeeded',
        name,
        amount: '10.00',
        currency: 'usd',
        paidAt: PAID_AT,
        createdAt: PAID_AT,
        referralCode: codeOf(by),
      }),
    );
    await api.ledger.decide();
  };
  const order = async (work: Promise<{ status: number }>): Promise<void> => {
    expect((await work).status).toBeLessThan(300);
  };

  const changes: readonly [string, () => Promise<void>][] = [
    ['nothing', async () => {}],
    ['somebody has paid', () => paid('pia', 'Pia', 'ana')],
    ['somebody is called otherwise', () => paid('rui', 'Ruy', 'ana')],
    [
      'a tier was pinned',
      () =>
        order(api.put(`${PATH}/members/user_yan/tier-pin`, { tier: 'Star', reason: 'a friend' })),
    ],
    [
      'the tiers are others',
      () => {
        const tiers = [
          { name: 'Beginner', from: 1 },
          { name: 'Star', from: 9 },
        ];
        return order(api.put(`${PATH}/settings`, { tiers }));
      },
    ],
    [
      'somebody was erased',
      () => order(api.delete(`${PATH}/members/user_rui/personal-data`, { reason: 'asked' })),
    ],
  ];

  const pages = ['', '&month=2026-02', '&currency=eur'];

  it.each(changes)('is what is so now, after %s', async (what, change) => {
    const ask = (page: string, rows: number) =>
      api.read(`${PATH}/top-referrers?limit=${rows}${page}`);
    const asked = async () => {
      for (const page of [...pages, ...pages]) await ask(page, 10);
      return Promise.all(pages.map((page) => ask(page, 10)));
    };
    const before = await asked();
    expect(before[0]?.items.length).toBeGreaterThan(3);
    await change();
    const after = await Promise.all(pages.map((page) => ask(page, 10)));
    limit += 1;
    const anew = await Promise.all(pages.map((page) => ask(page, limit)));
    expect(after).toEqual(anew);
    expect(await asked()).toEqual(anew);
    // A change that shows nowhere would prove nothing.
    expect(JSON.stringify(after) === JSON.stringify(before)).toBe(what === 'nothing');
  });

  it('is that of the month that has begun meanwhile', async () => {
    const ask = () => api.read(`${PATH}/top-referrers?limit=10`);
    for (let n = 0; n < 3; n++) await ask();
    await api.during(APRIL_15, async () => {
      for (let n = 0; n < 3; n++)
        expect((await ask()).items[0]).toMatchObject({ monthlyReferrals: 0 });
    });
  });
});
