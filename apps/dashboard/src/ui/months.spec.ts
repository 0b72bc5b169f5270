import { describe, expect, it } from '@jest/globals';
import {
  addMonths,
  dayIn,
  daysInMonth,
  dayText,
  isMonth,
  monthIn,
  monthsBetween,
  monthText,
} from './months.js';

describe('months on a page', () => {
  it.each([
    ['2025-10', 1, '2025-11'],
    ['2025-12', 1, '2026-01'],
    ['2025-01', -1, '2024-12'],
    ['2025-10', -11, '2024-11'],
  ])('%s and %d are %s', (month, n, other) => {
    expect(addMonths(month, n)).toBe(other);
    expect(monthsBetween(month, other)).toBe(n);
  });

  it('are as long as they are, in leap years too', () => {
    expect(['2024-02', '2025-02', '2025-10', '2025-12'].map(daysInMonth)).toEqual([29, 28, 31, 31]);
  });

  it('are named as everywhere, whatever the zone of the browser', () => {
    expect([monthText('2025-10'), dayText('2025-10-01')]).toEqual(['October 2025', 'Oct 1, 2025']);
  });

  it('are those of the creator: the last minutes of September in New York', () => {
    const paid = new Date('2025-10-01T03:58:00Z');
    const zones = ['America/New_York', 'UTC'];
    expect(zones.map((zone) => monthIn(zone, paid))).toEqual(['2025-09', '2025-10']);
    expect(dayIn('Asia/Tokyo', paid)).toBe('2025-10-01');
  });

  it.each(['1969-12', '2200-01', '2025-13', '2025-1', '', 'now', '2025-10-01'])(
    '%j is none',
    (text) => {
      expect(isMonth(text)).toBe(false);
    },
  );

  it.each(['1970-01', '1999-12', '2000-01', '2199-12'])(
    '%j is one that the ledger knows',
    (text) => {
      expect(isMonth(text)).toBe(true);
    },
  );
});
