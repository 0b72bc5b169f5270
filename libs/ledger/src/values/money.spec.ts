import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  currencies,
  currencyOf,
  decimalOf,
  exponentOf,
  formatMinor,
  isCurrency,
  LARGEST_MINOR,
  minorOf,
  sameAmount,
} from './money.js';

const anyCurrency = fc.constantFrom(...currencies);
const anyMinor = fc.bigInt({ min: 0n, max: LARGEST_MINOR });
const codeOf = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('a currency', () => {
  it('is one of the 165 of ISO 4217 that people can be paid in, or whop_usd', () => {
    expect(currencies).toHaveLength(166);
    expect(new Set(currencies).size).toBe(166);
    expect(currencies.every((code) => /^[a-z]{3}$|^whop_usd$/.test(code))).toBe(true);
  });

  it('has the decimals that ISO 4217 gives it, not those of a locale', () => {
    const zero = ['jpy', 'clp', 'krw', 'vnd', 'isk', 'ugx', 'xaf', 'xof', 'xpf'];
    expect(zero.map(exponentOf)).toEqual(zero.map(() => 0));
    const two = ['usd', 'eur', 'huf', 'idr', 'mga', 'mru', 'afn', 'xcd', 'xcg', 'zwg', 'whop_usd'];
    expect(two.map(exponentOf)).toEqual(two.map(() => 2));
    const three = ['kwd', 'bhd', 'jod', 'omr', 'tnd', 'lyd', 'iqd'];
    expect(three.map(exponentOf)).toEqual(three.map(() => 3));
    expect(['clf', 'uyw'].map(exponentOf)).toEqual([4, 4]);
  });

  it('is no metal, test code, unit of account, made-up code or upper-case text', () => {
    const others = ['xau', 'xag', 'xpt', 'xpd', 'xba', 'xbb', 'xbc', 'xbd', 'xdr', 'xsu', 'xua'];
    const more = ['xts', 'xxx', 'btc', 'zzz', '', 'USD', 'us', 'toString', '__proto__'];
    expect([...others, ...more].filter(isCurrency)).toEqual([]);
    expect(codeOf(() => exponentOf('xau'))).toBe('currency_unknown');
  });

  it('is read in any letter case', () => {
    expect(currencyOf('USD')).toBe('usd');
    expect(currencyOf(' Whop_USD ')).toBe('whop_usd');
    expect(codeOf(() => currencyOf('XTS'))).toBe('currency_unknown');
    // The Kelvin sign, which Unicode lowers to a k.
    expect(codeOf(() => currencyOf('\u212aES'))).toBe('currency_unknown');
  });
});

describe('an amount', () => {
  it.each([
    ['49.99', 'usd', 4999n],
    ['49.9', 'usd', 4990n],
    ['100', 'jpy', 100n],
    ['100.0', 'jpy', 100n],
    ['0.001', 'kwd', 1n],
    ['1.50000', 'usd', 150n],
    ['0', 'usd', 0n],
    ['-0.0', 'usd', 0n],
    ['0e999', 'usd', 0n],
    ['1e2', 'usd', 10000n],
    ['4.999E+1', 'usd', 4999n],
    ['4999e-2', 'usd', 4999n],
    ['0.10', 'usd', 10n],
    ['10000000000', 'usd', LARGEST_MINOR],
    ['90071992.5474', 'clf', 900719925474n],
  ])('of %s %s is %s minor units', (decimal, currency, minor) => {
    expect(minorOf(decimal, currency)).toBe(minor);
  });

  it.each([
    ['10.001', 'usd', 'amount_too_precise'],
    ['0.5', 'jpy', 'amount_too_precise'],
    ['1e-400', 'usd', 'amount_too_precise'],
    ['-0.01', 'usd', 'amount_negative'],
    ['10000000000.01', 'usd', 'amount_too_large'],
    ['1000000000001', 'jpy', 'amount_too_large'],
    ['1e400', 'usd', 'amount_too_large'],
    ['1e99999999999999999999999999', 'usd', 'amount_too_large'],
    ['9'.repeat(200), 'usd', 'amount_too_large'],
    [`1${'0'.repeat(100_000)}1`, 'usd', 'amount_malformed'],
    ['NaN', 'usd', 'amount_malformed'],
    ['Infinity', 'usd', 'amount_malformed'],
    ['', 'usd', 'amount_malformed'],
    [' 1', 'usd', 'amount_malformed'],
    ['1\n', 'usd', 'amount_malformed'],
    ['+1', 'usd', 'amount_malformed'],
    ['.5', 'usd', 'amount_malformed'],
    ['1.', 'usd', 'amount_malformed'],
    ['007', 'usd', 'amount_malformed'],
    ['1,000', 'usd', 'amount_malformed'],
    ['0x10', 'usd', 'amount_malformed'],
    ['1_000', 'usd', 'amount_malformed'],
    ['٣', 'usd', 'amount_malformed'],
    ['1', 'xxx', 'currency_unknown'],
  ])('of %.20s %s is refused as %s', (decimal, currency, code) => {
    expect(codeOf(() => minorOf(decimal, currency))).toBe(code);
  });

  it('comes back from its decimal unchanged, in every currency', () => {
    fc.assert(
      fc.property(anyMinor, anyCurrency, (minor, currency) => {
        expect(minorOf(decimalOf(minor, currency), currency)).toBe(minor);
      }),
      { numRuns: 2000 },
    );
  });

  it('means the same with an exponent or zeros at its end', () => {
    fc.assert(
      fc.property(anyMinor, anyCurrency, fc.nat(8), (minor, currency, zeros) => {
        const exponent = exponentOf(currency);
        expect(minorOf(`${minor}e-${exponent}`, currency)).toBe(minor);
        const fraction = exponent === 0 ? '.' : '';
        const padded = `${decimalOf(minor, currency)}${fraction}0${'0'.repeat(zeros)}`;
        expect(minorOf(padded, currency)).toBe(minor);
      }),
    );
  });

  it('shows all the decimals of its currency', () => {
    expect(decimalOf(4999n, 'usd')).toBe('49.99');
    expect(decimalOf(5n, 'usd')).toBe('0.05');
    expect(decimalOf(-50n, 'kwd')).toBe('-0.050');
    expect(decimalOf(0n, 'clf')).toBe('0.0000');
    expect(decimalOf(100n, 'jpy')).toBe('100');
  });

  it('is the same in another currency if the decimals are', () => {
    expect(sameAmount(4900n, 'usd', 49n, 'jpy')).toBe(true);
    expect(sameAmount(4999n, 'usd', 4999n, 'jpy')).toBe(false);
    expect(sameAmount(4999n, 'usd', 49990n, 'kwd')).toBe(true);
    expect(sameAmount(4999n, 'usd', 4999n, 'eur')).toBe(true);
  });

  it('is written for people with the sign of its currency', () => {
    expect(formatMinor(9991n, 'usd')).toBe('$99.91');
    expect(formatMinor(123456789n, 'eur')).toBe('€1,234,567.89');
    expect(formatMinor(-50n, 'gbp')).toBe('-£0.50');
    expect(formatMinor(5000n, 'jpy')).toBe('5,000 JPY');
    expect(formatMinor(100000n, 'kwd')).toBe('100.000 KWD');
    expect(formatMinor(100n, 'usd')).toBe('$1.00');
  });
});
