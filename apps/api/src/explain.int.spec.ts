/** What an explanation says of a small history that can be counted by hand. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPayment, renderReversal } from '#libs/ingestion';
import { codeOf, PATH, type Told, toldHistory } from '../test/history.js';
import type { Json } from '../test/real-parts.js';

const at = (iso: string): number => Date.parse(iso) / 1000;
const paid = (user: string, id: string, paidAt: string, amount: string, by?: string) =>
  renderPayment('v1', {
    ...{ creatorId: 'biz_a', userId: `user_${user}`, membershipId: `mem_${user}` },
    ...{ paymentId: `pay_${id}`, status: 'succeeded', amount, currency: 'usd' },
    ...{ paidAt: at(paidAt), createdAt: at(paidAt) },
    ...(by === undefined ? {} : { referralCode: codeOf(by) }),
  });
const refund = (status: 'succeeded' | 'failed') =>
  renderReversal('v1', {
    ...{ creatorId: 'biz_a', userId: 'user_bob', membershipId: 'mem_bob', kind: 'refund' },
    ...{ reversalId: 'rf_1', event: status === 'failed' ? 'updated' : 'created', status },
    ...{ paymentId: 'pay_bob2', amount: '10.00', currency: 'usd' },
    createdAt: at('2026-03-09T12:00:00Z'),
  });

interface Fact {
  readonly code: string;
  readonly member: { readonly memberId: string };
  readonly contribution: number;
  readonly why: string;
  readonly sourceId: string;
  readonly events: readonly { readonly type: string; readonly contribution: number }[];
}

describe('an explanation', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
    await api.ledger.deliver(paid('lou', 'lou1', '2026-03-01T18:00:00Z', '8.00'));
    await api.ledger.decide();
    await api.ledger.deliver(
      // A sign of life, a claim that came too late, one after each of two first payments.
      paid('ken', 'ken0', '2026-03-16T12:00:00Z', '0.00', 'rui'),
      paid('lou', 'lou2', '2026-03-17T12:00:00Z', '8.00', 'rui'),
      paid('cy', 'cy2', '2026-03-21T12:00:00Z', '9.99', 'rui'),
      refund('succeeded'),
    );
    await api.ledger.decide();
    await api.ledger.deliver(refund('failed'));
    await api.ledger.decide();
  });
  afterAll(() => api.close());

  const of = (user: string) => `${PATH}/members/user_${user}/explain`;
  const facts = (json: Json, name: 'counted' | 'notCounted') => json[name] as readonly Fact[];
  const standsAt = (figure: string, value: number) => ({
    ...{ figure, total: value, sum: value, readModel: value, agrees: true },
  });
  const refused = async (path: string) => {
    const { status, json } = await api.get(path);
    return [status, json.code];
  };

  it('says what counts, with the event that says it', async () => {
    const json = await api.read(`${of('rui')}?figure=monthlyReferrals&month=2026-03`);
    expect(json).toMatchObject({
      figure: 'monthlyReferrals',
      unit: 'count',
      subject: { creatorId: 'biz_a', memberId: 'user_rui', name: 'Rui Águas' },
      ...{ month: '2026-03', currency: null, state: 'known' },
      ...{ total: 1, sum: 1, readModel: 1, agrees: true, countedFacts: 1, nextCursor: null },
      rule: { section: 'What a payment means: Conversion' },
      timeZone: 'America/New_York',
    });
    const [dan] = facts(json, 'counted');
    expect(dan).toMatchObject({
      ...{ kind: 'conversion', sourceId: 'pay_dan1', paymentId: 'pay_dan1', contribution: 1 },
      ...{ referrerId: 'user_rui', at: '2026-03-03T12:00:00Z', day: '2026-03-03' },
      member: { memberId: 'user_dan' },
      why: 'user_dan made the first payment above zero, pay_dan1, on 2026-03-03',
    });
    expect(dan?.events).toEqual([
      {
        ...{ position: expect.any(Number), eventId: expect.any(String), type: expect.any(String) },
        ...{ stream: 'member-biz_a.user_dan', recordedAt: expect.any(String), contribution: 1 },
      },
    ]);
  });

  it('says what does not count, and why', async () => {
    const json = await api.read(`${of('rui')}?figure=monthlyReferrals&month=2026-03`);
    expect(
      facts(json, 'notCounted').map(({ code, member, sourceId }) => [
        code,
        member.memberId,
        sourceId,
      ]),
    ).toEqual([
      ['not_paid', 'user_fay', 'mem_fay'],
      ['zero_amount', 'user_ken', 'pay_ken0'],
      ['recurring', 'user_bob', 'pay_bob2'],
      ['another_time', 'user_bob', 'pay_bob1'],
      ['claim_lost', 'user_cy', 'pay_cy2'],
      ['claim_lost', 'user_lou', 'pay_lou2'],
    ]);
    expect(json.notCountedBy).toEqual([
      { code: 'not_paid', facts: 1 },
      { code: 'zero_amount', facts: 1 },
      { code: 'recurring', facts: 1 },
      { code: 'another_time', facts: 1 },
      { code: 'claim_lost', facts: 2 },
    ]);
    expect(
      facts(json, 'notCounted')
        .slice(-2)
        .map(({ why }) => why),
    ).toEqual([
      'user_cy named them in pay_cy2, after the first payment above zero: too late',
      'user_lou named them in pay_lou2, after the first payment above zero: too late',
    ]);
  });

  it('folds what was taken back and says so', async () => {
    const asked = 'figure=monthlyEarningsMinor&month=2026-03';
    const json = await api.read(`${of('rui')}?${asked}`);
    expect(json).toMatchObject({ total: 500, currency: 'usd', agrees: true });
    expect(facts(json, 'notCounted').map(({ code, sourceId }) => [code, sourceId])).toEqual([
      ['reversal_cancelled', 'rf_1'],
      ['another_currency', 'pay_dan1'],
      ['another_time', 'pay_bob1'],
    ]);
    const [cancelled] = facts(json, 'notCounted');
    expect(cancelled?.events.map(({ type, contribution }) => [type, contribution])).toEqual([
      ['RefundTold', -100],
      ['CommissionRestated', 100],
    ]);
    const euros = await api.read(`${of('rui')}?${asked}&currency=eur`);
    expect(euros).toMatchObject({ total: 200, currency: 'eur', agrees: true });
  });

  it('of a tier names its thresholds and who set them, of a rank who stands around', async () => {
    const tier = await api.read(`${of('rui')}?figure=tier`);
    expect(tier).toMatchObject({
      ...{ total: 'Star', sum: 2, readModel: 'Star', agrees: true, countedFacts: 2 },
      tier: {
        tiers: [
          { name: 'Starter', from: 1 },
          { name: 'Star', from: 2 },
        ],
        setBy: { type: 'TiersSet', effectiveAt: '1970-01-01T00:00:00Z' },
        pin: null,
      },
    });
    const order = { tier: 'Starter', reason: 'as agreed' };
    await api.put(`${PATH}/members/user_rui/tier-pin`, order);
    expect(await api.read(`${of('rui')}?figure=tier`)).toMatchObject({
      ...{ total: 'Starter', sum: 2, agrees: true },
      tier: { pin: { ...order, type: 'TierPinned' } },
    });
    await api.put(`${PATH}/members/user_rui/tier-pin`, { tier: null, reason: 'no more' });
    const { rank, ...json } = await api.read(`${of('ana')}?figure=rank`);
    expect(json).toMatchObject({ total: 2, sum: 2, readModel: 2, agrees: true });
    const { ranked, around } = rank as { ranked: number; around: readonly Json[] };
    expect(ranked).toBe(4);
    expect(around.map((one) => [one.rank, one.memberId, one.totalReferrals])).toEqual([
      [1, 'user_rui', 2],
      [2, 'user_ana', 2],
      [3, 'user_yan', 1],
      [4, 'user_zoe', 1],
    ]);
    expect(await api.read(`${of('bob')}?figure=rank`)).toMatchObject({ total: null, agrees: true });
  });

  it('pages what counts, with the same total on every page', async () => {
    const path = `${PATH}/explain?figure=revenueMinor&month=2026-03&limit=2`;
    const whole = await api.read(path.replace('limit=2', 'limit=500'));
    const found: Fact[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Json = await api.read(`${path}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      expect(page.total).toBe(whole.total);
      expect(page.countedFacts).toBe(whole.countedFacts);
      found.push(...facts(page, 'counted'));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(whole.counted);
    expect(found.length).toBeGreaterThan(5);
  });

  it('of a refund that failed is zero, and leaves the account as it was', async () => {
    for (const figure of ['saleMinor', 'memberMinor', 'creatorMinor', 'platformMinor'])
      expect(await api.read(`${PATH}/explain?figure=${figure}&source=rf_1`)).toMatchObject(
        standsAt(figure, 0),
      );
    for (const figure of ['saleMinor', 'amountMinor'])
      expect(await api.read(`${of('rui')}?figure=${figure}&source=rf_1`)).toMatchObject(
        standsAt(figure, 0),
      );
    // Of bob's first and second payment.
    expect(await api.read(`${of('rui')}?figure=balanceMinor&source=rf_1`)).toMatchObject(
      standsAt('balanceMinor', 1000),
    );
  });

  it('of a payment that is no longer theirs is zero, and nobody else lost any of it', async () => {
    const order = (referrerId: string | null) =>
      api.put(`${PATH}/members/user_cy/referrer`, { referrerId, reason: 'as agreed' });
    expect((await order(null)).status).toBe(200);
    try {
      for (const figure of ['saleMinor', 'amountMinor', 'balanceMinor'])
        expect(await api.read(`${of('ana')}?figure=${figure}&source=pay_cy1`)).toMatchObject(
          standsAt(figure, 0),
        );
      const ofCreator = { saleMinor: 4999, memberMinor: 0, creatorMinor: 4999, platformMinor: 0 };
      for (const [figure, value] of Object.entries(ofCreator))
        expect(await api.read(`${PATH}/explain?figure=${figure}&source=pay_cy1`)).toMatchObject(
          standsAt(figure, value),
        );
      // What stands after the place where it stood.
      expect(await api.read(`${of('ana')}?figure=balanceMinor&source=pay_eve1`)).toMatchObject(
        standsAt('balanceMinor', 500),
      );
    } finally {
      await order('user_ana');
    }
  });

  it('of members and places is the same in any currency', async () => {
    for (const path of [
      `${of('rui')}?figure=tier`,
      `${of('rui')}?figure=rank`,
      `${of('rui')}?figure=signUps&month=2026-03`,
      `${PATH}/explain?figure=members`,
    ]) {
      const json = await api.read(path);
      expect(json).toMatchObject({ currency: null, agrees: true });
      expect(json.sum).toBeGreaterThan(0);
      for (const currency of ['usd', 'eur', 'none'])
        expect(await api.read(`${path}&currency=${currency}`)).toEqual(json);
    }
  });

  it('names a version or an origin of closed months only', async () => {
    const asked = `${of('rui')}?figure=monthlyReferrals&month=2026-03`;
    for (const state of ['known', 'pending'])
      for (const named of ['version=1', 'origin=2026-02', 'version=1&origin=2026-02']) {
        const { status, json } = await api.get(`${asked}&state=${state}&${named}`);
        expect([status, json.code]).toEqual([400, 'state_unsupported']);
        expect(json.detail).toContain('ask for state=closed');
      }
    // Without a state, they are of closed ones.
    expect(await refused(`${asked}&version=1`)).toEqual([409, 'month_not_closed']);
  });

  it('is refused with what would be right', async () => {
    const { json } = await api.get(`${of('rui')}?figure=karma`);
    expect(json).toMatchObject({ code: 'figure_unknown', status: 400 });
    expect(json.detail).toContain('monthlyReferrals, referrals, totalReferrals');
    expect(await refused(`${of('nobody')}?figure=tier`)).toEqual([404, 'member_not_found']);
    expect(await refused('/creators/biz_no/explain?figure=members')).toEqual([
      404,
      'creator_not_found',
    ]);
    expect(await refused(`${of('rui')}?figure=tier&month=2027-01`)).toEqual([
      400,
      'month_in_future',
    ]);
    expect(await refused(`${of('rui')}?figure=tier&day=2026-03-01`)).toEqual([
      400,
      'day_unsupported',
    ]);
    for (const path of [
      `${of('rui')}?figure=monthlyReferrals&throughDay=2026-03-05`,
      `${PATH}/explain?figure=revenueMinor&throughDay=2026-03-05`,
      `${PATH}/explain?figure=referrals&throughDay=2026-03-05&day=2026-03-05`,
    ])
      expect(await refused(path)).toEqual([400, 'day_unsupported']);
    expect(
      await refused(`${PATH}/explain?figure=referrals&throughDay=2026-02-05&state=closed`),
    ).toEqual([400, 'state_unsupported']);
    expect(await refused(`${of('rui')}?figure=tier&state=closed&month=2026-02`)).toEqual([
      409,
      'month_not_closed',
    ]);
    expect(await refused(`${of('rui')}?figure=balanceMinor`)).toEqual([400, 'source_required']);
    expect(await refused(`${of('rui')}?figure=balanceMinor&source=pay_no`)).toEqual([
      404,
      'source_unknown',
    ]);
    expect(await refused(`${of('rui')}?figure=totalEarningsMinor&state=closed`)).toEqual([
      400,
      'state_unsupported',
    ]);
    expect(await refused(`${of('rui')}?figure=tier&cursor=x`)).toEqual([400, 'cursor_invalid']);
    expect(await refused(`${of('rui')}?figure=tier&currency=dollars`)).toEqual([
      400,
      'input_invalid',
    ]);
  });

  it('of the first days of a month counts them, and says what lies after them', async () => {
    const path = `${PATH}/explain?figure=referrals&throughDay=2026-03-09`;
    const json = await api.read(path);
    expect(json).toMatchObject(standsAt('referrals', 1));
    expect(json).toMatchObject({ month: '2026-03', day: null, throughDay: '2026-03-09' });
    expect(facts(json, 'counted').map(({ member }) => member.memberId)).toEqual(['user_dan']);
    const later = facts(json, 'notCounted').find(({ member }) => member.memberId === 'user_gil');
    expect(later).toMatchObject({
      code: 'another_time',
      why: 'pay_gil1 of user_gil is of 2026-03-10: after the days up to 2026-03-09',
    });
    expect(await api.read(`${path}&currency=usd`)).toMatchObject({ total: 1, currency: null });
    expect(await api.read(`${PATH}/explain?figure=signUps&throughDay=2026-03-09`)).toMatchObject({
      ...{ total: 1, agrees: true },
    });
  });

  it('of nothing in particular lists what can be explained', async () => {
    const { figures } = await api.read(of('rui'));
    const names = (figures as readonly { figure: string; ofSource: boolean }[]).map(
      ({ figure, ofSource }) => `${figure}${ofSource ? ' of a source' : ''}`,
    );
    expect(names).toContain('monthlyReferrals');
    expect(names).toContain('balanceMinor of a source');
    const ofCreator = await api.read(`${PATH}/explain`);
    expect(JSON.stringify(ofCreator)).toContain('revenueMinor');
  });
});
