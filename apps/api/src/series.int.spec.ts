import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APRIL_15, NEW_YORK, PATH, type Told, toldHistory } from '../test/history.js';
import type { Json } from '../test/real-parts.js';
import { restate } from '../test/restating.js';

const RUI = `${PATH}/members/user_rui`;

/** In a history that others know: of Bob's payment of February, 20 of 49.99 come back in March. */
describe('figures over a range', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
    await restate(api.ledger, 'biz_a', [
      {
        ...{ kind: 'reversal', by: 'bob', referrer: 'rui', first: true },
        ...{ source: 'rfnd_1', payment: 'pay_bob1', minor: [2000n, 200n, 1400n, 400n] },
        ...{ at: '2026-03-07T12:00:00Z', day: '2026-03-07' },
      },
    ]);
  });
  afterAll(() => api.close());

  const read = (path: string) => api.read(path);
  const months = ({ items }: Json) => items.map(({ month }) => month);
  const refused = async (path: string) => {
    const { status, json } = await api.get(path);
    return [status, json.code, json.detail ?? ''];
  };

  describe('of revenue', () => {
    const revenue = `${PATH}/revenue`;

    it('are those of each month, refunds apart and in the month of their own', async () => {
      const { items, ...rest } = await read(`${revenue}?from=2026-01&to=2026-03`);
      expect(rest).toEqual({
        from: '2026-01',
        to: '2026-03',
        currency: 'usd',
        otherCurrencies: ['eur'],
        asOf: { position: expect.any(Number), recordedAt: expect.any(String) },
        timeZone: NEW_YORK,
      });
      const january = {
        month: '2026-01',
        revenueMinor: 4000,
        organicMinor: 4000,
        referredMinor: 0,
        refundsMinor: 0,
        initialPayments: 4,
        initialMinor: 4000,
        recurringPayments: 0,
        recurringMinor: 0,
        organicPayments: 4,
        referredPayments: 0,
        currency: 'usd',
      };
      expect(items).toEqual([
        january,
        {
          ...january,
          month: '2026-02',
          revenueMinor: 9998,
          organicMinor: 0,
          organicPayments: 0,
          referredMinor: 9998,
          referredPayments: 2,
          initialPayments: 2,
          initialMinor: 9998,
        },
        {
          ...january,
          month: '2026-03',
          revenueMinor: 15_998,
          organicMinor: 0,
          organicPayments: 0,
          referredMinor: 15_998,
          referredPayments: 4,
          refundsMinor: 2000,
          initialPayments: 3,
          initialMinor: 10_999,
          recurringPayments: 1,
          recurringMinor: 4999,
        },
      ]);
    });

    it('are by default those of twelve months, empty ones too', async () => {
      const year = await read(revenue);
      expect([year.from, year.to]).toEqual(['2025-04', '2026-03']);
      expect(months(year)).toHaveLength(12);
      expect(year.items[0]).toMatchObject({ month: '2025-04', revenueMinor: 0, currency: 'usd' });
      expect(months(await read(`${revenue}?to=1970-02`))).toEqual(['1970-01', '1970-02']);
    });

    it('in another currency count what was sold in it, and name those of the range alone', async () => {
      const euros = await read(`${revenue}?from=2026-02&to=2026-03&currency=eur`);
      expect(euros.items.map(({ revenueMinor }) => revenueMinor)).toEqual([0, 2000]);
      expect(euros.otherCurrencies).toEqual(['usd']);
      expect((await read(`${revenue}?from=2026-01&to=2026-02`)).otherCurrencies).toEqual([]);
    });

    it.each([
      ['?from=2026-03&to=2026-02', 'range_invalid', 'exchange'],
      ['?from=2005-03&to=2026-03', 'range_too_long', 'at most 240 months'],
      ['?to=2026-04', 'month_in_future', 'the current month is 2026-03'],
      ['?from=2026-04', 'month_in_future', '2026-03'],
      ['?from=2026-03-01', 'range_malformed', 'such as 2026-03'],
      ['?from=2026-13', 'input_invalid', ''],
      ['?to=2026-02-31', 'range_malformed', ''],
      ['?from=1969-12', 'input_invalid', ''],
      ['?currency=zzz', 'input_invalid', ''],
      ['?currency=USD', 'input_invalid', ''],
      ['?until=2026-03', 'input_invalid', ''],
    ])('%s are refused: %s', async (query, code, detail) => {
      expect(await refused(`${revenue}${query}`)).toEqual([
        400,
        code,
        expect.stringContaining(detail),
      ]);
    });
  });

  describe('of growth', () => {
    it('are conversions and referred sign-ups, those of the current month last', async () => {
      expect(await read(`${PATH}/growth?months=3`)).toMatchObject({
        from: '2026-01',
        to: '2026-03',
        items: [
          { month: '2026-01', referrals: 0, signUps: 0 },
          { month: '2026-02', referrals: 2, signUps: 2 },
          { month: '2026-03', referrals: 4, signUps: 5 },
        ],
        timeZone: NEW_YORK,
      });
      expect((await read(`${PATH}/growth`)).items).toHaveLength(6);
    });

    it('begin a new month with zero', async () => {
      const april = await api.during(APRIL_15, () => read(`${PATH}/growth?months=1`));
      expect(april.items).toEqual([{ month: '2026-04', referrals: 0, signUps: 0 }]);
    });

    it('of the month so far stand beside the same days of the month before', async () => {
      const of = async () => {
        const { soFar, sameDaysBefore } = await read(`${PATH}/growth?months=1`);
        return [soFar, sameDaysBefore];
      };
      const march = { month: '2026-03', throughDay: '2026-03-31', referrals: 4, signUps: 5 };
      const february = { month: '2026-02', throughDay: '2026-02-28', referrals: 2, signUps: 2 };
      expect(await of()).toEqual([march, february]);
      // Of February 6, in New York, Cy is; of its fifth Bob alone.
      const [sixth, fifth] = [Date.UTC(2026, 2, 7, 4, 59), Date.UTC(2026, 2, 6, 4, 59)];
      expect(await api.during(sixth, of)).toEqual([
        { ...march, throughDay: '2026-03-06', referrals: 1, signUps: 1 },
        { ...february, throughDay: '2026-02-06' },
      ]);
      expect(await api.during(fifth, of)).toEqual([
        { ...march, throughDay: '2026-03-05', referrals: 1, signUps: 1 },
        { ...february, throughDay: '2026-02-05', referrals: 1, signUps: 1 },
      ]);
      expect(await api.during(APRIL_15, of)).toEqual([
        { month: '2026-04', throughDay: '2026-04-14', referrals: 0, signUps: 0 },
        { ...march, throughDay: '2026-03-14', referrals: 3, signUps: 3 },
      ]);
    });

    it('of a member are of those whom they referred', async () => {
      expect(await read(`${RUI}/growth?months=2`)).toMatchObject({
        memberId: 'user_rui',
        name: 'Rui Águas',
        items: [
          { month: '2026-02', referrals: 1, signUps: 1 },
          { month: '2026-03', referrals: 1, signUps: 2 },
        ],
      });
      const none = await read(`${PATH}/members/user_ivo/growth?months=1`);
      expect(none.items).toEqual([{ month: '2026-03', referrals: 0, signUps: 0 }]);
    });

    it.each(['0', '241', '-1', '1.5', 'six'])('of %s months are refused', async (asked) => {
      expect(await refused(`${PATH}/growth?months=${asked}`)).toEqual([
        400,
        'input_invalid',
        expect.any(String),
      ]);
    });
  });

  describe('of earnings', () => {
    const row = (
      month: string,
      [earned, reversed]: [number, number],
      day: string | null = null,
    ) => ({
      month,
      day,
      earnedMinor: earned,
      reversedMinor: reversed,
      earningsMinor: earned - reversed,
      currency: 'usd',
    });

    it('by month are shares less what was reversed in the month', async () => {
      expect(await read(`${RUI}/earnings?from=2026-01`)).toMatchObject({
        memberId: 'user_rui',
        by: 'month',
        from: '2026-01',
        to: '2026-03',
        currency: 'usd',
        otherCurrencies: ['eur'],
        items: [row('2026-01', [0, 0]), row('2026-02', [500, 0]), row('2026-03', [500, 200])],
      });
    });

    it('by day are those of the whole month by default, on the calendar of the creator', async () => {
      const march = await read(`${RUI}/earnings?by=day`);
      expect([march.from, march.to, march.items.length]).toEqual(['2026-03-01', '2026-03-31', 31]);
      const days = march.items.filter(({ earningsMinor }) => earningsMinor !== 0);
      expect(days).toEqual([
        row('2026-03', [500, 0], '2026-03-05'),
        row('2026-03', [0, 200], '2026-03-07'),
      ]);
      const ana = await read(`${PATH}/members/user_ana/earnings?by=day&from=2026-03-31`);
      expect(ana.items).toEqual([row('2026-03', [500, 0], '2026-03-31')]);
    });

    it('by day begin and end with the days or months that are named', async () => {
      const days = async (query: string) =>
        (await read(`${RUI}/earnings?by=day&${query}`)).items.map(({ day }) => day);
      expect(await days('from=2026-02-27&to=2026-03-01')).toEqual([
        '2026-02-27',
        '2026-02-28',
        '2026-03-01',
      ]);
      expect(await days('from=2026-02&to=2026-02')).toHaveLength(28);
    });

    it('in another currency are those in it', async () => {
      const euros = await read(`${RUI}/earnings?from=2026-03&currency=eur`);
      expect(euros).toMatchObject({ currency: 'eur', otherCurrencies: ['usd'] });
      expect(euros.items).toMatchObject([{ earningsMinor: 200, currency: 'eur' }]);
    });

    it('of somebody nobody knows are refused', async () => {
      const of = `${PATH}/members/user_nobody`;
      for (const path of ['earnings', 'growth', 'statement', 'earnings?by=day'])
        expect((await refused(`${of}/${path}`)).slice(0, 2)).toEqual([404, 'member_not_found']);
    });

    it.each([
      ['?by=day&from=2024-01-01&to=2026-01-02', 'range_too_long', 'at most 732 days'],
      ['?by=day&from=2026-03-02&to=2026-03-01', 'range_invalid', ''],
      ['?by=day&from=2026-02-30', 'range_malformed', 'such as'],
      ['?by=week', 'input_invalid', ''],
      ['?by=month&to=2026-03-15', 'range_malformed', 'by month'],
      ['?by=day&to=2026-04-01', 'month_in_future', ''],
    ])('%s are refused: %s', async (query, code, detail) => {
      expect(await refused(`${RUI}/earnings${query}`)).toEqual([
        400,
        code,
        expect.stringContaining(detail),
      ]);
    });
  });
});
