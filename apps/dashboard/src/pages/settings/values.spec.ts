import { describe, expect, it } from '@jest/globals';
import { hoursText, valueText } from './values.js';

describe('a setting as text', () => {
  it('says shares in percent', () => {
    const rates = { memberBps: 1250, creatorBps: 6750, platformBps: 2000 };
    expect(valueText('rates', rates)).toBe('12.5 % member, 67.5 % creator, 20 % platform');
  });

  it('says tiers with the totals from which they are reached', () => {
    const tiers = [
      { name: 'Bronze', from: 5 },
      { name: 'Gold', from: 25 },
    ];
    expect(valueText('tiers', tiers)).toBe('Bronze from 5, Gold from 25');
  });

  it.each([
    [0, '0 hours'],
    [1, '1 hour'],
    [24, '24 hours, 1 day'],
    [72, '72 hours, 3 days'],
    [30, '30 hours'],
  ])('says %i hours of grace in days where they are whole', (hours, text) => {
    expect(hoursText(hours)).toBe(text);
    expect(valueText('graceHours', hours)).toBe(text);
  });

  it('says a currency in capitals, a zone as it is, and nothing as nothing', () => {
    expect(valueText('currency', 'usd')).toBe('USD');
    expect(valueText('timeZone', 'America/New_York')).toBe('America/New_York');
    expect(valueText(null, null)).toBe('nothing');
  });
});
