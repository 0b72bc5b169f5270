import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytewise } from './compare.js';
import {
  codeStream,
  creatorStream,
  isCreatorId,
  isMembershipId,
  isPaymentId,
  isUserId,
  memberStream,
  partsOfMemberStream,
} from './ids.js';

describe('an id', () => {
  it('is its prefix and up to 64 letters, digits and underscores', () => {
    expect(isCreatorId('biz_aB9_x')).toBe(true);
    expect(isUserId(`user_${'a'.repeat(64)}`)).toBe(true);
    expect(isMembershipId('mem_1')).toBe(true);
    expect(isPaymentId('pay_1')).toBe(true);
    const others = ['', 'user_', 'User_a', 'biz_a', 'user_a.b', 'user_a\n', ' user_a', 'user_é'];
    expect([...others, 'mber_a', `user_${'a'.repeat(65)}`].filter(isUserId)).toEqual([]);
    expect(['mber_a', 'mem_'].filter(isMembershipId)).toEqual([]);
  });

  it('is ordered by its bytes, capitals first', () => {
    const ids = ['user_b', 'user_B', 'user_a', 'user_10', 'user_9', 'user__'];
    expect([...ids].sort(bytewise)).toEqual([
      'user_10',
      'user_9',
      'user_B',
      'user__',
      'user_a',
      'user_b',
    ]);
    expect(bytewise('a', 'a')).toBe(0);
  });

  it('is ordered as a buffer of its bytes would be', () => {
    const ascii = fc.string({ unit: 'binary-ascii' });
    fc.assert(
      fc.property(ascii, ascii, (a, b) => {
        expect(bytewise(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

describe('a stream', () => {
  it('is named after what it is about', () => {
    expect(memberStream('biz_a', 'user_b')).toBe('member-biz_a.user_b');
    expect(creatorStream('biz_a')).toBe('creator-biz_a');
    expect(codeStream('ABCD-2345')).toBe('code-ABCD-2345');
  });

  it('of a member tells its creator and person back', () => {
    const ids = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(
        ids.filter((id) => !id.includes('.')),
        ids,
        (creatorId, userId) => {
          expect(partsOfMemberStream(memberStream(creatorId, userId))).toEqual({
            creatorId,
            userId,
          });
        },
      ),
    );
    expect(partsOfMemberStream('member-biz_a.user.b')).toEqual({
      creatorId: 'biz_a',
      userId: 'user.b',
    });
  });

  it('of another category is no member’s', () => {
    const others = ['creator-biz_a', 'member-', 'member-biz_a', 'member-.user_b', 'member-biz_a.'];
    expect(others.filter((stream) => partsOfMemberStream(stream) !== null)).toEqual([]);
  });

  it('is never named after a creator that would read as two', () => {
    const malformed = expect.objectContaining({ code: 'id_malformed' });
    expect(() => memberStream('biz.a', 'user_b')).toThrow(malformed);
    expect(() => memberStream('', 'user_b')).toThrow(malformed);
    expect(() => memberStream('biz_a', '')).toThrow(malformed);
    expect(() => creatorStream('biz.a')).toThrow(malformed);
    expect(() => codeStream('')).toThrow(malformed);
  });
});
