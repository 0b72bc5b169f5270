import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { codeOf, NEW_YORK, PATH, type Told, toldHistory } from '../test/history.js';

describe('figures', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const read = (path: string) => api.read(path);
  const oneByOne = (path: string) => api.oneByOne(path);

  describe('of members', () => {
    const members = `${PATH}/members`;
    const ids = async (query: string) =>
      (await read(`${members}${query}`)).items.map(({ memberId }) => memberId);
    const users = (...names: string[]) => names.map((name) => `user_${name}`);

    it('list everybody who is known, with their referrer', async () => {
      const { items } = await read(members);
      expect(items.map(({ memberId }) => memberId)).toEqual(
        users('ana', 'bob', 'cy', 'dan', 'eve', 'fay', 'gil', 'hal', 'ivo', 'rui', 'yan', 'zoe'),
      );
      expect(items[1]).toEqual({
        memberId: 'user_bob',
        name: 'Bob 100%',
        referralCode: codeOf('bob'),
        signedUpAt: '2026-02-05T12:00:00Z',
        convertedAt: '2026-02-05T12:00:00Z',
        referrer: { memberId: 'user_rui', name: 'Rui Águas' },
        totalReferrals: 0,
        tier: 'Unranked',
        tierPin: null,
      });
      expect(items[8]).toMatchObject({ signedUpAt: null, convertedAt: null, referrer: null });
    });

    it('can be searched by how words of names begin, without regard to case and accents', async () => {
      expect(await ids(`?q=${encodeURIComponent('áGUAS')}`)).toEqual(users('rui'));
      expect(await ids('?q=agu%20rui')).toEqual(users('rui'));
      expect(await ids('?q=guas')).toEqual([]);
      expect(await ids('?q=agu%20bob')).toEqual([]);
      expect(await ids('?q=100')).toEqual(users('bob'));
    });

    it('can be searched by parts of ids and codes, without regard to signs of a pattern', async () => {
      expect(await ids('?q=%25')).toEqual([]);
      expect(await ids('?q=FAY.W')).toEqual(users('fay'));
      expect(await ids(`?q=${codeOf('gil').toLowerCase()}`)).toEqual(users('gil'));
      expect(await ids('?q=_b')).toEqual(users('bob'));
    });

    it('can be those of a tier', async () => {
      expect(await ids('?tier=Star')).toEqual(users('ana', 'rui'));
      expect(await ids('?tier=Starter')).toEqual(users('yan', 'zoe'));
      expect(await ids('?tier=Unranked&q=user_b')).toEqual(users('bob'));
      expect(await api.get(`${members}?tier=Gold`)).toMatchObject({
        status: 400,
        json: { code: 'tier_unknown' },
      });
    });

    it('have an order that pages keep', async () => {
      expect((await ids('?sort=totalReferrals')).slice(0, 5)).toEqual(
        users('ana', 'rui', 'yan', 'zoe', 'bob'),
      );
      expect((await ids('?sort=signedUpAt')).slice(0, 3)).toEqual(users('eve', 'fay', 'gil'));
      for (const sort of ['memberId', 'totalReferrals', 'signedUpAt']) {
        const { items } = await read(`${members}?sort=${sort}`);
        expect(await oneByOne(`${members}?sort=${sort}`)).toEqual(items);
      }
    });

    it('refuse the cursor of another order', async () => {
      const { nextCursor } = await read(`${members}?limit=1`);
      const other = await api.get(`${members}?sort=signedUpAt&cursor=${nextCursor}`);
      expect([other.status, other.json.code]).toEqual([400, 'cursor_invalid']);
    });

    it('show one with their rank', async () => {
      expect(await read(`${members}/user_ana`)).toMatchObject({
        memberId: 'user_ana',
        referralCode: codeOf('ana'),
        referrer: null,
        totalReferrals: 2,
        tier: 'Star',
        rank: 2,
        timeZone: NEW_YORK,
      });
      expect(await read(`${members}/user_ivo`)).toMatchObject({ rank: null, tier: 'Unranked' });
    });

    it('show the figures of one', async () => {
      expect(await read(`${members}/user_rui/stats`)).toEqual({
        memberId: 'user_rui',
        month: '2026-03',
        monthlyReferrals: 1,
        totalReferrals: 2,
        reversedReferrals: 0,
        currency: 'usd',
        otherCurrencies: ['eur'],
        monthlyEarningsMinor: 500,
        totalEarningsMinor: 1000,
        tier: 'Star',
        tierPin: null,
        rank: 1,
        asOf: { position: expect.any(Number), recordedAt: expect.any(String) },
        timeZone: NEW_YORK,
      });
      expect(await read(`${members}/user_zoe/stats`)).toMatchObject({ rank: 4 });
      expect(await read(`${members}/user_rui/stats?currency=eur`)).toMatchObject({
        otherCurrencies: ['usd'],
        monthlyEarningsMinor: 200,
        totalEarningsMinor: 200,
      });
    });

    it('show the figures of one as of the end of a past month', async () => {
      expect(await read(`${members}/user_rui/stats?month=2026-02`)).toMatchObject({
        monthlyReferrals: 1,
        totalReferrals: 1,
        otherCurrencies: [],
        monthlyEarningsMinor: 500,
        totalEarningsMinor: 500,
        tier: 'Starter',
        rank: 1,
      });
      expect(await read(`${members}/user_rui/stats?month=2026-01`)).toMatchObject({
        totalReferrals: 0,
        tier: 'Unranked',
        rank: null,
      });
    });

    it('list whom one referred, converted or not yet', async () => {
      const path = `${members}/user_rui/referrals`;
      const { items } = await read(path);
      expect(items).toEqual([
        {
          memberId: 'user_fay',
          name: 'fay.w',
          signedUpAt: '2026-03-20T12:00:00Z',
          convertedAt: null,
          month: null,
          status: 'signedUp',
        },
        expect.objectContaining({ memberId: 'user_dan', month: '2026-03', status: 'converted' }),
        expect.objectContaining({ memberId: 'user_bob', month: '2026-02', status: 'converted' }),
      ]);
      expect(await oneByOne(path)).toEqual(items);
      expect((await read(`${path}?status=signedUp`)).items).toEqual(items.slice(0, 1));
      expect((await read(`${path}?status=converted`)).items).toEqual(items.slice(1));
      expect((await read(`${members}/user_bob/referrals`)).items).toEqual([]);
    });
  });

  describe('are refused', () => {
    it.each([
      ['/creators/biz_nobody', 404, 'creator_not_found'],
      ['/creators/biz_nobody/top-referrers', 404, 'creator_not_found'],
      ['/creators/biz_nobody/members', 404, 'creator_not_found'],
      ['/creators/biz_nobody/payments', 404, 'creator_not_found'],
      ['/creators/biz_nobody/referrals', 404, 'creator_not_found'],
      ['/creators/biz_nobody/settings', 404, 'creator_not_found'],
      [`${PATH}/members/user_nobody`, 404, 'member_not_found'],
      [`${PATH}/members/user_nobody/stats`, 404, 'member_not_found'],
      [`${PATH}/members/user_nobody/referrals`, 404, 'member_not_found'],
      ['/creators/a', 400, 'id_malformed'],
      ['/creators/biz_a.user_b/top-referrers', 400, 'id_malformed'],
      [`${PATH}/members/mem_bob`, 400, 'id_malformed'],
      [`${PATH}/members/user_%00`, 400, 'request_malformed'],
      [`${PATH}?month=2026-13`, 400, 'input_invalid'],
      [`${PATH}/top-referrers?month=2026-3`, 400, 'input_invalid'],
      [`${PATH}/top-referrers?month=2026-02&month=2026-03`, 400, 'input_invalid'],
      [`${PATH}/top-referrers?month=2026-04`, 400, 'month_in_future'],
      [`${PATH}/top-referrers?month=9999-12`, 400, 'month_in_future'],
      [`${PATH}/top-referrers?limit=0`, 400, 'input_invalid'],
      [`${PATH}/top-referrers?limit=501`, 400, 'input_invalid'],
      [`${PATH}/top-referrers?cursor=x`, 400, 'cursor_invalid'],
      [`${PATH}/top-referrers?currency=uds`, 400, 'input_invalid'],
      [`${PATH}/top-referrers?curency=usd`, 400, 'input_invalid'],
      [`${PATH}/payments?kind=all`, 400, 'input_invalid'],
      [`${PATH}/payments?member=bob`, 400, 'input_invalid'],
      [`${PATH}/members?sort=name`, 400, 'input_invalid'],
      [`${PATH}/members?q=%00`, 400, 'request_malformed'],
      [`${PATH}/members/user_rui/referrals?status=x`, 400, 'input_invalid'],
    ])('%s: %i %s', async (path, status, code) => {
      const refused = await api.get(path);
      expect(refused).toMatchObject({ status, json: { status, code } });
      expect(refused.type).toBe('application/problem+json');
    });
  });
});
