import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Marks, mark, markKey } from './marks.js';
import { Names, type SealedName } from './names.js';
import { openProfile, sealProfile } from './profile.js';
import { SEAL_BYTES, Vault } from './vault.js';

const KEY = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);
const plain = Buffer.from('{"user":{"name":"Zerlina Quastel"}}');
const codeOf = (act: () => unknown): unknown => {
  try {
    act();
    return 'opened';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe('the vault', () => {
  const vault = new Vault([KEY]);

  it('opens what it has sealed, byte for byte, and shows none of it', () => {
    for (const bytes of [Buffer.alloc(0), plain, Buffer.alloc(300_000, 7)]) {
      const sealed = vault.seal('delivery', 'whop 1', bytes);
      expect(sealed).toHaveLength(bytes.length + SEAL_BYTES);
      expect(vault.open('delivery', 'whop 1', sealed)).toEqual(bytes);
    }
    expect(vault.seal('delivery', 'a', plain).includes('Zerlina')).toBe(false);
  });

  it('seals the same to other bytes every time, also beyond a pool of nonces', () => {
    const sealed = new Set(
      Array.from({ length: 2_000 }, () => vault.seal('name', 'a', plain).toString('hex')),
    );
    expect(sealed.size).toBe(2_000);
    const nonces = new Set([...sealed].map((hex) => hex.slice(10, 34)));
    expect(nonces.size).toBe(2_000);
  });

  it('opens nothing of which a single bit was changed, or that was cut', () => {
    const sealed = vault.seal('delivery', 'a', plain);
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const code = at >= 1 && at <= 4 ? 'data_key_wrong' : 'sealed_altered';
      expect(codeOf(() => vault.open('delivery', 'a', altered))).toBe(code);
    }
    for (let length = 0; length < sealed.length; length++)
      expect(codeOf(() => vault.open('delivery', 'a', sealed.subarray(0, length)))).toBe(
        'sealed_altered',
      );
  });

  it('opens nothing that was moved to another row or is for another purpose', () => {
    const sealed = vault.seal('delivery', 'whop 1', plain);
    expect(codeOf(() => vault.open('delivery', 'whop 2', sealed))).toBe('sealed_altered');
    expect(codeOf(() => vault.open('profile', 'whop 1', sealed))).toBe('sealed_altered');
  });

  it('says so when another key has sealed it', () => {
    const sealed = new Vault([OTHER]).seal('delivery', 'a', plain);
    expect(codeOf(() => vault.open('delivery', 'a', sealed))).toBe('data_key_wrong');
  });

  it('opens with every key and seals with the first, so that a key can be rotated', () => {
    const old = vault.seal('profile', 'a', plain);
    const both = new Vault([OTHER, KEY]);
    expect(both.open('profile', 'a', old)).toEqual(plain);
    expect([both.isCurrent(old), vault.isCurrent(old)]).toEqual([false, true]);
    const anew = both.seal('profile', 'a', plain);
    expect(new Vault([OTHER]).open('profile', 'a', anew)).toEqual(plain);
  });

  it('has a key of 32 bytes or more than one', () => {
    for (const keys of [[], [Buffer.alloc(31)], [KEY, Buffer.alloc(33)]])
      expect(() => new Vault(keys)).toThrow(RangeError);
  });
});

describe('names', () => {
  const vault = new Vault([KEY]);
  const ana = { creatorId: 'biz_a', memberId: 'user_ana' };
  const shownOf = (words: object): SealedName | null =>
    sealProfile(vault, ana, words).shown as unknown as SealedName | null;

  it('are the name, else the username, else nothing', () => {
    const names = new Names(vault);
    const open = (words: object) => names.open('biz_a', 'user_ana', shownOf(words));
    expect(open({ name: 'Ana Lima', username: 'ana' })).toBe('Ana Lima');
    expect(open({ username: 'ana', email: 'ana@example.org' })).toBe('ana');
    expect(open({ email: 'ana@example.org' })).toBeUndefined();
  });

  it('are those of their row, also when they were opened before', () => {
    const names = new Names(vault);
    const shown = shownOf({ name: 'Ana Lima' });
    expect(names.open('biz_a', 'user_ana', shown)).toBe('Ana Lima');
    expect(codeOf(() => names.open('biz_a', 'user_bob', shown))).toBe('sealed_altered');
    expect(codeOf(() => names.open('biz_b', 'user_ana', shown))).toBe('sealed_altered');
  });

  it('come back whole from a profile', () => {
    const words = { name: 'Ana Lima', username: 'ana', email: 'ana@example.org' };
    const { sealed } = sealProfile(vault, ana, words);
    expect(openProfile(vault, ana, sealed)).toEqual(words);
  });
});

describe('marks', () => {
  const marks = new Marks(Buffer.alloc(32, 9));
  const finds = (asked: string, ...texts: string[]): boolean => {
    const of = new Set(marks.ofWords('biz_a', texts));
    return marks.ofSearch('biz_a', asked).every((mark) => of.has(mark));
  };

  it('find people by how the words of their names begin', () => {
    for (const asked of ['z', 'ZERL', 'zerlina', 'qua', 'quastel zer', 'zerlina.q'])
      expect([asked, finds(asked, 'Zerlina Quastel')]).toEqual([asked, true]);
    for (const asked of ['erlina', 'zerlinas', 'zerlina bob', 'x'])
      expect([asked, finds(asked, 'Zerlina Quastel')]).toEqual([asked, false]);
  });

  it('overlook case, accents, and letters beyond the twelfth', () => {
    expect(finds('jose', 'JOSÉ')).toBe(true);
    expect(finds('águas', 'Aguas')).toBe(true);
    expect(finds('ＪＯＳ', 'José')).toBe(true);
    expect(finds('abcdefghijklmnop', 'abcdefghijkl')).toBe(true);
  });

  it('of one creator say nothing about another', () => {
    const [mark] = marks.ofSearch('biz_a', 'ana');
    expect(marks.ofWords('biz_b', ['ana'])).not.toContain(mark);
    expect(new Marks(Buffer.alloc(32, 8)).ofWords('biz_a', ['ana'])).not.toContain(mark);
  });

  it('are the first 64 bits of HMAC-SHA256', () => {
    const key = Buffer.alloc(32, 3);
    for (const text of ['', 'user:biz_a.user_ana', 'é'.repeat(300)])
      expect(mark(markKey(key), text)).toBe(
        createHmac('sha256', key).update(text).digest().readBigInt64BE(0),
      );
  });

  it('are none of what has no letter', () => {
    expect(marks.ofSearch('biz_a', ' %_ ')).toEqual([]);
  });
});
