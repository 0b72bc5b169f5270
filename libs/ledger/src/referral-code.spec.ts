import { describe, expect, it } from '@jest/globals';
import {
  CODE_ALPHABET,
  drawCode,
  drawnCodeLike,
  isVanityCode,
  normalCode,
} from './referral-code.js';

describe('a referral code', () => {
  it('is drawn from the member alone, the same for ever', () => {
    // Golden: a code once given may never be drawn differently.
    expect(drawCode('biz_a', 'user_b', 0)).toBe('JRWK-69KA');
    expect(drawCode('biz_a', 'user_b', 1)).toBe('5EA3-VM78');
  });

  it('has two groups of four signs that nobody mistakes for others', () => {
    expect(CODE_ALPHABET).toHaveLength(30);
    for (const sign of '01OILU') expect(CODE_ALPHABET).not.toContain(sign);
    for (let n = 0; n < 2000; n += 1) {
      const code = drawCode('biz_a', `user_${n}`, 0);
      expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
      expect(normalCode(code)).toBe(code);
      expect(isVanityCode(code)).toBe(true);
    }
  });

  it('favours no sign and differs from member to member, creator to creator, draw to draw', () => {
    const codes = new Set<string>();
    const seen = new Map<string, number>();
    for (let n = 0; n < 3000; n += 1) {
      const code = drawCode(`biz_${n % 3}`, `user_${Math.floor(n / 6)}`, Math.floor(n / 3) % 2);
      codes.add(code);
      for (const sign of code.replace('-', '')) seen.set(sign, (seen.get(sign) ?? 0) + 1);
    }
    expect(codes.size).toBe(3000);
    // 24,000 signs, 800 of each expected; the draw is fixed, so this cannot flicker.
    expect([...seen.values()].every((times) => times > 680 && times < 920)).toBe(true);
    expect(seen.size).toBe(30);
  });

  it('does not run ids into one another', () => {
    expect(drawCode('biz_a', 'b', 0)).not.toBe(drawCode('biz_', 'ab', 0));
    expect(drawCode('biz_a', 'user_1', 0)).not.toBe(drawCode('biz_a', 'user_', 10));
  });

  it('is compared trimmed and upper case, and foreign letters stay foreign', () => {
    expect(normalCode('  abcd-2345\n')).toBe('ABCD-2345');
    expect(normalCode('ſave')).toBe('ſAVE');
    expect(normalCode('straße')).toBe('STRAßE');
  });

  it('may be chosen: 4 to 24 capitals, digits and dashes', () => {
    expect(['RUI4', 'SUMMER-2026', 'A'.repeat(24)].every(isVanityCode)).toBe(true);
    const others = ['RUI', 'A'.repeat(25), 'rui4', 'RUI 4', 'RUI_4', 'ÉTÉ26', 'RUI4\n', ''];
    expect(others.filter(isVanityCode)).toEqual([]);
  });

  it('looks like the drawn code that people would read it for', () => {
    expect(drawnCodeLike('ABCD-2345')).toBe('ABCD-2345');
    expect(drawnCodeLike('ABCD2345')).toBe('ABCD-2345');
    expect(drawnCodeLike('AB-CD-23-45')).toBe('ABCD-2345');
    expect(drawnCodeLike('ABUU-2345')).toBe('ABVV-2345');
    // No drawn code holds these, nor as many signs.
    for (const code of ['GOLD-2025', 'RUI4', 'SUMMER-2026', 'ABCD-23456'])
      expect(drawnCodeLike(code)).toBeUndefined();
  });
});
