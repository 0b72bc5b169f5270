import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ArrayElement, arrayLiteral, asParameter } from './array-literal.js';

describe('an array literal', () => {
  it.each<[string, readonly ArrayElement[], string]>([
    ['nothing', [], '{}'],
    ['texts', ['a', '', 'NULL', '{é,c}'], '{"a","","NULL","{é,c}"}'],
    ['texts to be escaped', ['say "hi"', 'back\\slash'], '{"say \\"hi\\"","back\\\\slash"}'],
    ['numbers', [1, -2, 3n], '{1,-2,3}'],
    ['truths', [true, false], '{true,false}'],
    ['what is missing', ['a', null, 'b'], '{"a",NULL,"b"}'],
    ['nothing but what is missing', [null], '{NULL}'],
    ['numbers beside what is missing', [1, null], '{"1",NULL}'],
  ])('holds %s', (_, values, literal) => {
    expect(arrayLiteral(values)).toBe(literal);
  });

  it('says no two lists of texts alike', () => {
    const texts = fc.array(fc.option(fc.string({ unit: fc.constantFrom('"', '\\', ',', 'a') })));
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(arrayLiteral(one) === arrayLiteral(other)).toBe(same);
      }),
    );
  });
});

describe('a parameter', () => {
  it('is left to the driver where it is no list of plain values', () => {
    for (const value of ['a', 1, null, Buffer.from('a')]) expect(asParameter(value)).toBe(value);
    const bytes = [Buffer.from('a')];
    expect(asParameter(bytes)).toBe(bytes);
    const missing = ['a', undefined];
    expect(asParameter(missing)).toBe(missing);
  });
});
