import { describe, expect, it } from '@jest/globals';
import { settingsWith } from '#libs/testing';
import { DEFAULT_TIERS, inForce, tierOf, timelineOf, withDated, withZone } from './settings.js';

describe('a setting', () => {
  it('is in force from its instant until the next', () => {
    const values = [
      { at: 0, value: 'a' },
      { at: 10, value: 'b' },
      { at: 20, value: 'c' },
    ];
    expect([0, 9, 10, 19, 20, 99].map((at) => inForce(values, at)).join('')).toBe('aabbcc');
    expect(() => inForce(values, -1)).toThrow(RangeError);
  });

  it('set out of order stands in its place, the last of one instant', () => {
    const values = withDated(withDated([{ at: 0, value: 'a' }], 20, 'c'), 10, 'b');
    expect(values.map(({ at, value }) => `${value}${at}`)).toEqual(['a0', 'b10', 'c20']);
    expect(inForce(withDated(values, 10, 'x'), 15)).toBe('x');
    expect(withDated(values, 10, 'x')).toHaveLength(3);
  });

  it('of a zone goes by month, the beginning first', () => {
    const beginning = { fromMonth: null, timeZone: 'UTC' };
    const july = { fromMonth: '2026-07', timeZone: 'Europe/Lisbon' };
    const march = { fromMonth: '2026-03', timeZone: 'Asia/Tokyo' };
    const zones = withZone(withZone([beginning], july), march);
    expect(zones).toEqual([beginning, march, july]);
    const tokyo = { fromMonth: null, timeZone: 'Asia/Tokyo' };
    expect(withZone(zones, tokyo)).toEqual([tokyo, march, july]);
    const { calendar } = settingsWith({ zones });
    expect(['2026-02', '2026-03', '2026-08'].map((month) => calendar.zoneOfMonth(month))).toEqual([
      'UTC',
      'Asia/Tokyo',
      'Europe/Lisbon',
    ]);
  });

  it('of currency, grace and tiers is read at an instant', () => {
    const settings = settingsWith({
      currency: [
        { at: 0, value: 'usd' },
        { at: 100, value: 'eur' },
      ],
      graceHours: [
        { at: 0, value: 72 },
        { at: 100, value: 1 },
      ],
      tiers: [
        { at: 0, value: DEFAULT_TIERS },
        { at: 100, value: [] },
      ],
    });
    expect([settings.currencyAt(99), settings.currencyAt(100)]).toEqual(['usd', 'eur']);
    expect([settings.graceHoursAt(99), settings.graceHoursAt(100)]).toEqual([72, 1]);
    expect([settings.tiersAt(99), settings.tiersAt(100)]).toEqual([DEFAULT_TIERS, []]);
  });

  it('that nobody set is the configured default, rates 10 / 70 / 20 %', () => {
    const { rates, tiers, currency } = timelineOf({
      timeZone: 'UTC',
      graceHours: 5,
      currency: 'gbp',
    });
    expect(rates).toEqual([
      { at: 0, value: { memberBps: 1000, creatorBps: 7000, platformBps: 2000 } },
    ]);
    expect(tiers).toEqual([{ at: 0, value: DEFAULT_TIERS }]);
    expect(currency).toEqual([{ at: 0, value: 'gbp' }]);
  });
});

describe('a tier', () => {
  it('is the highest threshold that a total reaches', () => {
    const tiers = [0n, 4n, 5n, 9n, 10n, 24n, 25n, 99n, 100n, 10n ** 20n];
    expect(tiers.map((total) => tierOf(DEFAULT_TIERS, total))).toEqual([
      ...['Unranked', 'Unranked', 'Bronze', 'Bronze', 'Silver'],
      ...['Silver', 'Gold', 'Gold', 'Platinum', 'Platinum'],
    ]);
  });

  it('does not depend on the order of the thresholds', () => {
    expect(tierOf([...DEFAULT_TIERS].reverse(), 12n)).toBe('Silver');
    expect(tierOf([], 12n)).toBe('Unranked');
  });
});
