import { describe, expect, it } from '@jest/globals';
import { selectProjections, UnknownProjection } from './selection.js';
import { register } from './shop.fixture.js';

describe('the projections of a replay', () => {
  const chosen = (...names: string[]) => {
    const { rebuilt, copied } = selectProjections(register, names);
    const both = [...rebuilt, ...copied];
    expect(both).toHaveLength(register.length);
    expect(new Set(both)).toEqual(new Set(register));
    return rebuilt.map(({ name }) => name);
  };

  it('are all, unless some are named', () => {
    expect(selectProjections(register)).toEqual({ rebuilt: register, copied: [] });
    expect(chosen('shops', 'greetings', 'shops')).toEqual(['shops', 'greetings']);
  });

  it('are joined by those that a recomputed column binds them to', () => {
    expect(chosen('guests')).toEqual(['visits', 'guests']);
    expect(chosen('visits')).toEqual(['visits', 'guests']);
  });

  it('must be in the register', () => {
    expect(() => chosen('guests', 'gusts')).toThrow(UnknownProjection);
    expect(() => chosen('guests', 'gusts')).toThrow(
      'no projection gusts: the read models are entries, visits, guests, shops, greetings',
    );
    expect(() => chosen()).toThrow('rebuilds nothing');
  });
});
