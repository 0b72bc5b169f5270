import { describe, expect, it } from '@jest/globals';
import type { Principal } from '#libs/access';
import { asToldTo } from './caller.js';
import { Problem } from './problem.js';

const anywhere: Principal = { role: 'member', memberId: 'user_a', by: 'jwt', actor: 'user_a' };
const missing = new Problem(404, 'creator_not_found', 'no creator biz_x is known');

describe('whoever is a member wherever they are one', () => {
  it('is not told which communities there are', () => {
    expect(asToldTo(anywhere, missing)).toMatchObject({
      status: 404,
      code: 'member_not_found',
      detail: 'no member user_a is known',
    });
  });

  it('is told everything else as it is, and so are all others', () => {
    const other = new Problem(409, 'code_taken', 'it is another’s');
    expect(asToldTo(anywhere, other)).toBe(other);
    expect(asToldTo({ ...anywhere, creatorId: 'biz_x' }, missing)).toBe(missing);
    expect(asToldTo(null, missing)).toBe(missing);
  });
});
