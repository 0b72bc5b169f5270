import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isTokenText, TOKEN_ROLES, tokenDigest, tokenText } from './form.js';

const bytes = (n: number): Uint8Array => createHash('sha256').update(`random ${n}`).digest();

describe('the form of a token', () => {
  it('says what it is, holds 256 random bits, and ends with a checksum', () => {
    const text = tokenText('member', Buffer.alloc(32, 7));
    expect(text).toMatch(/^fw_m_[A-Za-z0-9_-]{43}_[0-9A-Za-z]{6}$/);
    expect(text).toBe('fw_m_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc_49vtXG');
    expect(Buffer.from(text.slice(5, 48), 'base64url')).toEqual(Buffer.alloc(32, 7));
  });

  it('knows its own, of every role, whatever the bits are', () => {
    for (const role of TOKEN_ROLES)
      for (let n = 0; n < 200; n += 1) expect(isTokenText(tokenText(role, bytes(n)))).toBe(true);
  });

  it('sees every single letter that was mistyped, and any two that were exchanged', () => {
    const text = tokenText('creator', bytes(1));
    for (let n = 0; n < text.length; n += 1) {
      for (const letter of ['a', 'B', '7', '_', '-', ' ']) {
        if (text[n] === letter) continue;
        expect(isTokenText(text.slice(0, n) + letter + text.slice(n + 1))).toBe(false);
      }
      const [one = '', two = ''] = [text[n], text[n + 1]];
      if (one !== two && two !== '')
        expect(isTokenText(text.slice(0, n) + two + one + text.slice(n + 2))).toBe(false);
    }
  });

  it.each([
    '',
    'fw_',
    'fw_admin_0123456789abcdef0123456789abcdef',
    `fw_m_${'A'.repeat(43)}_000000`,
  ])('does not take %j for one', (text) => expect(isTokenText(text)).toBe(false));

  it('makes none of fewer bits', () => {
    expect(() => tokenText('admin', Buffer.alloc(16))).toThrow(RangeError);
  });

  it('keeps a SHA-256', () => {
    expect(tokenDigest('x')).toEqual(createHash('sha256').update('x').digest());
  });
});
