import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paidOnce } from '../test/paid-once.js';
import { type RealApi, realApi } from '../test/real-parts.js';

const NOW = Date.UTC(2026, 2, 14, 12);
const RATES = { memberBps: 2000, creatorBps: 6000, platformBps: 2000 };
const TOKYO = { timeZone: 'Asia/Tokyo' };
const gold = (from: number) => ({ name: 'Gold', from });
const many = Array.from({ length: 51 }, (_, n) => ({ name: `t${n}`, from: n + 1 }));

/** What is ordered, its status and code, and what the refusal says would be right. */
const REFUSALS: [unknown, number, string, RegExp][] = [
  [undefined, 400, 'settings_missing', /names no setting/],
  [{}, 400, 'settings_missing', /names no setting/],
  [{ effectiveAt: 'beginning', dryRun: true }, 400, 'settings_missing', /names no setting/],
  [[], 400, 'body_malformed', /Send one JSON object/],
  [{ graceHours: 1, name: 'x' }, 400, 'input_invalid', /name should not exist/],
  [{ graceHours: 1, dryRun: 'true' }, 400, 'input_invalid', /dryRun must be a boolean/],
  [{ graceHours: 1, dryRun: null }, 400, 'input_invalid', /dryRun must be a boolean/],
  [{ graceHours: 1, reason: 'a\u0000' }, 400, 'body_malformed', /Send one JSON object/],
  [{ graceHours: 1, reason: '\ud800' }, 400, 'body_malformed', /Send one JSON object/],
  [{ graceHours: 1, reason: '' }, 400, 'input_invalid', /reason must be a line of text/],

  [{ rates: null }, 400, 'input_invalid', /rates must be an object/],
  [{ rates: [RATES] }, 400, 'input_invalid', /rates/],
  [{ rates: { memberBps: 1 } }, 400, 'input_invalid', /creatorBps must be an integer/],
  [{ rates: { ...RATES, ownerBps: 0 } }, 400, 'input_invalid', /ownerBps should not exist/],
  [{ rates: { ...RATES, memberBps: '2000' } }, 400, 'input_invalid', /must be an integer/],
  [{ rates: { ...RATES, memberBps: 1999.5 } }, 400, 'input_invalid', /must be an integer/],
  [{ rates: { ...RATES, memberBps: 2001 } }, 400, 'rates_invalid', /10000 in all/],
  [{ rates: { ...RATES, memberBps: 1999 } }, 400, 'rates_invalid', /10000 in all/],
  [
    { rates: { memberBps: -1, creatorBps: 8001, platformBps: 2000 } },
    400,
    'rates_invalid',
    /none negative/,
  ],

  [{ ...TOKYO, timeZone: 9 }, 400, 'input_invalid', /timeZone must be a string/],
  [{ timeZone: 'Mars/Base' }, 400, 'time_zone_unknown', /such as Europe\/Lisbon/],
  [{ timeZone: '' }, 400, 'time_zone_unknown', /such as Europe\/Lisbon/],
  [{ timeZone: '+09:00' }, 400, 'time_zone_unknown', /such as Europe\/Lisbon/],
  [{ timeZone: 'Asia/Tokyo ' }, 400, 'time_zone_unknown', /such as Europe\/Lisbon/],
  [{ ...TOKYO, effectiveAt: '2026-05-02' }, 400, 'zone_not_at_month_start', /2026-04-01/],
  [{ ...TOKYO, effectiveAt: '2026-05-01T01:00:00Z' }, 400, 'zone_not_at_month_start', /first day/],
  [{ ...TOKYO, effectiveAt: '2026-03-01' }, 409, 'zone_month_not_ahead', /earliest is 2026-04-01/],
  [{ ...TOKYO, effectiveAt: '2025-12-31T15:00:00Z' }, 409, 'zone_month_not_ahead', /2026-04-01/],
  [{ ...TOKYO, effectiveAt: 'beginning' }, 409, 'beginning_has_passed', /from now on/],

  [{ tiers: null }, 400, 'input_invalid', /tiers must be an array/],
  [{ tiers: [null] }, 400, 'input_invalid', /tiers/],
  [{ tiers: gold(1) }, 400, 'input_invalid', /tiers must be an array/],
  [{ tiers: [{ name: 'Gold' }] }, 400, 'input_invalid', /from must be an integer/],
  [{ tiers: [{ name: 'Gold', from: 1.5 }] }, 400, 'input_invalid', /from must be an integer/],
  [{ tiers: [{ from: 1 }] }, 400, 'input_invalid', /name must be a string/],
  [{ tiers: many }, 400, 'input_invalid', /no more than 50/],
  [{ tiers: [] }, 400, 'tiers_invalid', /1 to 50/],
  [{ tiers: [gold(0)] }, 400, 'tiers_invalid', /thresholds of 1 or more/],
  [{ tiers: [gold(-5)] }, 400, 'tiers_invalid', /thresholds of 1 or more/],
  [{ tiers: [gold(2 ** 53)] }, 400, 'tiers_invalid', /thresholds/],
  [{ tiers: [gold(1), gold(2)] }, 400, 'tiers_invalid', /different names/],
  [{ tiers: [gold(1), { name: 'Star', from: 1 }] }, 400, 'tiers_invalid', /that rise/],
  [{ tiers: [gold(2), { name: 'Star', from: 1 }] }, 400, 'tiers_invalid', /lowest to the highest/],
  [{ tiers: [{ name: '', from: 1 }] }, 400, 'tiers_invalid', /1 to 40/],
  [{ tiers: [{ name: ' Gold', from: 1 }] }, 400, 'tiers_invalid', /1 to 40/],
  [{ tiers: [{ name: 'x'.repeat(41), from: 1 }] }, 400, 'tiers_invalid', /1 to 40/],
  [{ tiers: [{ name: 'Größe', from: 1 }] }, 400, 'tiers_invalid', /ASCII/],
  [{ tiers: [{ name: 'Unranked', from: 1 }] }, 400, 'tiers_invalid', /none of them Unranked/],

  [{ graceHours: '72' }, 400, 'input_invalid', /graceHours must be an integer/],
  [{ graceHours: 0.5 }, 400, 'input_invalid', /graceHours must be an integer/],
  [{ graceHours: null }, 400, 'input_invalid', /graceHours must be an integer/],
  [{ graceHours: -1 }, 400, 'grace_invalid', /0 to 744/],
  [{ graceHours: 745 }, 400, 'grace_invalid', /0 to 744/],

  [{ currency: 1 }, 400, 'input_invalid', /currency must be a string/],
  [{ currency: 'USD' }, 400, 'currency_unknown', /lower-case ISO 4217/],
  [{ currency: 'bgn' }, 400, 'currency_unknown', /such as usd/],
  [{ currency: 'xxx' }, 400, 'currency_unknown', /such as usd/],

  [{ graceHours: 1, effectiveAt: 'beginning' }, 409, 'beginning_has_passed', /from now on/],
  [
    { graceHours: 1, effectiveAt: '2026-03-14T11:59:59Z' },
    409,
    'effective_in_past',
    /from now \(2026-03-14T12:00:00Z\) on/,
  ],
  [{ graceHours: 1, effectiveAt: '2026-03-14' }, 409, 'effective_in_past', /from now/],
  [
    { graceHours: 1, effectiveAt: '2026-05-01T00:00:00' },
    400,
    'effective_at_malformed',
    /with its zone/,
  ],
  [
    { graceHours: 1, effectiveAt: '2026-05-01T00:00:00.5Z' },
    400,
    'effective_at_malformed',
    /whole seconds/,
  ],
  [
    { graceHours: 1, effectiveAt: '2026-02-30T00:00:00Z' },
    400,
    'effective_at_malformed',
    /local day/,
  ],
  [{ graceHours: 1, effectiveAt: '2026-02-30' }, 400, 'effective_at_malformed', /local day/],
  [
    { graceHours: 1, effectiveAt: '1970-01-01T00:00:00Z' },
    400,
    'effective_at_malformed',
    /from 1971-01-01/,
  ],
  [{ graceHours: 1, effectiveAt: '2300-01-01' }, 400, 'effective_at_malformed', /to 2198-12-31/],
  [{ graceHours: 1, effectiveAt: 'now' }, 400, 'effective_at_malformed', /"beginning"/],
];

describe('settings outside their rules', () => {
  let api: RealApi;
  beforeAll(async () => {
    api = await realApi(NOW);
    await paidOnce(api, NOW);
  });
  afterAll(() => api.close());

  const put = (body: unknown) => api.put('/creators/biz_old/settings', body);

  it.each(REFUSALS)('%j are refused: %i %s', async (body, status, code, right) => {
    const before = await api.ledger.store.head();
    const refused = await put(body);
    expect(refused).toMatchObject({
      status,
      type: 'application/problem+json',
      json: { status, code },
    });
    const { detail, errors = [] } = refused.json as unknown as {
      detail: string;
      errors?: { message: string }[];
    };
    expect([detail, ...errors.map(({ message }) => message)].join('; ')).toMatch(right);
    expect(await api.ledger.store.head()).toBe(before);
    // A dry run is refused as the order itself is.
    if (typeof body !== 'object' || Array.isArray(body) || 'dryRun' in (body ?? {})) return;
    expect((await put({ ...body, dryRun: true })).json.code).toBe(code);
  });

  it('do not take others with them', async () => {
    const before = await api.ledger.store.head();
    expect((await put({ graceHours: 10, currency: 'nope' })).json.code).toBe('currency_unknown');
    expect((await put({ graceHours: 10, timeZone: 'nope' })).json.code).toBe('time_zone_unknown');
    expect(await api.ledger.store.head()).toBe(before);
  });

  it('do not hold for those at the edge', async () => {
    for (const body of [
      { graceHours: 0 },
      { graceHours: 744 },
      { rates: { memberBps: 0, creatorBps: 10_000, platformBps: 0 } },
      { tiers: many.slice(1) },
      { tiers: [{ name: 'x'.repeat(40), from: 1 }] },
      { currency: 'whop_usd' },
      { graceHours: 1, effectiveAt: '2026-03-14T12:00:00Z' },
      { graceHours: 1, effectiveAt: '2026-03-15' },
      // A link of the database is a zone, by its own name.
      { timeZone: 'asia/calcutta', effectiveAt: '2026-04-01' },
      { timeZone: 'US/Eastern', effectiveAt: '2026-04-01T04:00:00Z' },
    ])
      expect([body, (await put({ ...body, dryRun: true })).status]).toEqual([body, 200]);
  });
});
