import { describe, expect, it } from '@jest/globals';
import {
  at,
  changeSettings,
  givenCreator,
  settingsWith,
  storeFirstFact,
  TEST_DEFAULTS,
} from '#libs/testing';
import { type CreatorEvent, type CreatorState, settingsOf } from './index.js';

const NOW = '2026-05-10T12:00:00Z';
const registered = (on: string, defaults = TEST_DEFAULTS): CreatorEvent => ({
  type: 'CreatorRegistered',
  effectiveAt: at(on),
  data: { ...defaults },
});
const firstFact: CreatorEvent = { type: 'FirstFactStored', effectiveAt: at(NOW), data: {} };
const rates = { memberBps: 2000, creatorBps: 7000, platformBps: 1000 };
const others = { memberBps: 3000, creatorBps: 6000, platformBps: 1000 };
const ratesSet = (effectiveAt: number, data = rates): CreatorEvent => ({
  type: 'RatesSet',
  effectiveAt,
  data,
});
const zoneSet = (timeZone: string, fromMonth: string | null, on: string): CreatorEvent => ({
  type: 'TimeZoneSet',
  effectiveAt: on === 'beginning' ? 0 : at(on),
  data: { timeZone, fromMonth },
});
const known = registered('2026-05-01T00:00:00Z');
const inForce = (state: CreatorState) => settingsOf(state, TEST_DEFAULTS);

describe('a creator', () => {
  it('is registered with the first fact, the configured defaults stamped', () => {
    const fact = storeFirstFact({ at: NOW });
    givenCreator().when(fact).then(registered(NOW), firstFact);
    givenCreator(known).when(fact).then(firstFact);
    givenCreator(fact)
      .when(storeFirstFact({ at: '2026-06-01T00:00:00Z' }))
      .then();
  });

  it('is created by setting something, even if that changes nothing', () => {
    givenCreator().when(changeSettings({ rates })).then(registered(NOW), ratesSet(0));
    givenCreator()
      .when(changeSettings({ currency: 'usd' }))
      .then(registered(NOW));
  });

  it('keeps the defaults of its day, whatever is configured later', () => {
    const defaults = { timeZone: 'Asia/Tokyo', graceHours: 1, currency: 'jpy' };
    const { state } = givenCreator(known).when(changeSettings({ rates, defaults }));
    expect(settingsOf(state, defaults).currencyAt(at(NOW))).toBe('usd');
    expect(settingsOf(state, defaults).calendar.zoneOfMonth('2026-05')).toBe('UTC');
    givenCreator(known)
      .when(changeSettings({ currency: 'jpy', defaults }))
      .then({ type: 'CurrencySet', effectiveAt: 0, data: { currency: 'jpy' } });
  });

  it('that nobody knows has the configured settings', () => {
    const { state } = givenCreator().when(storeFirstFact());
    expect(inForce(state).timeline).toEqual(settingsWith().timeline);
  });
});

describe('a change of settings', () => {
  it('applies from the beginning before the first fact, afterwards from now', () => {
    givenCreator(known).when(changeSettings({ rates })).then(ratesSet(0));
    givenCreator(known, firstFact)
      .when(changeSettings({ rates }))
      .then(ratesSet(at(NOW)));
  });

  it('may reach to any instant before the first fact, and not into the past after it', () => {
    const past = changeSettings({ rates, effectiveAt: at('2020-01-01T00:00:00Z') });
    givenCreator(known)
      .when(past)
      .then(ratesSet(at('2020-01-01T00:00:00Z')));
    givenCreator(known, firstFact).when(past).thenRefused('effective_in_past');
    givenCreator(known, firstFact)
      .when(changeSettings({ rates, effectiveAt: at(NOW) - 1 }))
      .thenRefused('effective_in_past');
    givenCreator(known, firstFact)
      .when(changeSettings({ rates, effectiveAt: at(NOW) }))
      .then(ratesSet(at(NOW)));
  });

  it('applies from the beginning only before the first fact', () => {
    const change = changeSettings({ rates, effectiveAt: 'beginning' });
    givenCreator(known).when(change).then(ratesSet(0));
    givenCreator(known, firstFact).when(change).thenRefused('beginning_has_passed');
    givenCreator(known, firstFact)
      .when(changeSettings({ timeZone: 'Asia/Tokyo', effectiveAt: 'beginning' }))
      .thenRefused('beginning_has_passed');
  });

  it('from a local date applies from that day’s first instant on the creator’s calendar', () => {
    const lisbon = zoneSet('Europe/Lisbon', null, 'beginning');
    givenCreator(known, lisbon, firstFact)
      .when(changeSettings({ rates, effectiveAt: { localDate: '2026-06-01' } }))
      .then(ratesSet(at('2026-05-31T23:00:00Z')));
    givenCreator(known, firstFact)
      .when(changeSettings({ rates, effectiveAt: { localDate: '2026-05-10' } }))
      .thenRefused('effective_in_past');
  });

  it('from a local date in the same order as a zone takes that zone’s date', () => {
    const localDate = '2026-07-01';
    givenCreator(known, firstFact)
      .when(changeSettings({ timeZone: 'Asia/Tokyo', rates, effectiveAt: { localDate } }))
      .then(
        zoneSet('Asia/Tokyo', '2026-07', '2026-06-30T15:00:00Z'),
        ratesSet(at('2026-06-30T15:00:00Z')),
      );
  });

  it('set first from September and then from July: both stand', () => {
    const from = (month: string, value = rates) =>
      changeSettings({ rates: value, effectiveAt: { localDate: `2026-${month}-01` } });
    const past = [known, firstFact, from('09', others)];
    const { state } = givenCreator(...past)
      .when(from('07'))
      .then(ratesSet(at('2026-07-01T00:00:00Z')));
    const member = (on: string) => inForce(state).ratesAt(at(on)).memberBps;
    expect(member('2026-06-30T23:59:59Z')).toBe(1000);
    expect(member('2026-07-01T00:00:00Z')).toBe(2000);
    expect(member('2026-08-31T23:59:59Z')).toBe(2000);
    expect(member('2026-09-01T00:00:00Z')).toBe(3000);
  });

  it('for a named instant is kept although in force there already: something may come before it', () => {
    const september = changeSettings({ rates, effectiveAt: at('2026-09-01T00:00:00Z') });
    givenCreator(known, firstFact, ratesSet(at(NOW)))
      .when(september)
      .then(ratesSet(at('2026-09-01T00:00:00Z')));
    givenCreator(known, firstFact, ratesSet(at(NOW)))
      .when(changeSettings({ rates, now: '2026-06-01T00:00:00Z' }))
      .then();
  });

  it('of all at once is an event each, in one instant', () => {
    const tiers = [{ name: 'Gold', from: 3 }];
    givenCreator(known, firstFact)
      .when(changeSettings({ rates, tiers, graceHours: 24, currency: 'eur' }))
      .then(
        ratesSet(at(NOW)),
        { type: 'TiersSet', effectiveAt: at(NOW), data: { tiers: [['Gold', 3]] } },
        { type: 'GraceSet', effectiveAt: at(NOW), data: { graceHours: 24 } },
        { type: 'CurrencySet', effectiveAt: at(NOW), data: { currency: 'eur' } },
      );
  });

  it('that leaves everything as it is says nothing', () => {
    givenCreator(known, firstFact).when(changeSettings()).then();
    givenCreator(known, firstFact)
      .when(changeSettings({ currency: 'usd', graceHours: 72, timeZone: 'UTC' }))
      .then();
  });

  const tier = (name: string, from: number) => ({ name, from });
  it.each([
    ['rates_invalid', { rates: { ...rates, memberBps: 2001 } }],
    ['rates_invalid', { rates: { memberBps: -1, creatorBps: 10_001, platformBps: 0 } }],
    ['rates_invalid', { rates: { memberBps: 0.5, creatorBps: 9999.5, platformBps: 0 } }],
    ['grace_invalid', { graceHours: -1 }],
    ['grace_invalid', { graceHours: 745 }],
    ['grace_invalid', { graceHours: 1.5 }],
    ['currency_unknown', { currency: 'bgn' }],
    ['currency_unknown', { currency: 'USD' }],
    ['tiers_invalid', { tiers: [tier('Gold', 1), tier('Gold', 2)] }],
    ['tiers_invalid', { tiers: [tier('Gold', 1), tier('Silver', 1)] }],
    ['tiers_invalid', { tiers: [] }],
    ['tiers_invalid', { tiers: [tier('Gold', 2), tier('Silver', 1)] }],
    ['tiers_invalid', { tiers: [tier('Unranked', 1)] }],
    ['tiers_invalid', { tiers: [tier(' Gold', 1)] }],
    ['tiers_invalid', { tiers: [tier('Gold', 0)] }],
    ['tiers_invalid', { tiers: [tier('Gold', 1.5)] }],
    ['tiers_invalid', { tiers: [tier('', 1)] }],
    ['tiers_invalid', { tiers: [tier('x'.repeat(41), 1)] }],
    ['tiers_invalid', { tiers: [tier('Größe', 1)] }],
    ['tiers_invalid', { tiers: Array.from({ length: 51 }, (_, n) => tier(`t${n}`, n + 1)) }],
    ['time_zone_unknown', { timeZone: 'Europe/Nowhere' }],
  ])('is refused with %s: %j', (code, change) => {
    givenCreator(known, firstFact).when(changeSettings(change)).thenRefused(code);
    givenCreator().when(changeSettings(change)).thenRefused(code);
  });

  it('may be at the limits', () => {
    const tiers = Array.from({ length: 50 }, (_, n) => tier(`t${n}`, n + 1));
    const { events } = givenCreator(known).when(changeSettings({ graceHours: 744, tiers }));
    expect(events.map(({ type }) => type)).toEqual(['TiersSet', 'GraceSet']);
  });
});

describe('a time zone', () => {
  it('applies from the beginning before the first fact, afterwards from the next month', () => {
    const change = changeSettings({ timeZone: 'Europe/Lisbon' });
    givenCreator(known)
      .when(change)
      .then(zoneSet('Europe/Lisbon', null, 'beginning'));
    givenCreator(known, firstFact)
      .when(change)
      .then(zoneSet('Europe/Lisbon', '2026-06', '2026-05-31T23:00:00Z'));
  });

  it('must lie ahead in both zones', () => {
    // In Auckland it is June already; in UTC it is not.
    const now = '2026-05-31T13:00:00Z';
    const june = { localDate: '2026-06-01' };
    givenCreator(known, firstFact)
      .when(changeSettings({ now, timeZone: 'Pacific/Auckland', effectiveAt: june }))
      .thenRefused('zone_month_not_ahead');
    givenCreator(known, firstFact)
      .when(changeSettings({ now, timeZone: 'Pacific/Auckland' }))
      .then(zoneSet('Pacific/Auckland', '2026-07', '2026-06-30T12:00:00Z'));
    const auckland = zoneSet('Pacific/Auckland', null, 'beginning');
    givenCreator(known, auckland, firstFact)
      .when(changeSettings({ now, timeZone: 'UTC', effectiveAt: june }))
      .thenRefused('zone_month_not_ahead');
    givenCreator(known, firstFact)
      .when(changeSettings({ now, timeZone: 'Europe/Lisbon', effectiveAt: june }))
      .then(zoneSet('Europe/Lisbon', '2026-06', '2026-05-31T23:00:00Z'));
  });

  it('may be set for any month before the first fact', () => {
    givenCreator(known)
      .when(changeSettings({ timeZone: 'Asia/Tokyo', effectiveAt: { localDate: '2025-01-01' } }))
      .then(zoneSet('Asia/Tokyo', '2025-01', '2024-12-31T15:00:00Z'));
  });

  it.each([
    ['a day inside a month', { localDate: '2026-07-02' }],
    ['a month that is none', { localDate: '2026-13-01' }],
    ['an instant inside a month', at('2026-07-01T00:00:01Z')],
  ])('cannot apply from %s', (_, effectiveAt) => {
    givenCreator(known, firstFact)
      .when(changeSettings({ timeZone: 'Asia/Tokyo', effectiveAt }))
      .thenRefused('zone_not_at_month_start');
  });

  it('may be given by a month’s first instant in the zone before or in its own', () => {
    for (const instant of ['2026-07-01T00:00:00Z', '2026-06-30T15:00:00Z']) {
      givenCreator(known, firstFact)
        .when(changeSettings({ timeZone: 'Asia/Tokyo', effectiveAt: at(instant) }))
        .then(zoneSet('Asia/Tokyo', '2026-07', '2026-06-30T15:00:00Z'));
    }
  });

  it('is written as the time zone database spells it, and is already so in other letters', () => {
    const change = changeSettings({ timeZone: 'asia/kolkata' });
    const kolkata = zoneSet('Asia/Kolkata', null, 'beginning');
    givenCreator(known).when(change).then(kolkata);
    givenCreator(known, kolkata)
      .when(changeSettings({ timeZone: 'ASIA/KOLKATA' }))
      .then();
  });

  it('set out of order stands beside a later one', () => {
    const from = (timeZone: string, localDate: string) =>
      changeSettings({ timeZone, effectiveAt: { localDate } });
    const { state } = givenCreator(known, firstFact, from('Asia/Tokyo', '2026-09-01')).when(
      from('Europe/Lisbon', '2026-07-01'),
    );
    const zones = ['2026-06', '2026-07', '2026-08', '2026-09'].map((month) =>
      inForce(state).calendar.zoneOfMonth(month),
    );
    expect(zones).toEqual(['UTC', 'Europe/Lisbon', 'Europe/Lisbon', 'Asia/Tokyo']);
  });
});
