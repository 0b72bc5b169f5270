import { describe, expect, it } from '@jest/globals';
import { InvalidEvent, type Json } from './event-store.js';
import { canonicalJson, MAX_DEPTH } from './json.js';

const refusal = (value: unknown): string => {
  try {
    return `accepted: ${canonicalJson(value as Json)}`;
  } catch (error) {
    if (error instanceof InvalidEvent) return error.message;
    throw error;
  }
};

describe('the text of what an event holds', () => {
  it('sorts members, leaves out the undefined ones and has no spaces', () => {
    const value = {
      b: [1, { z: null, a: true }],
      a: 'x',
      gone: undefined,
      B: -0,
      '10': '',
      '9': {},
    };
    expect(canonicalJson(value)).toBe('{"10":"","9":{},"B":0,"a":"x","b":[1,{"a":true,"z":null}]}');
  });

  it('keeps every well-formed text, escapes included', () => {
    for (const text of ['\\u0000', '\\ud800', '\u0001\u001f', '𝄞', '\u2028', '"'])
      expect(JSON.parse(canonicalJson(text))).toBe(text);
  });

  it.each([
    ['a fraction', { a: [1, 0.5] }, /^data\.a\[1\]: .*safe integer/],
    ['an unsafe integer', { a: 2 ** 53 }, /safe integer/],
    ['NaN', { a: Number.NaN }, /safe integer/],
    ['a bigint', { a: 1n }, /type bigint/],
    ['undefined in an array', { a: [undefined] }, /^data\.a\[0\]: .*type undefined/],
    ['a function', { toJSON: () => 'x' }, /type function/],
    ['NUL', { a: 'x\0' }, /NUL/],
    ['a lone surrogate', { deep: [{ a: '\udc00x' }] }, /^data\.deep\[0\]\.a: .*well-formed/],
    ['a date', { a: new Date(0) }, /plain objects/],
    ['a map', { a: new Map() }, /plain objects/],
    ['a key beyond ASCII', { ü: 1 }, /printable ASCII/],
    ['an empty key', { '': 1 }, /printable ASCII/],
    ['a prototype as a member', JSON.parse('{"__proto__": 1}'), /__proto__/],
  ])('refuses %s and says where', (_, value, message) => {
    expect(refusal(value)).toMatch(message);
  });

  it('refuses what contains itself, and nothing that is only deep', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(refusal(cycle)).toMatch(/nested deeper/);
    let deep: Json = [];
    for (let i = 1; i < MAX_DEPTH; i++) deep = [deep];
    expect(canonicalJson(deep)).toBe('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH));
    expect(refusal([deep])).toMatch(/nested deeper/);
  });
});
