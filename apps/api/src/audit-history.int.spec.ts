import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CREATOR, PATH, type Told, toldHistory } from '../test/history.js';
import type { Json } from '../test/real-parts.js';

describe('the history of a figure', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
    const pin = (tier: string | null, reason: string) =>
      api.put(`${PATH}/members/user_rui/tier-pin`, { tier, reason });
    await pin('Star', 'a friend');
    await pin(null, 'no longer');
    await api.put(`${PATH}/members/user_cy/referrer`, { referrerId: 'user_rui', reason: 'a call' });
    await api.put(`${PATH}/members/user_rui/referral-code`, { code: 'RUI-2026' });
    await api.put(`${PATH}/settings`, {
      rates: { memberBps: 2000, creatorBps: 6000, platformBps: 2000 },
    });
    await api.ledger.decide();
  });
  afterAll(() => api.close());

  const of = (id: string, field: string, rest = '') =>
    api.read(
      `/audit/history?entity=${id.includes('.') ? 'member' : 'creator'}&id=${id}&field=${field}${rest}`,
    );
  const steps = ({ items }: Json) => items.map((item) => [item.old, item.new, item.delta]);
  const causes = ({ items }: Json) => items.map(({ event }) => (event as Json).cause as Json);

  it('of a referrer lies in the events of those whom they referred, with what caused each', async () => {
    const total = await of('biz_a.user_rui', 'totalReferrals', '&order=oldest');
    expect(steps(total)).toEqual([
      [0, 1, 1],
      [1, 2, 1],
      [2, 3, 1],
    ]);
    expect(total).toMatchObject({ value: 3, currency: null, month: null });
    expect(causes(total).at(-1)).toMatchObject({
      kind: 'command',
      command: 'CorrectReferrer',
      actor: 'admin',
      reason: 'a call',
    });
    expect(causes(total)[0]).toMatchObject({ kind: 'delivery' });
    expect(total.people).toContainEqual({
      creatorId: CREATOR,
      memberId: 'user_rui',
      name: 'Rui Águas',
    });
  });

  it('of a month ends where the figure stands', async () => {
    const { monthlyReferrals, monthlyEarningsMinor } = await api.read(
      `${PATH}/members/user_rui/stats?month=2026-02`,
    );
    const referrals = await of('biz_a.user_rui', 'monthlyReferrals', '&month=2026-02');
    expect(referrals.value).toBe(monthlyReferrals);
    const earned = await of('biz_a.user_rui', 'earnings', '&month=2026-02');
    expect([earned.value, earned.currency]).toEqual([monthlyEarningsMinor, 'usd']);
    const revenue = await of(CREATOR, 'revenue', '&month=2026-02');
    const shown = await api.read(`${PATH}/revenue?from=2026-02&to=2026-02`);
    expect(revenue.value).toBe(shown.items[0]?.revenueMinor);
  });

  it('of what is set says what was in force before', async () => {
    expect(steps(await of('biz_a.user_rui', 'tierPin', '&order=oldest'))).toEqual([
      [null, 'Star', null],
      ['Star', null, null],
    ]);
    const code = await of('biz_a.user_rui', 'referralCode');
    expect(code.value).toBe('RUI-2026');
    expect(causes(code)[0]).toMatchObject({ command: 'SetReferralCode' });
    const referrer = await of('biz_a.user_cy', 'referrer');
    expect(steps(referrer)[0]).toEqual(['user_ana', 'user_rui', null]);
    const rates = await of(CREATOR, 'rates');
    expect(steps(rates)).toEqual([
      [
        { memberBps: 1000, creatorBps: 7000, platformBps: 2000 },
        { memberBps: 2000, creatorBps: 6000, platformBps: 2000 },
        null,
      ],
    ]);
    const zone = await of(CREATOR, 'timeZone', '&order=oldest');
    expect(steps(zone)).toEqual([
      [null, 'UTC', null],
      ['UTC', 'America/New_York', null],
    ]);
    expect((await of(CREATOR, 'months')).items).toEqual([]);
  });

  it('comes page by page', async () => {
    const whole = await of('biz_a.user_rui', 'totalReferrals');
    const one = await api.oneByOne(
      '/audit/history?entity=member&id=biz_a.user_rui&field=totalReferrals',
    );
    expect(one).toEqual(whole.items);
  });

  it.each([
    ['entity=member&id=biz_a.user_rui&field=rates', 400, 'field_unknown'],
    ['entity=creator&id=biz_a&field=earnings&month=2026-02', 400, 'field_unknown'],
    ['entity=creator&id=biz_a&field=revenue', 400, 'month_required'],
    ['entity=member&id=biz_a.user_rui&field=monthlyReferrals', 400, 'month_required'],
    ['entity=member&id=biz_a&field=referrer', 400, 'id_malformed'],
    ['entity=creator&id=biz_a.user_rui&field=rates', 400, 'id_malformed'],
    ['entity=member&id=biz_a.user_nobody&field=referrer', 404, 'member_not_found'],
    ['entity=creator&id=biz_none&field=rates', 404, 'creator_not_found'],
    ['entity=creator&id=biz_a&field=luck', 400, 'input_invalid'],
    ['entity=creator&id=biz_a&field=revenue&month=2026-04', 400, 'month_in_future'],
  ])('is refused where there is none: %s', async (query, status, code) => {
    const answer = await api.get(`/audit/history?${query}`);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });
});
