import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderMembership } from '#libs/ingestion';
import { codeOf, PATH, type Told, toldHistory } from '../test/history.js';

const members = `${PATH}/members`;
const reason = 'as they told us';
const MARCH_20 = Date.UTC(2026, 2, 20) / 1000;

describe('what an admin orders of members', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const put = async (path: string, body: object) => {
    const { status, json } = await api.put(path, body);
    return { status, json: json as Record<string, unknown> };
  };
  const code = (user: string, body: object) => put(`${members}/user_${user}/referral-code`, body);
  const referrer = (user: string, body: object) => put(`${members}/user_${user}/referrer`, body);
  const person = (id: string, body: object) => put(`${PATH}/memberships/${id}/person`, body);
  const shown = async (user: string) => (await api.read(`${members}/user_${user}`)).referralCode;
  const totals = async (user: string) => {
    const { totalReferrals, totalEarningsMinor } = await api.read(
      `${members}/user_${user}/stats?month=2026-03`,
    );
    return [totalReferrals, totalEarningsMinor];
  };

  describe('a referral code', () => {
    it('is shown once it is set, beside the one before; a dry run sets none', async () => {
      const before = await api.ledger.store.head();
      const dry = await code('zoe', { code: ' zoe-2026 ', dryRun: true });
      const answer = {
        creatorId: 'biz_a',
        memberId: 'user_zoe',
        referralCode: 'ZOE-2026',
        before: codeOf('zoe'),
        changed: true,
      };
      expect(dry).toEqual({ status: 200, json: { ...answer, dryRun: true, position: null } });
      expect(await api.ledger.store.head()).toBe(before);
      const done = await code('zoe', { code: ' zoe-2026 ', reason });
      expect(done.json).toEqual({ ...answer, dryRun: false, position: Number(before) + 2 });
      expect(await shown('zoe')).toBe('ZOE-2026');
      const [reserved, assigned] = (await api.ledger.events()).slice(-2);
      for (const event of [reserved, assigned])
        expect(event?.metadata).toEqual({ command: 'SetReferralCode', actor: 'admin', reason });
      expect(reserved).toMatchObject({ stream: 'code-ZOE-2026', data: { vanity: true } });
      const again = await code('zoe', { code: 'ZOE-2026' });
      expect(again.json).toMatchObject({ changed: false, position: null });
    });

    it.each([
      ['zoe', { code: 'ABC' }, 400, 'code_invalid'],
      ['zoe', { code: 'A'.repeat(25) }, 400, 'code_invalid'],
      ['zoe', { code: 'ZOÉ-2026' }, 400, 'code_invalid'],
      ['zoe', { code: 'ZOE 2026' }, 400, 'code_invalid'],
      ['zoe', { code: 2026 }, 400, 'input_invalid'],
      ['zoe', {}, 400, 'input_invalid'],
      ['zoe', { code: 'ZOE-2027', reason: 'a\nb' }, 400, 'input_invalid'],
      ['zoe', { code: 'ZOE-2027', from: 'now' }, 400, 'input_invalid'],
      ['zoe', { code: codeOf('rui') }, 409, 'code_taken'],
      ['zoe', { code: codeOf('rui', 'biz_b') }, 409, 'code_taken'],
      ['zoe', { code: codeOf('rui').replace('-', '') }, 409, 'code_looks_taken'],
      ['nobody', { code: 'NOBODY-1' }, 404, 'member_not_found'],
    ])('of %s as %j is refused: %i %s', async (user, body, status, expected) => {
      const before = await api.ledger.store.head();
      for (const dryRun of [true, false])
        expect(await code(user, { ...body, dryRun })).toMatchObject({
          status,
          json: { code: expected, detail: expect.any(String) },
        });
      expect(await api.ledger.store.head()).toBe(before);
    });

    it('of a member of nobody’s is refused', async () => {
      const nobody = '/creators/biz_nobody/members/user_zoe/referral-code';
      expect((await put(nobody, { code: 'ZOE-2028' })).json.code).toBe('creator_not_found');
      const membership = `${members}/mem_zoe/referral-code`;
      expect((await put(membership, { code: 'ZOE-2028' })).json.code).toBe('id_malformed');
    });
  });

  describe('a corrected referrer', () => {
    const usd = (memberMinor: number, rest: object) => ({
      signUps: 0,
      referrals: 0,
      reversedReferrals: 0,
      saleMinor: 4999,
      memberMinor,
      creatorMinor: 3499,
      platformMinor: 1000,
      ...rest,
    });
    const none = usd(0, { saleMinor: 0, creatorMinor: 0, platformMinor: 0 });
    const signUp = { ...none, signUps: 1 };
    const group = (month: string, of: string, currency: string | null) => ({
      month,
      referrerId: of,
      currency,
    });
    const changes = [
      { ...group('2026-02', 'user_rui', null), before: signUp, after: none },
      { ...group('2026-02', 'user_rui', 'usd'), before: usd(500, { referrals: 1 }), after: none },
      { ...group('2026-02', 'user_yan', null), before: none, after: signUp },
      { ...group('2026-02', 'user_yan', 'usd'), before: none, after: usd(500, { referrals: 1 }) },
      { ...group('2026-03', 'user_rui', 'usd'), before: usd(500, {}), after: none },
      { ...group('2026-03', 'user_yan', 'usd'), before: none, after: usd(500, {}) },
    ];

    it('says in a dry run what the books would change, and changes nothing', async () => {
      const before = await api.ledger.store.head();
      const dry = await referrer('bob', { referrerId: 'user_yan', reason, dryRun: true });
      expect(dry).toEqual({
        status: 200,
        json: {
          creatorId: 'biz_a',
          memberId: 'user_bob',
          referrerId: 'user_yan',
          changed: true,
          dryRun: true,
          position: null,
          changes,
        },
      });
      expect(await api.ledger.store.head()).toBe(before);
    });

    it('moves the figures of both, and is so already when it is said again', async () => {
      expect(await totals('rui')).toEqual([2, 1000]);
      expect(await totals('yan')).toEqual([1, 300]);
      const done = await referrer('bob', { referrerId: 'user_yan', reason });
      expect(done.json).toMatchObject({ changed: true, dryRun: false, changes });
      expect(await totals('rui')).toEqual([1, 0]);
      expect(await totals('yan')).toEqual([2, 1300]);
      expect((await api.read(`${members}/user_bob`)).referrer).toMatchObject({
        memberId: 'user_yan',
      });
      const corrected = (await api.ledger.events()).find(
        ({ type }) => type === 'ReferrerCorrected',
      );
      expect(corrected).toMatchObject({
        data: { referrer: 'user_yan', reason },
        metadata: { command: 'CorrectReferrer', actor: 'admin' },
      });
      const again = await referrer('bob', { referrerId: 'user_yan', reason });
      expect(again.json).toMatchObject({ changed: false, changes: [], position: null });
    });

    it('may be nobody, and the latest stands', async () => {
      await referrer('bob', { referrerId: null, reason });
      expect((await api.read(`${members}/user_bob`)).referrer).toBeNull();
      expect(await totals('yan')).toEqual([1, 300]);
      await referrer('bob', { referrerId: 'user_rui', reason });
      expect(await totals('rui')).toEqual([2, 1000]);
    });

    it.each([
      ['bob', { referrerId: 'user_bob', reason }, 400, 'referrer_is_member'],
      ['bob', { referrerId: 'user_nobody', reason }, 400, 'referrer_unknown'],
      // Known in another community only.
      ['bob', { referrerId: 'user_abe', reason }, 400, 'referrer_unknown'],
      ['bob', { referrerId: 'mem_rui', reason }, 400, 'input_invalid'],
      ['bob', { referrerId: '', reason }, 400, 'input_invalid'],
      ['bob', { reason }, 400, 'input_invalid'],
      ['bob', { referrerId: 'user_rui' }, 400, 'input_invalid'],
      ['bob', { referrerId: 'user_rui', reason: '' }, 400, 'reason_required'],
      ['bob', { referrerId: 'user_rui', reason: 'x'.repeat(501) }, 400, 'reason_required'],
      ['nobody', { referrerId: 'user_rui', reason }, 404, 'member_not_found'],
    ])('of %s as %j is refused: %i %s', async (user, body, status, expected) => {
      const before = await api.ledger.store.head();
      for (const dryRun of [true, false])
        expect(await referrer(user, { ...body, dryRun })).toMatchObject({
          status,
          json: { code: expected, detail: expect.any(String) },
        });
      expect(await api.ledger.store.head()).toBe(before);
    });
  });

  describe('the person of a membership', () => {
    const body = JSON.stringify({
      id: 'msg_parked',
      type: 'payment.succeeded',
      api_version: 'v1',
      company_id: 'biz_a',
      data: {
        id: 'pay_parked',
        status: 'paid',
        total: 12.5,
        currency: 'usd',
        created_at: '2026-03-15T12:00:00.000Z',
        paid_at: '2026-03-15T12:00:00.000Z',
        membership: { id: 'mem_parked' },
      },
    });

    it('is assigned once, and books what was parked; a dry run says what that is', async () => {
      await api.ledger.deliver({ body, deliveryId: 'msg_parked' });
      await api.ledger.decide();
      expect((await api.ledger.outcomes()).at(-1)).toMatchObject({ outcome: 'parked' });
      const before = await api.ledger.store.head();
      const dry = await person('mem_parked', { userId: 'user_xia', reason, dryRun: true });
      const answer = {
        creatorId: 'biz_a',
        membershipId: 'mem_parked',
        userId: 'user_xia',
        changed: true,
        waitingCount: 1,
        waiting: [
          { id: expect.any(String), type: 'payment.succeeded', at: '2026-03-15T12:00:00Z' },
        ],
      };
      expect(dry).toEqual({ status: 200, json: { ...answer, dryRun: true, position: null } });
      expect(await api.ledger.store.head()).toBe(before);
      const done = await person('mem_parked', { userId: 'user_xia', reason });
      expect(done.json).toEqual({ ...answer, dryRun: false, position: Number(before) + 1 });
      await api.ledger.decide();
      const { items } = await api.read(`${PATH}/payments?member=user_xia`);
      expect(items).toHaveLength(1);
      const again = await person('mem_parked', { userId: 'user_xia', reason: 'again' });
      expect(again.json).toMatchObject({ changed: false, waitingCount: 0, position: null });
    });

    it.each([
      ['mem_parked', { userId: 'user_rui', reason }, 409, 'membership_assigned'],
      ['mem_bob', { userId: 'user_rui', reason }, 409, 'membership_known'],
      ['mem_new', { userId: 'mem_rui', reason }, 400, 'input_invalid'],
      ['mem_new', { userId: null, reason }, 400, 'input_invalid'],
      ['mem_new', { userId: 'user_rui' }, 400, 'input_invalid'],
      ['mem_new', { userId: 'user_rui', reason: ' ' }, 400, 'reason_required'],
      ['user_rui', { userId: 'user_rui', reason }, 400, 'id_malformed'],
    ])('of %s as %j is refused: %i %s', async (id, order, status, expected) => {
      const before = await api.ledger.store.head();
      for (const dryRun of [true, false])
        expect(await person(id, { ...order, dryRun })).toMatchObject({
          status,
          json: { code: expected, detail: expect.any(String) },
        });
      expect(await api.ledger.store.head()).toBe(before);
    });
  });

  describe('a referral code that a member chooses', () => {
    let own: (chosen: string, dryRun?: boolean) => Promise<unknown>;
    beforeAll(async () => {
      await api.ledger.deliver(called('rui', 'hal-k'), called('cam', 'Cam-01'));
      await api.ledger.decide();
      const json = await api.post('/admin/tokens', {
        ...{ role: 'member', creatorId: 'biz_a', memberId: 'user_cam' },
      });
      const headers = { authorization: `Bearer ${String(json.json.token)}` };
      own = async (chosen, dryRun = false) => {
        const url = `/api${members}/user_cam/referral-code`;
        const payload = { code: chosen, dryRun };
        const answer = await api.app.inject({ method: 'PUT', url, headers, payload });
        const { code: refused, referralCode } = answer.json();
        return [answer.statusCode, refused ?? referralCode];
      };
    });

    const called = (user: string, username: string) =>
      renderMembership('v1', {
        ...{ creatorId: 'biz_a', userId: `user_${user}`, membershipId: `mem_${user}`, username },
        ...{ status: 'activated', joinedAt: MARCH_20, createdAt: MARCH_20 },
      });

    it('is no username of another member', async () => {
      for (const dryRun of [true, false])
        expect(await own('hal-K', dryRun)).toEqual([409, 'code_is_username']);
      expect(await own('CAM-01')).toEqual([200, 'CAM-01']);
    });

    it('is one of ten', async () => {
      for (let n = 2; n <= 10; n++) expect(await own(`CAM-${n}000`)).toEqual([200, `CAM-${n}000`]);
      for (const dryRun of [true, false])
        expect(await own('CAM-11000', dryRun)).toEqual([409, 'codes_exhausted']);
      // Those it has may be taken up again, as often as it likes.
      for (const again of ['CAM-2000', 'CAM-01', 'CAM-10000'])
        expect(await own(again)).toEqual([200, again]);
      expect(await shown('cam')).toBe('CAM-10000');
    });

    it('is an admin’s to choose freely', async () => {
      for (const chosen of ['CAM-11000', 'HAL-K'])
        expect(await code('cam', { code: chosen, reason })).toMatchObject({ status: 200 });
    });
  });
});
