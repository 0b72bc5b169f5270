import { describe, expect, it } from '@jest/globals';
import { bpsOf, percentOf, percentText } from './rates.js';

describe('a share of a sale', () => {
  it.each([
    [1000, '10 %'],
    [1250, '12.5 %'],
    [1205, '12.05 %'],
    [1, '0.01 %'],
    [0, '0 %'],
    [10_000, '100 %'],
  ])('of %i basis points is %s', (bps, text) => {
    expect(percentText(bps)).toBe(text);
    expect(bpsOf(percentOf(bps))).toBe(bps);
  });

  it('may be typed with a comma', () => expect(bpsOf(' 12,5 ')).toBe(1250));

  it.each(['', '-1', '100.01', '101', '1e2', '12.345', '.5', 'ten', '1 0'])(
    'is none when %j is typed',
    (text) => expect(bpsOf(text)).toBeUndefined(),
  );
});
