import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paidOnce } from '../test/paid-once.js';
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
    await paidOnce(api, NOW);
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
        setting: 'timeZone',
        before: 'UTC',
        after: 'Europe/Lisbon',
      },
      {
        type: 'RatesSet',
        effectiveAt: 'beginning',
        data: OTHER_RATES,
        setting: 'rates',
        before: DEFAULT_RATES,
        after: OTHER_RATES,
      },
      {
        type: 'TiersSet',
        effectiveAt: 'beginning',
        data: { tiers: [['Top', 3]] },
        setting: 'tiers',
        before: expect.arrayContaining([{ name: 'Bronze', from: 5 }]),
        after: [{ name: 'Top', from: 3 }],
      },
      {
        type: 'GraceSet',
        effectiveAt: 'beginning',
        data: { graceHours: 24 },
        setting: 'graceHours',
        before: 72,
        after: 24,
      },
      {
        type: 'CurrencySet',
        effectiveAt: 'beginning',
        data: { currency: 'eur' },
        setting: 'currency',
        before: 'usd',
        after: 'eur',
      },
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
    const dry = await put('biz_old', { timeZone: 'America/New_York', dryRun: true });
    expect(dry.json.changes).toMatchObject([
      {
        setting: 'timeZone',
        effectiveAt: '2026-04-01T04:00:00Z',
        before: 'UTC',
        after: 'America/New_York',
      },
    ]);
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

  it('of what cannot be a creator are refused', async () => {
    expect((await put('user_a', { graceHours: 1 })).json.code).toBe('id_malformed');
  });
});
