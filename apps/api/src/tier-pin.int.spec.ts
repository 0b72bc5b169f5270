import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APRIL_15, PATH, type Told, toldHistory } from '../test/history.js';
import type { Json } from '../test/real-parts.js';

const members = `${PATH}/members`;
/** The half hour before April in New York, where the history's clock stands. */
const NOW_ISO = '2026-04-01T03:30:00Z';
const APRIL_15_ISO = '2026-04-15T00:00:00Z';

describe('tier pins', () => {
  let api: Told;
  beforeAll(async () => {
    api = await toldHistory();
  });
  afterAll(() => api.close());

  const pin = (user: string, body: object) => api.put(`${members}/user_${user}/tier-pin`, body);
  const tiersOf = ({ items }: Json) => items.map(({ tier, pinned }) => [tier, pinned]);
  const idsOf = async (query: string) =>
    (await api.read(`${members}${query}`)).items.map(({ memberId }) => memberId);
  const tierOf = async (user: string, query = '') => {
    const { tier, tierPin } = await api.read(`${members}/user_${user}/stats${query}`);
    return [tier, tierPin];
  };

  it('say what a dry run would change, and change nothing', async () => {
    const before = await api.ledger.store.head();
    const dry = await pin('rui', { tier: 'Starter', reason: 'a trial', dryRun: true });
    expect(dry).toMatchObject({
      status: 200,
      json: { changed: true, dryRun: true, position: null, tierPin: { tier: 'Starter' } },
    });
    expect(await api.ledger.store.head()).toBe(before);
  });

  it('are refused for nobody, for no tier and without a reason', async () => {
    const before = await api.ledger.store.head();
    const refused = async (path: string, body: object) => {
      const { status, json } = await api.put(path, body);
      return [status, json.code];
    };
    const rui = `${members}/user_rui/tier-pin`;
    const good = { tier: 'Star', reason: 'agreed' };
    expect(await refused(`${members}/user_nobody/tier-pin`, good)).toEqual([
      404,
      'member_not_found',
    ]);
    expect(await refused('/creators/biz_nobody/members/user_rui/tier-pin', good)).toEqual([
      404,
      'creator_not_found',
    ]);
    expect(await refused(`${members}/mem_rui/tier-pin`, good)).toEqual([400, 'id_malformed']);
    expect(await refused(rui, { ...good, tier: 'Gold' })).toEqual([400, 'tier_unknown']);
    for (const reason of ['a\u0000', '\ud800'])
      expect(await refused(rui, { ...good, reason })).toEqual([400, 'body_malformed']);
    for (const reason of ['', ' ', 'x'.repeat(501)])
      expect(await refused(rui, { ...good, reason })).toEqual([400, 'reason_required']);
    expect(await refused(rui, [good])).toEqual([400, 'body_malformed']);
    for (const body of [{ tier: 'Star' }, { reason: 'agreed' }, { ...good, tier: 1 }])
      expect(await refused(rui, body)).toEqual([400, 'input_invalid']);
    expect(await refused(rui, { ...good, dryRun: null })).toEqual([400, 'input_invalid']);
    expect(await refused(rui, { ...good, until: '2026-05' })).toEqual([400, 'input_invalid']);
    expect(await api.ledger.store.head()).toBe(before);
  });

  describe('that are set', () => {
    const ruiPin = { tier: 'Starter', reason: 'new terms', since: NOW_ISO };
    beforeAll(async () => {
      const { status, json } = await pin('rui', { tier: 'Starter', reason: 'new terms' });
      expect([status, json]).toEqual([
        200,
        {
          creatorId: 'biz_a',
          memberId: 'user_rui',
          tierPin: ruiPin,
          changed: true,
          dryRun: false,
          position: expect.any(Number),
        },
      ]);
      await pin('ivo', { tier: 'Star', reason: 'guest of honour' });
    });

    it('are recorded with who ordered them, and the reason once', async () => {
      const event = (await api.ledger.events()).find(({ type }) => type === 'TierPinned');
      expect(event).toMatchObject({
        stream: 'member-biz_a.user_rui',
        data: { tier: 'Starter', reason: 'new terms' },
        metadata: { command: 'PinTier', actor: 'admin' },
      });
      expect(event?.metadata).not.toHaveProperty('reason');
    });

    it('are no change when they are so already', async () => {
      const again = await pin('rui', { tier: 'Starter', reason: 'new terms' });
      expect(again.json).toMatchObject({ changed: false, position: null, tierPin: ruiPin });
      const none = await pin('ana', { tier: null, reason: 'there was none' });
      expect(none.json).toMatchObject({ changed: false, position: null, tierPin: null });
    });

    it('stand above the thresholds wherever a tier is shown', async () => {
      expect(tiersOf(await api.read(`${PATH}/top-referrers`))).toEqual([
        ['Starter', true],
        ['Star', false],
        ['Starter', false],
        ['Starter', false],
      ]);
      expect(await tierOf('rui')).toEqual(['Starter', ruiPin]);
      expect(await tierOf('ana')).toEqual(['Star', null]);
      expect(await api.read(`${members}/user_rui`)).toMatchObject({
        tier: 'Starter',
        tierPin: ruiPin,
      });
      const { items } = await api.read(`${members}?q=user_rui`);
      expect(items).toMatchObject([{ tier: 'Starter', tierPin: ruiPin, totalReferrals: 2 }]);
    });

    it('decide whom the filter of a tier finds', async () => {
      expect(await idsOf('?tier=Star')).toEqual(['user_ana', 'user_ivo']);
      expect(await idsOf('?tier=Starter')).toEqual(['user_rui', 'user_yan', 'user_zoe']);
      expect(await idsOf('?tier=Unranked')).not.toContain('user_ivo');
      expect(await api.oneByOne(`${members}?tier=Starter&sort=totalReferrals`)).toMatchObject([
        { memberId: 'user_rui' },
        { memberId: 'user_yan' },
        { memberId: 'user_zoe' },
      ]);
    });

    it('are found by themselves, and left out', async () => {
      expect(await idsOf('?pinned=true')).toEqual(['user_ivo', 'user_rui']);
      expect(await idsOf('?pinned=true&tier=Starter')).toEqual(['user_rui']);
      const others = await idsOf('?pinned=false');
      expect(others).toContain('user_ana');
      expect(others).not.toContain('user_rui');
      expect(await api.get(`${members}?pinned=yes`)).toMatchObject({ status: 400 });
    });

    it('were not in force in a month that had ended before', async () => {
      expect(tiersOf(await api.read(`${PATH}/top-referrers?month=2026-02`))).toEqual([
        ['Starter', false],
        ['Starter', false],
      ]);
      expect(await tierOf('ivo', '?month=2026-02')).toEqual(['Unranked', null]);
    });

    it('end with the next order, and stay those of the months before it', async () => {
      await api.during(APRIL_15, async () => {
        const taken = await pin('rui', { tier: null, reason: 'the terms are over' });
        expect(taken.json).toMatchObject({ changed: true, tierPin: null });
        await pin('ana', { tier: 'Unranked', reason: 'asked for it' });
        expect(await tierOf('rui')).toEqual(['Star', null]);
        expect(await tierOf('ana')).toEqual([
          'Unranked',
          { tier: 'Unranked', reason: 'asked for it', since: APRIL_15_ISO },
        ]);
        expect(await tierOf('rui', '?month=2026-03')).toEqual(['Starter', ruiPin]);
        expect(await tierOf('ana', '?month=2026-03')).toEqual(['Star', null]);
        const march = await api.read(`${PATH}/top-referrers?month=2026-03`);
        expect(tiersOf(march).slice(0, 2)).toEqual([
          ['Starter', true],
          ['Star', false],
        ]);
        expect(await idsOf('?tier=Unranked&q=user_ana')).toEqual(['user_ana']);
      });
    });
  });

  it('ordered at once by several are one', async () => {
    const order = { tier: 'Star', reason: 'one of several' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => pin('zoe', order)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers.filter(({ json }) => json.changed === true)).toHaveLength(1);
    expect(await tierOf('zoe')).toEqual(['Star', { ...order, since: NOW_ISO }]);
  });
});
