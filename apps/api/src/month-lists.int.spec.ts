/** Members of a month as a version states them, and where what is known is another; payments by what became of them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Rendered, renderPayment, renderReversal } from '#libs/ingestion';
import { APRIL_15, CREATOR, codeOf, PATH, type Told, toldHistory } from '../test/history.js';
import type { Json } from '../test/real-parts.js';

const months = `${PATH}/months`;
const at = (iso: string): number => Date.parse(iso) / 1000;
const paid = (user: string, id: string, paidAt: string, amount: string, by?: string) =>
  renderPayment('v1', {
    ...{ creatorId: CREATOR, userId: `user_${user}`, membershipId: `mem_${user}` },
    ...{ paymentId: `pay_${id}`, status: 'succeeded', amount, currency: 'usd' },
    ...{ paidAt: at(paidAt), createdAt: at(paidAt) },
    ...(by === undefined ? {} : { referralCode: codeOf(by) }),
  });
const refund = (id: string, of: string, amount: string, status: 'succeeded' | 'failed') =>
  renderReversal('v1', {
    ...{ creatorId: CREATOR, userId: 'user_bob', membershipId: 'mem_bob', kind: 'refund' },
    ...{ reversalId: `rf_${id}`, event: status === 'failed' ? 'updated' : 'created', status },
    ...{ paymentId: `pay_${of}`, amount, currency: 'usd', createdAt: at('2026-03-09T12:00:00Z') },
  });

describe('the members of a closed month', () => {
  let api: Told;
  const close = async (month: string, body: object = {}): Promise<Json> => {
    const { status, json } = await api.post(`${months}/${month}/close`, body);
    if (status !== 200) throw new Error(JSON.stringify(json));
    return json;
  };
  const tell = async (...deliveries: Rendered[]): Promise<void> => {
    await api.ledger.deliver(...deliveries);
    await api.ledger.decide();
  };
  const refused = async (path: string) => {
    const { status, json } = await api.get(path);
    return [status, json.code];
  };
  beforeAll(async () => {
    api = await toldHistory();
    api.setNow(APRIL_15);
    await close('2026-01');
    await close('2026-02');
  }, 60_000);
  afterAll(() => api.close());

  it('are listed as they were sealed: by rank, then those who had referred nobody', async () => {
    const february = await api.read(`${months}/2026-02/snapshot`);
    expect(february).toMatchObject({
      month: '2026-02',
      version: 1,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      nextCursor: null,
      timeZone: 'America/New_York',
    });
    expect(february.items.map(({ memberId, rank }) => [memberId, rank])).toEqual([
      ['user_rui', 1],
      ['user_ana', 2],
      ...['bob', 'cy', 'yan', 'zoe'].map((user) => [`user_${user}`, null]),
    ]);
    expect(february.items[0]).toEqual({
      ...{ memberId: 'user_rui', name: 'Rui Águas' },
      ...{ rank: 1, tier: 'Starter', pinned: false, totalReferrals: 1 },
      figures: [
        {
          ...{ month: '2026-02', currency: 'usd', referrals: 1, reversedReferrals: 0 },
          ...{ earnedMinor: 500, reversedMinor: 0, earningsMinor: 500 },
        },
      ],
    });
    expect(february.items.at(-1)).toMatchObject({ tier: 'Unranked', figures: [] });
    expect(await api.oneByOne(`${months}/2026-02/snapshot`)).toEqual(february.items);
  });

  it('have nothing that drifted while nothing else is known', async () => {
    expect(await api.read(`${months}/2026-02/drift`)).toMatchObject({
      items: [],
      nextCursor: null,
    });
  });

  it('are refused of a month that is not closed, a version that is not, and what is no month', async () => {
    for (const list of ['snapshot', 'drift']) {
      expect(await refused(`${months}/2026-03/${list}`)).toEqual([409, 'month_not_closed']);
      expect(await refused(`${months}/2026-13/${list}`)).toEqual([400, 'month_malformed']);
      expect(await refused(`${months}/2026-05/${list}`)).toEqual([400, 'month_in_future']);
    }
    expect(await refused(`${months}/2026-02/snapshot?version=2`)).toEqual([404, 'version_unknown']);
    expect(await refused(`${months}/2025-11/snapshot`)).toEqual([409, 'month_not_closed']);
  });

  describe('of which more has become known', () => {
    beforeAll(() =>
      tell(
        paid('late', 'late1', '2026-02-20T12:00:00Z', '30.00', 'ana'),
        paid('mei', 'mei1', '2026-02-21T12:00:00Z', '20.00', 'zoe'),
      ),
    );

    it('drifted, each with what is sealed, what is known, and what lies between', async () => {
      const { items } = await api.read(`${months}/2026-02/drift`);
      expect(items).toMatchObject([
        {
          ...{ memberId: 'user_ana', name: 'Ana', currency: 'usd' },
          sealed: { referrals: 1, earnedMinor: 500, earningsMinor: 500 },
          carried: { referrals: 0, earningsMinor: 0 },
          known: { referrals: 2, earnedMinor: 800, earningsMinor: 800 },
          difference: { referrals: 1, reversedReferrals: 0, earnedMinor: 300, earningsMinor: 300 },
        },
        { memberId: 'user_zoe', sealed: { referrals: 0 }, difference: { earningsMinor: 200 } },
      ]);
      expect(await api.oneByOne(`${months}/2026-02/drift`)).toEqual(items);
      const { items: sealed } = await api.read(`${months}/2026-02/snapshot`);
      expect(sealed.find(({ memberId }) => memberId === 'user_ana')?.figures).toMatchObject([
        { referrals: 1, earningsMinor: 500 },
      ]);
    });

    it('are stated again by the next close, which carries it by a plan that still holds', async () => {
      api.setNow(Date.UTC(2026, 4, 20));
      const plan = await close('2026-03', { dryRun: true });
      expect(plan).toMatchObject({ pages: 1, lines: expect.any(Number) });
      await tell(paid('nic', 'nic1', '2026-03-25T12:00:00Z', '10.00', 'ana'));
      const byPlan = { expectedDigest: plan.digest };
      const late = await api.post(`${months}/2026-03/close`, byPlan);
      expect([late.status, late.json.code]).toEqual([409, 'digest_differs']);
      const again = await close('2026-03', { dryRun: true });
      const closed = await close('2026-03', { expectedDigest: again.digest });
      expect(closed).toMatchObject({ digest: again.digest, alreadyClosed: false });
      expect((await api.read(`${months}/2026-02/drift`)).items).toEqual([]);
      const { items } = await api.read(`${months}/2026-03/snapshot`);
      const ana = items.find(({ memberId }) => memberId === 'user_ana');
      expect(ana?.figures).toMatchObject([
        { month: '2026-03', currency: 'usd' },
        { month: '2026-02', currency: 'usd', referrals: 1, earnedMinor: 300 },
      ]);
    });

    it('are of their version: the first stays as it was when a second is stated', async () => {
      await tell(
        paid('oto', 'oto1', '2026-02-22T12:00:00Z', '40.00', 'rui'),
        paid('pia', 'pia1', '2026-02-23T12:00:00Z', '10.00', 'ana'),
      );
      expect((await api.read(`${months}/2026-02/drift`)).items).toMatchObject([
        {
          memberId: 'user_ana',
          sealed: { referrals: 1, earnedMinor: 500 },
          carried: { referrals: 1, earnedMinor: 300 },
          known: { referrals: 3, earnedMinor: 900 },
          difference: { referrals: 1, earnedMinor: 100 },
        },
        { memberId: 'user_rui', carried: { earnedMinor: 0 }, difference: { earnedMinor: 400 } },
      ]);
      const first = await api.read(`${months}/2026-02/snapshot`);
      const order = { reason: 'the bank was late', expectedDigest: first.digest };
      expect((await api.post(`${months}/2026-02/restate`, order)).status).toBe(200);
      const earned = async (query: string) =>
        (await api.read(`${months}/2026-02/snapshot${query}`)).items.find(
          ({ memberId }) => memberId === 'user_rui',
        )?.figures;
      expect(await earned('')).toMatchObject([{ earnedMinor: 900 }]);
      expect(await earned('?version=1')).toMatchObject([{ earnedMinor: 500 }]);
      expect((await api.read(`${months}/2026-02/snapshot?version=1`)).items).toEqual(first.items);
    });
  });

  it('paid what stands or was taken back, in part too, and not what a failed refund tried', async () => {
    await tell(refund('1', 'bob2', '10.00', 'succeeded'), refund('2', 'bob1', '5.00', 'succeeded'));
    await tell(refund('2', 'bob1', '5.00', 'failed'));
    const ids = async (status: string) =>
      (await api.read(`${PATH}/payments?member=user_bob&status=${status}`)).items.map(
        ({ paymentId }) => paymentId,
      );
    expect(await ids('reversed')).toEqual(['pay_bob2']);
    expect(await ids('standing')).toEqual(['pay_bob1']);
    expect(await refused(`${PATH}/payments?status=odd`)).toEqual([400, 'input_invalid']);
  });
});
