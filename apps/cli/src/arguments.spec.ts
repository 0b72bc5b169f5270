import { describe, expect, it } from '@jest/globals';
import * as parse from './arguments.js';

describe('arguments', () => {
  it('reads rates that add up, and no others', () => {
    expect(parse.rates('1000/7000/2000')).toEqual({
      memberBps: 1000,
      creatorBps: 7000,
      platformBps: 2000,
    });
    for (const text of ['1000/7000', '1000/7000/2001', '-1/8001/2000', '10%/70%/20%', ''])
      expect(() => parse.rates(text)).toThrow();
  });

  it('reads tiers with spaces in their names, and refuses one that is named twice', () => {
    expect(parse.tiers('Bronze=5, Top Gold = 25')).toEqual([
      { name: 'Bronze', from: 5 },
      { name: 'Top Gold', from: 25 },
    ]);
    for (const text of ['Bronze', 'Bronze=x', '=5', 'A=1,A=2', 'A=1,,B=2'])
      expect(() => parse.tiers(text)).toThrow();
  });

  it('takes an instant only with its zone', () => {
    expect(parse.instant('2025-10-26T14:00:00-04:00')).toBe(1_761_501_600);
    expect(parse.instant('2025-10-26T18:00:00.9Z')).toBe(1_761_501_600);
    for (const text of ['2025-10-26', '2025-10-26T14:00:00', '2025-13-01T00:00:00Z', '1761501600'])
      expect(() => parse.instant(text)).toThrow();
  });

  it('takes a position or an instant, and the number of a replay', () => {
    for (const text of ['1', '4711', '2026-03-01T00:00:00Z'])
      expect(parse.positionOrInstant(text)).toBe(text);
    for (const text of ['0', '-1', '2026-03-01', 'head', ''])
      expect(() => parse.positionOrInstant(text)).toThrow();
    expect(parse.replayId('7')).toBe('7');
    for (const text of ['0', '07', 'x', '']) expect(() => parse.replayId(text)).toThrow();
  });

  it('takes months that exist', () => {
    expect(parse.month('2025-10')).toBe('2025-10');
    for (const text of ['2025-13', '2025-1', '25-10', '2025-10-01', 'october'])
      expect(() => parse.month(text)).toThrow();
  });

  it('takes plain digits within bounds', () => {
    expect(parse.positive(500)('500')).toBe(500);
    for (const text of ['0', '501', '-1', '1e2', ' 7', '7.0', ''])
      expect(() => parse.positive(500)(text)).toThrow();
    expect(parse.port('0')).toBe(0);
    for (const text of ['65536', '-1', '80a']) expect(() => parse.port(text)).toThrow();
  });

  it('takes names of time zones, not offsets', () => {
    expect(parse.timeZone('Europe/Lisbon')).toBe('Europe/Lisbon');
    for (const text of ['+02:00', 'Mars/Olympus', '']) expect(() => parse.timeZone(text)).toThrow();
  });

  it('reads values to set as JSON where they are, and collects them', () => {
    const first = parse.assignment('data.total=12.5');
    expect(parse.assignment('data.metadata.source=ad campaign', first)).toEqual([
      { path: ['data', 'total'], value: 12.5 },
      { path: ['data', 'metadata', 'source'], value: 'ad campaign' },
    ]);
    for (const text of ['data.total', '=1', 'data..x=1', '__proto__.x=1'])
      expect(() => parse.assignment(text)).toThrow();
  });

  it('takes ids of one kind', () => {
    expect(parse.idWith('biz_')('biz_demo')).toBe('biz_demo');
    for (const text of ['user_x', 'biz_', 'biz_a/../b', 'biz_a b'])
      expect(() => parse.idWith('biz_')(text)).toThrow();
  });

  it('reads when something ends: after days or hours, or at an instant', () => {
    expect(parse.expiry('90d')).toEqual({ afterMs: 7_776_000_000 });
    expect(parse.expiry('12h')).toEqual({ afterMs: 43_200_000 });
    expect(parse.expiry('2027-01-01T00:00:00+01:00')).toEqual({ at: '2026-12-31T23:00:00.000Z' });
    for (const text of ['', '0d', '90', '1w', '-1d', '99999d', '2027-13-01T00:00:00Z', 'never'])
      expect(() => parse.expiry(text)).toThrow();
  });
});
