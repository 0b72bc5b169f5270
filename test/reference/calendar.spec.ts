import { describe, expect, it } from '@jest/globals';
import { calendarOf } from './calendar.js';
import { at } from './told.js';

describe('local days', () => {
  it('end at local midnight, whatever the offset', () => {
    const kathmandu = calendarOf('Asia/Kathmandu');
    expect(kathmandu.monthOf(at('2025-01-31T18:14:59Z'))).toBe('2025-01');
    expect(kathmandu.monthOf(at('2025-01-31T18:15:00Z'))).toBe('2025-02');
  });

  it('can be missing: Apia went from December 29 to December 31, 2011', () => {
    const apia = calendarOf('Pacific/Apia');
    expect(apia.dayOf(at('2011-12-30T09:59:59Z'))).toBe('2011-12-29');
    expect(apia.dayOf(at('2011-12-30T10:00:00Z'))).toBe('2011-12-31');
  });

  it('can begin at one o’clock: Havana has no midnight on March 9, 2025', () => {
    const havana = calendarOf('America/Havana');
    expect(havana.clockAt(at('2025-03-09T04:59:59Z'))).toBe('2025-03-08 23:59:59');
    expect(havana.clockAt(at('2025-03-09T05:00:00Z'))).toBe('2025-03-09 01:00:00');
    expect(havana.dayOf(at('2025-03-09T05:00:00Z'))).toBe('2025-03-09');
  });

  it('can have a midnight twice: November 2020 in Havana begins at the first', () => {
    const havana = calendarOf('America/Havana');
    expect(havana.monthOf(at('2020-11-01T03:59:59Z'))).toBe('2020-10');
    expect(havana.monthOf(at('2020-11-01T04:00:00Z'))).toBe('2020-11');
    expect(havana.clockAt(at('2020-11-01T05:00:00Z'))).toBe('2020-11-01 00:00:00');
  });

  it('do not come back when clocks are set back across midnight: St. John’s, November 1, 2009', () => {
    const newfoundland = calendarOf('America/St_Johns');
    expect(newfoundland.monthOf(at('2009-11-01T02:29:59Z'))).toBe('2009-10');
    expect(newfoundland.monthOf(at('2009-11-01T02:30:00Z'))).toBe('2009-11');
    expect(newfoundland.clockAt(at('2009-11-01T02:31:00Z'))).toBe('2009-10-31 23:01:00');
    expect(newfoundland.monthOf(at('2009-11-01T02:31:00Z'))).toBe('2009-11');
    expect(newfoundland.dayOf(at('2009-11-01T03:29:59Z'))).toBe('2009-11-01');
  });

  it('are as usual in a night in which clocks are set back later', () => {
    const newYork = calendarOf('America/New_York');
    expect(newYork.dayOf(at('2025-11-02T03:59:59Z'))).toBe('2025-11-01');
    expect(newYork.dayOf(at('2025-11-02T06:30:00Z'))).toBe('2025-11-02');
  });
});
