import { describe, expect, it } from '@jest/globals';
import { monthClosed, monthRestated } from '#libs/testing';
import { Coverage } from './coverage.js';
import type { MonthsEvent } from './events.js';

const closed = (month: string, position: string): MonthsEvent => {
  const event = monthClosed({ month });
  return { ...event, data: { ...event.data, position } };
};
const restated = (month: string, version: number, position: string): MonthsEvent => ({
  ...monthRestated(),
  data: { ...monthRestated().data, month, version, position },
});

describe('what seals cover', () => {
  const coverage = new Coverage([
    closed('2026-02', '100'),
    closed('2026-03', '200'),
    restated('2026-02', 2, '250'),
    closed('2026-04', '300'),
    restated('2026-03', 2, '350'),
  ]);

  it('is of a month all that was known, and of a restated one what had come since it was stated last', () => {
    expect(coverage.versionOf('2026-02', 1)?.own).toEqual([{ after: 0n, through: 100n }]);
    // What came from 100 to 200 is carried by March: version 2 does not say it again.
    expect(coverage.versionOf('2026-02')?.own).toEqual([
      { after: 0n, through: 100n },
      { after: 200n, through: 250n },
    ]);
    expect(coverage.versionOf('2026-02')?.version).toBe(2);
    expect(coverage.versionOf('2026-02', 3)).toBeUndefined();
    expect(coverage.versionOf('2026-05')).toBeUndefined();
  });

  it('carries of earlier months what had come since, also of those before the first close', () => {
    const march = coverage.versionOf('2026-03', 1);
    expect(march?.carriedOf('2026-02')).toEqual([{ after: 100n, through: 200n }]);
    expect(march?.carriedOf('2025-11')).toEqual([{ after: 100n, through: 200n }]);
    expect(march?.carriedOf('2026-03')).toEqual([]);
    const april = coverage.versionOf('2026-04');
    expect(april?.carriedOf('2026-02')).toEqual([{ after: 250n, through: 300n }]);
    expect(april?.carriedOf('2026-03')).toEqual([{ after: 200n, through: 300n }]);
  });

  it('keeps what a month carried when it is stated anew', () => {
    const again = coverage.versionOf('2026-03', 2);
    expect(again?.carriedOf('2026-02')).toEqual([{ after: 100n, through: 200n }]);
    expect(again?.own).toEqual([
      { after: 0n, through: 200n },
      { after: 300n, through: 350n },
    ]);
  });

  it('leaves pending what came after everything that is stated of the month', () => {
    expect(coverage.last).toBe('2026-04');
    expect(coverage.statedThrough('2026-02')).toBe(300n);
    expect(coverage.statedThrough('2026-03')).toBe(350n);
    expect(coverage.statedThrough('2026-04')).toBe(300n);
    expect(coverage.statedThrough('2026-05')).toBe(0n);
    expect(new Coverage([]).last).toBeUndefined();
  });
});
