import { describe, expect, it } from '@jest/globals';
import { currencies, decimalOf } from '../../../../libs/ledger/src/values/money.js';
import { changeText, countText, moneyText, signedText } from './figures.js';

describe('figures as text', () => {
  it.each([
    [9_991, 'usd', '$99.91'],
    [0, 'usd', '$0.00'],
    [5, 'usd', '$0.05'],
    [-499, 'eur', '−€4.99'],
    [-5, 'usd', '−$0.05'],
    [1_133_950, 'usd', '$11,339.50'],
    [1_500, 'jpy', '¥1,500'],
    [12_345, 'bhd', 'BHD\u00a012.345'],
    [12_345, 'iqd', 'IQD\u00a012.345'],
    [12_345, 'huf', 'HUF\u00a0123.45'],
    [-120_000, 'whop_usd', '−1,200.00\u00a0WHOP_USD'],
    // Beyond what a fraction in binary could say.
    [9_007_199_254_740_991, 'usd', '$90,071,992,547,409.91'],
  ])('writes %d of %s as %s', (minor, currency, text) => {
    expect(moneyText(minor, currency)).toBe(text);
  });

  it.each(currencies)('writes the digits of %s as the ledger does', (currency) => {
    const minor = 123_456_789;
    // Without the symbol, which may have a point of its own.
    const digits = (text: string): string => /\d[\d,.]*/.exec(text)?.[0].replaceAll(',', '') ?? '';
    const [owed, taken] = [moneyText(minor, currency), moneyText(-minor, currency)];
    expect(digits(owed)).toBe(decimalOf(BigInt(minor), currency));
    expect(taken).toBe(`\u2212${owed}`);
  });

  it('guesses no decimals of what the ledger does not list', () => {
    expect(() => moneyText(5, 'zzz')).toThrow('currency_unknown');
  });

  it.each([
    [0, '0'],
    [999, '999'],
    [1_204, '1\u202f204'],
    [-18_234, '−18\u202f234'],
    [1_000_000, '1\u202f000\u202f000'],
  ])('counts %d as %s', (count, text) => {
    expect(countText(count)).toBe(text);
  });

  it('signs a difference, but not the lack of one', () => {
    expect([3, 0, -56].map(signedText)).toEqual(['+3', '0', '−56']);
  });

  it.each([
    [11, 8, '+37.5 %'],
    [67, 75, '−10.7 %'],
    [75, 75, '0.0 %'],
    [3, 0, undefined],
  ])('calls %d after %d a change of %s', (now, before, text) => {
    expect(changeText(now, before)).toBe(text);
  });
});
