import { describe, expect, it } from '@jest/globals';
import { deltaText, durationText, fieldName, fieldText } from './values.js';

describe('a field of a read model', () => {
  it('is money where its name says so, in the currency of its row', () => {
    expect(fieldText('earnedMinor', '9991', 'usd')).toBe('$99.91');
    expect(fieldText('earnedMinor', '-499', 'eur')).toBe('−€4.99');
    // Whose row says no currency is a number of units that nobody can name.
    expect(fieldText('earnedMinor', '9991', undefined)).toBe('9991');
  });

  it('is a number, an instant or a text otherwise, and nothing is said to be nothing', () => {
    expect(fieldText('totalReferrals', '1204', undefined)).toBe('1\u202f204');
    expect(fieldText('reachedAt', '1760974294', undefined)).toBe('Oct 20, 2025, 15:31:34');
    expect(fieldText('at', '1760974294', undefined)).toBe('Oct 20, 2025, 15:31:34');
    expect(fieldText('tier', 'Gold', undefined)).toBe('Gold');
    expect(fieldText('replaces', null, undefined)).toBe('nothing');
    expect(fieldText('referrerId', '', undefined)).toBe('nothing');
  });

  it('of an amount too large for a number is written as it is', () => {
    expect(fieldText('earnedMinor', '90071992547409931', 'usd')).toBe('90071992547409931');
    expect(deltaText('earnedMinor', '1', '90071992547409931', 'usd')).toBe('90071992547409930');
  });

  it('differs by what is to be added to what serves', () => {
    expect(deltaText('earnedMinor', '20659', '15759', 'usd')).toBe('−$49.00');
    expect(deltaText('earnedMinor', null, '9991', 'usd')).toBe('+$99.91');
    expect(deltaText('referrals', '2', '3', undefined)).toBe('+1');
    expect(deltaText('tier', 'Gold', 'Silver', undefined)).toBe('');
  });

  it('is called in words', () => {
    expect(fieldName('totalReferrals')).toBe('total referrals');
    expect(fieldName('earnedMinor')).toBe('earned');
    expect(fieldName('reachedAt')).toBe('reached');
    expect(fieldName('at')).toBe('at');
  });
});

describe('a duration', () => {
  it('is as exact as one needs it', () => {
    expect(durationText(0)).toBe('0 ms');
    expect(durationText(840)).toBe('840 ms');
    expect(durationText(4_260)).toBe('4.2 s');
    expect(durationText(61_000)).toBe('1 min 1 s');
    expect(durationText(7_260_000)).toBe('2 h 1 min');
  });
});
