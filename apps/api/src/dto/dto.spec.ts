import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from './cursor.js';
import { asOfJson, instantToJson } from './figures.js';
import { minorToJson } from './numbers.js';

const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  it('comes back as what it was made of', () => {
    const cursor = encodeCursor([12n, 'user_é', 1_700_000_000]);
    expect(decodeCursor(cursor, ['bigint', 'text', 'integer'])).toEqual([
      12n,
      'user_é',
      1_700_000_000,
    ]);
    expect(decodeCursor(undefined, ['text'])).toBeUndefined();
  });

  it.each([
    ['empty', ''],
    ['no base64url', 'a+b/'],
    ['no JSON', Buffer.from('[').toString('base64url')],
    ['no array', json({ 0: 'a' })],
    ['too short', json([])],
    ['too long', json(['a', 'b'])],
    ['of another type', json([1])],
    ['deep', json([['a']])],
    ['with a NUL', json(['\0'])],
    ['padded', `${json(['ab'])}=`],
    ['with blanks', Buffer.from('[ "a" ]').toString('base64url')],
    ['huge', json(['a'.repeat(600)])],
  ])('that is %s is refused', (_, cursor) => {
    expect(() => decodeCursor(cursor, ['text'])).toThrow(
      expect.objectContaining({ status: 400, code: 'cursor_invalid' }),
    );
  });

  it.each(['1.5', '01', '-0', '1e3', '9'.repeat(30), ' 1'])(
    'does not take %j for a bigint',
    (n) => {
      expect(() => decodeCursor(json([n]), ['bigint'])).toThrow();
    },
  );
});

describe('amounts in JSON', () => {
  it('are integers that are never rounded', () => {
    expect(minorToJson(-4999n)).toBe(-4999);
    expect(minorToJson(9_007_199_254_740_991n)).toBe(9_007_199_254_740_991);
    expect(() => minorToJson(9_007_199_254_740_992n)).toThrow(RangeError);
    expect(() => minorToJson(-9_007_199_254_740_993n)).toThrow(RangeError);
  });
});

describe('times in JSON', () => {
  it('are ISO 8601 in UTC', () => {
    expect(instantToJson(1_775_010_600)).toBe('2026-04-01T02:30:00Z');
    expect(asOfJson({ position: 7n, recordedAt: 1_775_010_600_123 })).toEqual({
      position: 7,
      recordedAt: '2026-04-01T02:30:00.123Z',
    });
    expect(asOfJson({ position: 0n, recordedAt: 0 }).recordedAt).toBeNull();
  });
});
