import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPayment } from '#libs/ingestion';
import { type RealApi, realApi } from '../test/real-parts.js';

const NOW = Date.UTC(2026, 2, 14, 12);
const NOW_ISO = '2026-03-14T12:00:00Z';
const DEFAULT_RATES = { memberBps: 1000, creatorBps: 7000, platformBps: 2000 };
const OTHER_RATES = { memberBps: 2000, creatorBps: 6000, platformBps: 2000 };
const since = (inForce: unknown, from = 'beginning', toCome: unknown[] = []) => ({
  inForce,
  since: from,
  toCome,
});

describe('settings', () => {
  let api: RealApi;
  beforeAll(async () => {
    api = await realApi(NOW);
    const paidAt = NOW / 1000 - 86_400;
    await api.ledger.deliver(
      renderPayment('v1', {
        creatorId: 'biz_old',
        userId: 'user_a',
        membershipId: 'mem_a',
        paymentId: 'pay_1',
        status: 'succeeded',
        amount: '10',
        currency: 'usd',
        paidAt,
        createdAt: paidAt,
      }),
    );
    await api.ledger.decide();
  });
  afterAll(() => api.close());

  const settingsOf = async (creator: string) =>
    (await api.get(`/creators/${creator}/settings`)).json;
  const put = (creator: string, body?: unknown) => api.put(`/creators/${creator}/settings`, body);

  it('of a creator with facts are the defaults until some are set', async () => {
    expect(await settingsOf('biz_old')).toMatchObject({
      creatorId: 'biz_old',
      settings: {
        timeZone: { inForce: 'UTC', since: 'beginning', sinceMonth: null, toCome: [] },
        rates: since(DEFAULT_RATES),
        graceHours: since(72),
        currency: since('usd'),
      },
      asOf: { position: expect.any(Number) },
      timeZone: 'UTC',
    });
  });

  it('create the creator, and apply from the beginning before the first fact', async () => {
    const { status, json } = await put('biz_new', {
      timeZone: 'europe/lisbon',
      rates: OTHER_RATES,
      tiers: [{ name: 'Top', from: 3 }],
      graceHours: 24,
      currency: 'eur',
      reason: 'as agreed',
    });
    expect(status).toBe(200);
    const settings = {
      timeZone: { inForce: 'Europe/Lisbon', since: 'beginning', sinceMonth: null, toCome: [] },
      rates: since(OTHER_RATES),
      tiers: since([{ name: 'Top', from: 3 }]),
      graceHours: since(24),
      currency: since('eur'),
    };
    expect(json).toMatchObject({ creatorId: 'biz_new', settings, dryRun: false });
    expect(json.changes).toEqual([
      expect.objectContaining({ type: 'CreatorRegistered', effectiveAt: NOW_ISO }),
      {
        type: 'TimeZoneSet',
        effectiveAt: 'beginning',
        data: { timeZone: 'Europe/Lisbon', fromMonth: null },
      },
      { type: 'RatesSet', effectiveAt: 'beginning', data: OTHER_RATES },
      { type: 'TiersSet', effectiveAt: 'beginning', data: { tiers: [['Top', 3]] } },
      { type: 'GraceSet', effectiveAt: 'beginning', data: { graceHours: 24 } },
      { type: 'CurrencySet', effectiveAt: 'beginning', data: { currency: 'eur' } },
    ]);
    const after = await settingsOf('biz_new');
    expect(after).toMatchObject({ settings, timeZone: 'Europe/Lisbon' });
    expect(after.asOf).toMatchObject({ position: json.position });
    const last = (await api.ledger.events()).at(-1);
    expect(last?.metadata).toMatchObject({ actor: 'admin', reason: 'as agreed' });
  });

  it('are no change when they are so already', async () => {
    await put('biz_same', { rates: OTHER_RATES, tiers: [{ name: 'Top', from: 3 }] });
    const again = await put('biz_same', { rates: OTHER_RATES, tiers: [{ name: 'Top', from: 3 }] });
    expect(again.json).toMatchObject({ changes: [], position: null, dryRun: false });
  });

  it('say what a dry run would change, and change nothing', async () => {
    const before = await api.ledger.store.head();
    const dry = await put('biz_dry', { graceHours: 1, dryRun: true });
    expect(dry).toMatchObject({
      status: 200,
      json: { dryRun: true, position: null, settings: { graceHours: since(1) } },
    });
    expect(dry.json.changes).toHaveLength(2);
    expect(await api.ledger.store.head()).toBe(before);
    expect((await api.get('/creators/biz_dry/settings')).status).toBe(404);
  });

  it('to come are listed with their instants', async () => {
    await put('biz_old', { rates: OTHER_RATES, effectiveAt: '2026-04-01T02:00:00+02:00' });
    await put('biz_old', { graceHours: 10, effectiveAt: '2026-04-10' });
    await put('biz_old', { currency: 'gbp' });
    await put('biz_old', { timeZone: 'America/New_York' });
    const { settings, timeZone } = await settingsOf('biz_old');
    expect(timeZone).toBe('UTC');
    expect(settings).toMatchObject({
      timeZone: {
        inForce: 'UTC',
        toCome: [{ value: 'America/New_York', from: '2026-04-01T04:00:00Z', fromMonth: '2026-04' }],
      },
      rates: since(DEFAULT_RATES, 'beginning', [
        { value: OTHER_RATES, from: '2026-04-01T00:00:00Z' },
      ]),
      graceHours: since(72, 'beginning', [{ value: 10, from: '2026-04-10T00:00:00Z' }]),
      currency: since('gbp', NOW_ISO),
    });
    api.setNow(Date.UTC(2026, 3, 1, 12));
    const later = await settingsOf('biz_old');
    api.setNow(NOW);
    expect(later).toMatchObject({
      timeZone: 'America/New_York',
      settings: {
        timeZone: { since: '2026-04-01T04:00:00Z', sinceMonth: '2026-04', toCome: [] },
        rates: since(OTHER_RATES, '2026-04-01T00:00:00Z'),
      },
    });
  });

  const zone = { timeZone: 'Asia/Tokyo' };
  it.each([
    [undefined, 400, 'settings_missing'],
    [{}, 400, 'settings_missing'],
    [{ effectiveAt: 'beginning', dryRun: true }, 400, 'settings_missing'],
    [{ rates: null }, 400, 'input_invalid'],
    [{ graceHours: 1, name: 'x' }, 400, 'input_invalid'],
    [{ rates: { memberBps: 1 } }, 400, 'input_invalid'],
    [{ rates: { ...OTHER_RATES, ownerBps: 0 } }, 400, 'input_invalid'],
    [{ rates: [OTHER_RATES] }, 400, 'input_invalid'],
    [{ rates: { ...OTHER_RATES, memberBps: '2000' } }, 400, 'input_invalid'],
    [{ tiers: [null] }, 400, 'input_invalid'],
    [{ tiers: { name: 'a', from: 1 } }, 400, 'input_invalid'],
    [{ graceHours: '72' }, 400, 'input_invalid'],
    [{ graceHours: 1, dryRun: 'true' }, 400, 'input_invalid'],
    [{ graceHours: 1, reason: 'a\u0000' }, 400, 'input_invalid'],
    [{ graceHours: 1, reason: '\ud800' }, 400, 'input_invalid'],
    [[], 400, 'input_invalid'],
    [{ rates: { ...OTHER_RATES, memberBps: 2001 } }, 400, 'rates_invalid'],
    [{ tiers: [{ name: 'a', from: 0 }] }, 400, 'tiers_invalid'],
    [{ graceHours: 745 }, 400, 'grace_invalid'],
    [{ currency: 'USD' }, 400, 'currency_unknown'],
    [{ timeZone: 'Mars/Base' }, 400, 'time_zone_unknown'],
    [{ ...zone, effectiveAt: '2026-05-02' }, 400, 'zone_not_at_month_start'],
    [{ ...zone, effectiveAt: '2026-03-01' }, 409, 'zone_month_not_ahead'],
    [{ graceHours: 1, effectiveAt: 'beginning' }, 409, 'beginning_has_passed'],
    [{ graceHours: 1, effectiveAt: '2026-03-14T11:59:59Z' }, 409, 'effective_in_past'],
    [{ graceHours: 1, effectiveAt: '2026-03-14' }, 409, 'effective_in_past'],
    [{ graceHours: 1, effectiveAt: '2026-05-01T00:00:00' }, 400, 'effective_at_malformed'],
    [{ graceHours: 1, effectiveAt: '2026-05-01T00:00:00.5Z' }, 400, 'effective_at_malformed'],
    [{ graceHours: 1, effectiveAt: '2026-02-30T00:00:00Z' }, 400, 'effective_at_malformed'],
    [{ graceHours: 1, effectiveAt: '2026-02-30' }, 400, 'effective_at_malformed'],
    [{ graceHours: 1, effectiveAt: '1970-01-01T00:00:00Z' }, 400, 'effective_at_malformed'],
    [{ graceHours: 1, effectiveAt: '2300-01-01' }, 400, 'effective_at_malformed'],
    [{ graceHours: 1, effectiveAt: 'now' }, 400, 'effective_at_malformed'],
  ])('%j is refused: %i %s', async (body, status, code) => {
    const before = await api.ledger.store.head();
    const refused = await put('biz_old', body);
    expect(refused).toMatchObject({ status, json: { code } });
    expect(await api.ledger.store.head()).toBe(before);
  });

  it('of what cannot be a creator are refused', async () => {
    expect((await put('user_a', { graceHours: 1 })).json.code).toBe('id_malformed');
  });
});
