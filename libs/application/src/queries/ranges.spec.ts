/** A month that runs is compared with as many days of the month before, on the creator's calendar. */
import { describe, expect, it } from '@jest/globals';
import { calendarOf } from '#libs/ledger';
import { sameDays } from './ranges.js';

const at = (iso: string): number => Date.parse(iso) / 1000;
const newYork = calendarOf([{ fromMonth: null, timeZone: 'America/New_York' }]);

describe('the same days of the month before', () => {
  it('are those up to and with today', () => {
    expect(sameDays(newYork, at('2025-10-26T18:00:00Z'))).toEqual({
      soFar: { month: '2025-10', from: '2025-10-01', to: '2025-10-26' },
      before: { month: '2025-09', from: '2025-09-01', to: '2025-09-26' },
    });
  });

  it('are days of the creator: in New York it is still the last of October', () => {
    expect(sameDays(newYork, at('2025-11-01T03:59:59Z'))).toEqual({
      soFar: { month: '2025-10', from: '2025-10-01', to: '2025-10-31' },
      before: { month: '2025-09', from: '2025-09-01', to: '2025-09-30' },
    });
    expect(sameDays(newYork, at('2025-11-01T04:00:00Z'))).toEqual({
      soFar: { month: '2025-11', from: '2025-11-01', to: '2025-11-01' },
      before: { month: '2025-10', from: '2025-10-01', to: '2025-10-01' },
    });
  });

  it.each([
    ['2026-03-28T12:00:00Z', '2026-02-28'],
    ['2026-03-29T12:00:00Z', '2026-02-28'],
    ['2026-03-31T12:00:00Z', '2026-02-28'],
    ['2028-03-30T12:00:00Z', '2028-02-29'],
    ['2026-01-31T12:00:00Z', '2025-12-31'],
  ])('are all of a month that is shorter: at %s up to %s', (now, through) => {
    expect(sameDays(newYork, at(now)).before.to).toBe(through);
  });

  it('go by the zone that each month has', () => {
    const moved = calendarOf([
      { fromMonth: null, timeZone: 'Asia/Tokyo' },
      { fromMonth: '2026-04', timeZone: 'America/New_York' },
    ]);
    // April begins at midnight in New York: until then March runs, by the clock of Tokyo.
    expect(sameDays(moved, at('2026-04-01T03:00:00Z')).soFar.month).toBe('2026-03');
    expect(sameDays(moved, at('2026-04-02T03:59:59Z'))).toMatchObject({
      soFar: { to: '2026-04-01' },
      before: { from: '2026-03-01', to: '2026-03-01' },
    });
  });
});
