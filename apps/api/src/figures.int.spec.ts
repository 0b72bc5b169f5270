import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  APRIL_15,
  CREATOR,
  codeOf,
  FEBRUARY_15,
  NEW_YORK,
  PATH,
  type Told,
  toldHistory,
} from '../test/history.js';
import { type Json } from '../test/real-parts.js';

const row = (
  rank: number,
  user: string,
  name: string,
  tier: string,
  [totalReferrals, monthlyReferrals, monthlyEarningsMinor]: [number, number, number],
  currency = 'usd',
) => ({
  rank,
  memberId: `user_${user}`,
  name,
  referralCode: codeOf(user),
  tier,
  pinned: false,
  totalReferrals,
  monthlyReferrals,
  monthlyEarningsMinor,
  currency,
});
const MARCH_ROWS = [
  row(1, 'rui', 'Rui Águas', 'Star', [2, 1, 500]),
  row(2, 'ana', 'Ana', 'Star', [2, 1, 500]),
  row(3, 'yan', 'user_yan', 'Starter', [1, 1, 300]),
  row(4, 'zoe', 'user_zoe', 'Starter', [1, 1, 300]),
];
const FEBRUARY_ROWS = [
  row(1, 'rui', 'Rui Águas', 'Starter', [1, 1, 500]),
  row(2, 'ana', 'Ana', 'Starter', [1, 1, 500]),
];

describe('figures', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const read = (path: string) => api.read(path);
  const oneByOne = (path: string) => api.oneByOne(path);
  const during: Told['during'] = (now, work) => api.during(now, work);

  it('list the creators', async () => {
    const json = await read('/creators');
    expect(json).toEqual({
      items: [
        { creatorId: 'biz_a', registeredAt: '2026-04-01T03:30:00Z' },
        { creatorId: 'biz_b', registeredAt: expect.any(String) },
      ],
      nextCursor: null,
      asOf: { position: expect.any(Number), recordedAt: expect.any(String) },
      timeZone: 'UTC',
    });
    expect(await oneByOne('/creators')).toEqual(json.items);
  });

  describe('of a creator', () => {
    const february = {
      month: '2026-02',
      members: 6,
      totalReferrals: 2,
      referrals: 2,
      signUps: 2,
      currency: 'usd',
      otherCurrencies: [],
      revenueMinor: 9998,
      organicMinor: 0,
      referredMinor: 9998,
      initialPayments: 2,
      initialMinor: 9998,
      recurringPayments: 0,
      recurringMinor: 0,
      refundsMinor: 0,
    };
    const march = {
      ...february,
      month: '2026-03',
      members: 11,
      totalReferrals: 6,
      referrals: 4,
      signUps: 5,
      otherCurrencies: ['eur'],
      revenueMinor: 15_998,
      referredMinor: 15_998,
      initialPayments: 3,
      initialMinor: 10_999,
      recurringPayments: 1,
      recurringMinor: 4999,
    };

    it('are those of the current month, on the calendar of the creator', async () => {
      expect(await read(PATH)).toEqual({
        creatorId: CREATOR,
        referrers: 4,
        ...march,
        settings: {
          timeZone: NEW_YORK,
          rates: { memberBps: 1000, creatorBps: 7000, platformBps: 2000 },
          tiers: [
            { name: 'Starter', from: 1 },
            { name: 'Star', from: 2 },
          ],
          graceHours: 72,
          currency: 'usd',
        },
        asOf: { position: expect.any(Number), recordedAt: expect.any(String) },
        timeZone: NEW_YORK,
      });
    });

    it('of a month that is over have totals as of its end', async () => {
      expect(await read(`${PATH}?month=2026-02`)).toMatchObject(february);
      expect(await during(APRIL_15, () => read(`${PATH}?month=2026-03`))).toMatchObject(march);
    });

    it('are zero in a month in which nothing happened yet, except for totals', async () => {
      expect(await during(APRIL_15, () => read(PATH))).toMatchObject({
        month: '2026-04',
        members: 11,
        totalReferrals: 6,
        referrals: 0,
        signUps: 0,
        revenueMinor: 0,
        otherCurrencies: [],
      });
    });

    it('count in another currency what was sold in it', async () => {
      expect(await read(`${PATH}?currency=eur`)).toMatchObject({
        currency: 'eur',
        otherCurrencies: ['usd'],
        revenueMinor: 2000,
        initialPayments: 1,
        recurringPayments: 0,
        referrals: 4,
      });
    });
  });

  describe('of top referrers', () => {
    const top = `${PATH}/top-referrers`;

    it('rank by total, then who reached it first, then member id', async () => {
      expect(await read(top)).toEqual({
        month: '2026-03',
        currency: 'usd',
        otherCurrencies: ['eur'],
        items: MARCH_ROWS,
        nextCursor: null,
        asOf: { position: expect.any(Number), recordedAt: expect.any(String) },
        timeZone: NEW_YORK,
      });
    });

    it('of a past month are as of its end', async () => {
      expect(await read(`${top}?month=2026-02`)).toMatchObject({
        month: '2026-02',
        otherCurrencies: [],
        items: FEBRUARY_ROWS,
      });
      expect((await read(`${top}?month=2026-01`)).items).toEqual([]);
    });

    it('keep totals and ranks in a new month, which begins with zero', async () => {
      const { items } = await during(APRIL_15, () => read(top));
      expect(items).toEqual(
        MARCH_ROWS.map((one) => ({ ...one, monthlyReferrals: 0, monthlyEarningsMinor: 0 })),
      );
    });

    it('do not count what lies after the current month', async () => {
      await during(FEBRUARY_15, async () => {
        expect((await read(top)).items).toEqual(FEBRUARY_ROWS);
        expect(await oneByOne(top)).toEqual(FEBRUARY_ROWS);
        const elsewhere = await oneByOne('/creators/biz_b/top-referrers');
        expect(elsewhere).toMatchObject([
          { rank: 1, memberId: 'user_rui', totalReferrals: 1 },
          { rank: 2, memberId: 'user_ana', totalReferrals: 1 },
          { rank: 3, memberId: 'user_abe', totalReferrals: 1 },
        ]);
      });
    });

    it('show earnings in the currency asked for', async () => {
      const { items, ...rest } = await read(`${top}?currency=eur&limit=2`);
      expect(items).toEqual([
        row(1, 'rui', 'Rui Águas', 'Star', [2, 1, 200], 'eur'),
        row(2, 'ana', 'Ana', 'Star', [2, 1, 0], 'eur'),
      ]);
      expect(rest).toMatchObject({ currency: 'eur', otherCurrencies: ['usd'] });
    });

    it('are the same page by page, other currencies included', async () => {
      expect(await oneByOne(top)).toEqual(MARCH_ROWS);
      const elsewhere = await oneByOne('/creators/biz_b/top-referrers');
      expect(elsewhere.map(({ memberId }) => memberId)).toEqual([
        'user_rui',
        'user_ana',
        'user_abe',
      ]);
      expect(await oneByOne(`${top}?month=2026-02`)).toEqual(FEBRUARY_ROWS);
      const { nextCursor } = await read(`${top}?limit=1`);
      const second = await read(`${top}?limit=1&cursor=${nextCursor}`);
      expect(second.otherCurrencies).toEqual(['eur']);
    });
  });

  describe('of referrals', () => {
    it('list the newest conversions first', async () => {
      const { items, timeZone } = await read(`${PATH}/referrals`);
      expect(timeZone).toBe(NEW_YORK);
      const [newest] = items;
      expect(newest).toEqual({
        member: { memberId: 'user_eve', name: 'user_eve' },
        referrer: { memberId: 'user_ana', name: 'Ana' },
        convertedAt: '2026-04-01T02:30:00Z',
        month: '2026-03',
      });
      expect(items.map(({ member }) => (member as Json).memberId)).toEqual(
        ['eve', 'hal', 'gil', 'dan', 'cy', 'bob'].map((user) => `user_${user}`),
      );
      expect(await oneByOne(`${PATH}/referrals`)).toEqual(items);
    });
  });

  describe('of payments', () => {
    const ids = async (query: string) =>
      (await read(`${PATH}/payments${query}`)).items.map(({ paymentId }) => paymentId);

    it('show every sale with its shares, newest first', async () => {
      const { items } = await read(`${PATH}/payments`);
      expect(items).toHaveLength(11);
      expect(items[0]).toEqual({
        paymentId: 'pay_eve1',
        member: { memberId: 'user_eve', name: 'user_eve' },
        referrerId: 'user_ana',
        referrer: { memberId: 'user_ana', name: 'Ana' },
        kind: 'initial',
        organic: false,
        paidAt: '2026-04-01T02:30:00Z',
        day: '2026-03-31',
        month: '2026-03',
        currency: 'usd',
        saleMinor: 4999,
        memberMinor: 500,
        creatorMinor: 3499,
        platformMinor: 1000,
        reversals: [],
      });
      expect(items.at(-1)).toMatchObject({
        paymentId: 'pay_rui1',
        member: { name: 'Rui Águas' },
        referrerId: null,
        kind: 'initial',
        organic: true,
        saleMinor: 1000,
        memberMinor: 0,
        creatorMinor: 1000,
        platformMinor: 0,
      });
      expect(await oneByOne(`${PATH}/payments`)).toEqual(items);
    });

    it('can be those of a month, a member or a kind', async () => {
      expect(await ids('?kind=recurring')).toEqual(['pay_bob2']);
      expect(await ids('?kind=organic')).toEqual(['pay_yan1', 'pay_zoe1', 'pay_ana1', 'pay_rui1']);
      expect(await ids('?kind=initial&month=2026-02')).toEqual(['pay_cy1', 'pay_bob1']);
      expect(await ids('?member=user_bob')).toEqual(['pay_bob2', 'pay_bob1']);
      expect(await ids('?member=user_nobody')).toEqual([]);
      expect(await ids('?status=reversed')).toEqual([]);
      expect(await ids('?status=standing')).toHaveLength(11);
    });
  });
});
