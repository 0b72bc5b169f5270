import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstInstantsAt, offsetAt, offsetSpans } from './time-zone.js';

const secondsOf = (iso: string): number => Date.parse(iso) / 1000;

describe('the offset of a zone', () => {
  it('is whole seconds, also where it was no whole minute', () => {
    expect(offsetAt('America/New_York', secondsOf('2026-07-01T00:00:00Z'))).toBe(-4 * 3600);
    expect(offsetAt('Asia/Kathmandu', secondsOf('2026-07-01T00:00:00Z'))).toBe(20_700);
    expect(offsetAt('Africa/Monrovia', secondsOf('1971-06-01T00:00:00Z'))).toBe(-2670);
    expect(offsetAt('UTC', -1)).toBe(0);
  });

  it('changes at the second that the spans name, wherever the search begins', () => {
    const changes = [
      ['America/New_York', '2026-03-08T07:00:00Z'],
      ['America/St_Johns', '2009-11-01T02:31:00Z'],
      ['Pacific/Apia', '2011-12-30T10:00:00Z'],
      ['Africa/Monrovia', '1972-01-07T00:44:30Z'],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...changes),
        fc.nat(40_000),
        fc.nat(40_000),
        (c, before, after) => {
          const [zone, change] = [c[0], secondsOf(c[1])];
          const [from, to] = [change - 1 - before, change + 1 + after];
          const [first, second, ...more] = offsetSpans(zone, from, to);
          expect(more).toEqual([]);
          expect(first).toEqual({ from, to: change, offset: offsetAt(zone, change - 1) });
          expect(second).toEqual({ from: change, to, offset: offsetAt(zone, change) });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('places a wall-clock time that is shown twice at its first showing', () => {
    const [at] = firstInstantsAt('America/New_York', [secondsOf('2026-11-01T01:30:00Z')]);
    expect(at).toBe(secondsOf('2026-11-01T05:30:00Z'));
    expect(firstInstantsAt('UTC', [])).toEqual([]);
  });
});
