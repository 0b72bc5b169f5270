import { describe, expect, it } from '@jest/globals';
import { isRead, positionOf } from './positions.js';

describe('the position of what is shown', () => {
  it.each([
    [{ asOf: { position: 7 } }, 7],
    [{ pages: [{ asOf: { position: 9 } }, { asOf: { position: 8 } }] }, 8],
    [{ pages: [{ pages: [{ asOf: { position: 3 } }] }, undefined, { figures: [] }] }, 3],
    [{ pages: [] }, undefined],
    [{ asOf: null }, undefined],
    [undefined, undefined],
    ['text', undefined],
  ])('of %j is %s', (data, position) => {
    expect(positionOf(data)).toBe(position);
  });

  it('is that of figures, and of nothing else', () => {
    const keys = [['get', '/api/creators', {}], ['me'], ['ready']];
    expect(keys.map((queryKey) => isRead({ queryKey }))).toEqual([true, false, false]);
  });
});
