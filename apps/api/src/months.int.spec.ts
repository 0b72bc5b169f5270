import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPayment } from '#libs/ingestion';
import { APRIL_15, codeOf, PATH, type Told, toldHistory } from '../test/history.js';
import { asAdmin } from '../test/in-memory-parts.js';
import type { Json } from '../test/real-parts.js';

const months = `${PATH}/months`;

describe('the months of a creator', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const refused = async (path: string, body?: object) => {
    const { status, json } = await api.post(path, body);
    return [status, json.code];
  };
  const close = (month: string, body: object = {}) => api.post(`${months}/${month}/close`, body);
  const statuses = async () =>
    (await api.read(months)).items.map(({ month, status }) => [month, status]);
  const late = (id: string, paidAt: string, currency = 'usd') =>
    renderPayment('v1', {
      creatorId: 'biz_a',
      userId: `user_${id}`,
      membershipId: `mem_${id}`,
      paymentId: `pay_${id}`,
      status: 'succeeded',
      amount: '100.00',
      currency,
      paidAt: Date.parse(paidAt) / 1000,
      createdAt: Date.parse(paidAt) / 1000,
      referralCode: codeOf('ana'),
    });

  it('are open, then closing, and stay so until somebody closes them', async () => {
    expect(await statuses()).toEqual([
      ['2026-03', 'open'],
      ['2026-02', 'closing'],
      ['2026-01', 'closing'],
    ]);
    const january = await api.read(`${months}/2026-01`);
    expect(january).toMatchObject({
      status: 'closing',
      closableAt: '2026-02-04T05:00:00Z',
      asClosed: null,
      versions: [],
      live: { members: 4, totalReferrals: 0 },
      pending: { creator: [], lines: [] },
      timeZone: 'America/New_York',
    });
  });

  it('are refused with a code that says what would be right', async () => {
    expect(await refused(`${months}/2026-02/close`)).toEqual([409, 'month_out_of_order']);
    expect(await refused(`${months}/2026-13/close`)).toEqual([400, 'month_malformed']);
    expect(
      await refused(`${months}/2026-13/restate`, { reason: 'r', expectedDigest: 'x' }),
    ).toEqual([400, 'month_malformed']);
    expect(await refused(`${months}/2025-12/close`)).toEqual([404, 'month_unknown']);
    expect(await refused(`${months}/2026-04/close`)).toEqual([400, 'month_in_future']);
    expect(await refused(`${months}/2026-01/close`, { force: true })).toEqual([
      400,
      'reason_required',
    ]);
    expect(await refused(`${months}/2026-01/close`, { force: 'yes' })).toEqual([
      400,
      'input_invalid',
    ]);
    expect(await refused('/creators/biz_nobody/months/2026-01/close')).toEqual([
      404,
      'creator_not_found',
    ]);
    const digest = 'f'.repeat(64);
    const order = { reason: 'learned late', expectedDigest: digest };
    expect(await refused(`${months}/2026-01/restate`, order)).toEqual([409, 'month_not_closed']);
    for (const month of ['2026-13', '2025-12', '2026-04']) {
      const { status } = await api.get(`${months}/${month}`);
      expect([month, status]).toEqual([month, month === '2025-12' ? 404 : 400]);
    }
    const { status, json } = await api.get(`${months}/2026-01/snapshot.csv`);
    expect([status, json.code]).toEqual([409, 'month_not_closed']);
    expect((await api.ledger.events()).some(({ type }) => type.startsWith('Month'))).toBe(false);
  });

  it('say in a plan what would be sealed, and seal nothing', async () => {
    const before = await api.ledger.store.head();
    const { json } = await close('2026-01', { dryRun: true });
    expect(json).toMatchObject({
      version: 1,
      alreadyClosed: false,
      dryRun: true,
      position: null,
      totals: { members: 4, totalReferrals: 0 },
      plan: { blockers: [], early: null, closableAt: '2026-02-04T05:00:00Z', top: [] },
    });
    expect(await api.ledger.store.head()).toBe(before);
  });

  it('are closed one after the other, and again without a change', async () => {
    const january = (await close('2026-01')).json;
    expect(january).toMatchObject({ version: 1, alreadyClosed: false, warnings: [] });
    const again = (await close('2026-01')).json;
    expect(again).toEqual({ ...january, alreadyClosed: true, position: null });
    const february = (await close('2026-02')).json;
    expect(february).toMatchObject({
      throughPosition: expect.any(Number),
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      totals: {
        totalReferrals: 2,
        creator: expect.arrayContaining([
          expect.objectContaining({ currency: 'usd', referrals: 2, revenueMinor: 9998 }),
        ]),
        referrers: [
          expect.objectContaining({ currency: 'usd', referrals: 2, earningsMinor: 1000 }),
        ],
        carriedCreator: [],
      },
    });
    expect((await statuses()).map(([, status]) => status)).toEqual(['open', 'closed', 'closed']);
  });

  it('that are not over are refused, and their plan says what force would do', async () => {
    expect(await refused(`${months}/2026-03/close`)).toEqual([409, 'month_not_ended']);
    const { json } = await close('2026-03', { dryRun: true });
    expect(json.plan).toMatchObject({
      early: { code: 'month_not_ended' },
      top: [
        { rank: 1, memberId: 'user_rui', tier: 'Star', totalReferrals: 2 },
        { rank: 2, memberId: 'user_ana', tier: 'Star', totalReferrals: 2 },
        { rank: 3, memberId: 'user_yan', tier: 'Starter', totalReferrals: 1 },
        { rank: 4, memberId: 'user_zoe', tier: 'Starter', totalReferrals: 1 },
      ],
    });
  });

  describe('that something is learned of late', () => {
    beforeAll(async () => {
      await api.ledger.deliver(late('mei', '2026-02-20T12:00:00Z'));
      await api.ledger.decide();
    });

    it('stay as they were closed, and say what is pending by figure and by event', async () => {
      const february = await api.read(`${months}/2026-02`);
      expect(february).toMatchObject({
        status: 'closed',
        asClosed: { version: 1, totals: { totalReferrals: 2 } },
        live: { totalReferrals: 3 },
        adjustments: { creator: [], referrers: [] },
        pending: {
          referrers: [{ memberId: 'user_ana', currency: 'usd', referrals: 1, earningsMinor: 1000 }],
          isCut: false,
        },
      });
      const { creator, lines } = february.pending as { creator: object[]; lines: object[] };
      expect(creator).toEqual([
        expect.objectContaining({ currency: null, signUps: 1 }),
        expect.objectContaining({ currency: 'usd', referrals: 1, revenueMinor: 10000 }),
      ]);
      expect(lines).toEqual(
        ['sale', 'conversion', 'signUp'].map(() =>
          expect.objectContaining({ eventType: 'PaymentReceived', sourceId: 'pay_mei' }),
        ),
      );
    });

    it('are restated by whoever knows what they say, once', async () => {
      const before = await api.read(`${months}/2026-02`);
      const { digest } = before.asClosed as { digest: string };
      const order = { reason: 'the bank was late', expectedDigest: digest };
      expect(await refused(`${months}/2026-02/restate`, { ...order, expectedDigest: 'x' })).toEqual(
        [409, 'digest_differs'],
      );
      const dry = (await api.post(`${months}/2026-02/restate`, { ...order, dryRun: true })).json;
      expect(dry).toMatchObject({ version: 2, changed: true, dryRun: true, position: null });
      const { json } = await api.post(`${months}/2026-02/restate`, order);
      expect(json).toMatchObject({ version: 2, changed: true, digest: dry.digest });
      const again = (await api.post(`${months}/2026-02/restate`, order)).json;
      expect(again).toMatchObject({ version: 2, changed: false, position: null });
      const after = await api.read(`${months}/2026-02`);
      expect(after.versions).toMatchObject([
        { version: 1, digest, replaces: null },
        { version: 2, digest: dry.digest, replaces: digest, reason: 'the bank was late' },
      ]);
      expect(after.pending).toEqual({ creator: [], referrers: [], lines: [], isCut: false });
    });

    it('or carry it in the next close, by the month that it belongs to', async () => {
      await api.ledger.deliver(late('nic', '2026-01-25T12:00:00Z'));
      await api.ledger.decide();
      await api.during(APRIL_15, async () => {
        const march = (await close('2026-03')).json;
        expect(march).toMatchObject({
          totals: {
            carriedReferrers: [{ origin: '2026-01', currency: 'usd', referrals: 1 }],
          },
        });
        const january = await api.read(`${months}/2026-01`);
        expect(january).toMatchObject({
          asClosed: { version: 1, totals: { totalReferrals: 0 } },
          live: { totalReferrals: 1 },
          adjustments: { referrers: [{ closedMonth: '2026-03', referrals: 1 }] },
          pending: { creator: [], lines: [] },
        });
      });
    });
  });

  it('stand beside the figures of what is now known', async () => {
    await api.during(APRIL_15, async () => {
      const creator = await api.read(`${PATH}?month=2026-01`);
      expect(creator).toMatchObject({
        referrals: 1,
        revenueMinor: 14000,
        totalReferrals: 1,
        asClosed: { version: 1, referrals: 0, revenueMinor: 4000, totalReferrals: 0, members: 4 },
      });
      expect(await api.read(`${PATH}?month=2026-04`)).not.toHaveProperty('asClosed');
      const ana = `${PATH}/members/user_ana`;
      expect(await api.read(`${ana}/stats?month=2026-02`)).toMatchObject({
        totalReferrals: 3,
        rank: 1,
        asClosed: { version: 2, monthlyReferrals: 2, totalReferrals: 2, rank: 1, tier: 'Star' },
      });
      const closed = ({ items }: Json) => items.map(({ asClosed }) => asClosed);
      expect(closed(await api.read(`${PATH}/revenue?from=2026-01&to=2026-04`))).toEqual([
        expect.objectContaining({ version: 1, revenueMinor: 4000, initialPayments: 4 }),
        expect.objectContaining({ version: 2, revenueMinor: 19998 }),
        expect.objectContaining({ version: 1 }),
        undefined,
      ]);
      expect(closed(await api.read(`${PATH}/growth?months=4`))).toEqual([
        expect.objectContaining({ referrals: 0, signUps: 0 }),
        expect.objectContaining({ referrals: 3, signUps: 3 }),
        expect.objectContaining({ referrals: 4 }),
        undefined,
      ]);
      expect(closed(await api.read(`${ana}/growth?months=4`))).toMatchObject([
        { referrals: 0 },
        { referrals: 2 },
        { referrals: 1 },
        undefined as never,
      ]);
      const earned = await api.read(`${ana}/earnings?from=2026-01&to=2026-02`);
      expect(earned.items).toMatchObject([
        { earningsMinor: 1000, asClosed: { version: 1, earningsMinor: 0 } },
        { earningsMinor: 1500, asClosed: { version: 2, earningsMinor: 1500 } },
      ]);
      const days = await api.read(`${ana}/earnings?by=day&from=2026-02&to=2026-02`);
      expect(closed(days).every((one) => one === undefined)).toBe(true);
    });
  });

  it('keep the order of their referrers, with what is now known beside it', async () => {
    await api.during(APRIL_15, async () => {
      const path = `${PATH}/top-referrers?month=2026-02`;
      const { items } = await api.read(path);
      expect(items).toMatchObject([
        { rank: 1, memberId: 'user_ana', totalReferrals: 2, monthlyEarningsMinor: 1500 },
        { rank: 2, memberId: 'user_rui', totalReferrals: 1, monthlyEarningsMinor: 500 },
      ]);
      expect(items[0]?.asNowKnown).toEqual({
        tier: 'Star',
        totalReferrals: 3,
        monthlyReferrals: 2,
        monthlyEarningsMinor: 1500,
      });
      expect(await api.oneByOne(path)).toEqual(items);
      const url = `/api${path}&format=csv`;
      const csv = await api.app.inject({ method: 'GET', url, headers: asAdmin });
      expect(csv.body.split('\r\n').slice(1, 3)).toEqual([
        expect.stringMatching(/^1,user_ana,Ana,.*,Star,false,2,2,1500,usd$/),
        expect.stringMatching(/^2,user_rui,/),
      ]);
      // Nobody had referred anyone when January was closed: its sealed ranking is empty.
      expect((await api.read(`${PATH}/top-referrers?month=2026-01`)).items).toEqual([]);
      const open = await api.read(`${PATH}/top-referrers`);
      expect(open.items[0]).not.toHaveProperty('asNowKnown');
    });
  });

  it('are lists of lines as CSV, each version for ever', async () => {
    const csv = async (query: string) => {
      const url = `/api${months}/2026-02/snapshot.csv${query}`;
      const response = await api.app.inject({ method: 'GET', url, headers: asAdmin });
      expect(response.headers['content-type']).toContain('text/csv');
      return response.body.trim().split('\r\n');
    };
    const [header, ...first] = await csv('?version=1');
    expect(header).toMatch(
      /^kind,memberId,name,rank,tier,totalReferrals,month,currency,referrals,/,
    );
    expect(first.find((line) => line.startsWith('member,user_rui'))).toContain(
      'member,user_rui,Rui Águas,1,Starter,1,2026-02,usd,1,0,500,0',
    );
    const second = await csv('');
    expect(second).toEqual(await csv('?version=2'));
    expect(second.find((line) => line.startsWith('member,user_ana'))).toContain(
      'member,user_ana,Ana,1,Star,2,2026-02,usd,2,0,1500,0',
    );
    const { status, json } = await api.get(`${months}/2026-02/snapshot.csv?version=3`);
    expect([status, json.code]).toEqual([404, 'version_unknown']);
  });

  it('are held up by deliveries of theirs that did not count, until those are excluded', async () => {
    await api.ledger.deliver(late('odd', '2026-04-03T12:00:00Z', 'zzz'));
    await api.ledger.decide();
    await api.during(Date.UTC(2026, 4, 20), async () => {
      const path = `${months}/2026-04/close`;
      const { status, json } = await close('2026-04');
      expect([status, json.code]).toEqual([409, 'month_blocked']);
      const plan = (await close('2026-04', { dryRun: true })).json.plan as {
        blockers: { delivery: string }[];
      };
      expect(plan.blockers).toMatchObject([
        { kind: 'delivery', code: 'currency_unknown', delivery: expect.any(String) },
      ]);
      expect(await refused(path, { force: true, reason: 'anyway' })).toEqual([
        409,
        'month_blocked',
      ]);
      const excluded = await api.post(`/admin/deliveries/${plan.blockers[0]?.delivery}/exclude`, {
        reason: 'of another shop',
      });
      expect(excluded.status).toBe(200);
      expect((await close('2026-04')).status).toBe(200);
    });
  });
});
