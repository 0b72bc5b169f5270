import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addMonths,
  type Calendar,
  calendarOf,
  canonicalTimeZone,
  compareMonths,
  daysBetween,
  firstInstantOfDay,
  firstInstantOfMonth,
  isDay,
  isMonth,
  isTimeZone,
  monthOfDay,
  monthsBetween,
  nextMonth,
  previousMonth,
  startsAhead,
} from './month.js';

const secondsOf = (iso: string): number => Date.parse(iso) / 1000;
const always = (timeZone: string): Calendar => calendarOf([{ fromMonth: null, timeZone }]);
const zones = Intl.supportedValuesOf('timeZone');

const anyZone = fc.constantFrom('UTC', ...zones);
const anyMonth = fc.constantFrom(...monthsBetween('1970-02', '2199-11'));
const farZones = fc.constantFrom(
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Pacific/Apia',
  'Pacific/Kwajalein',
  'America/St_Johns',
  'Etc/GMT+12',
);

describe('a month', () => {
  it.each([
    ['America/Havana', '2026-11', '2026-11-01T04:00:00Z'],
    ['America/Havana', '2012-04', '2012-04-01T05:00:00Z'],
    ['America/Asuncion', '2017-10', '2017-10-01T04:00:00Z'],
    ['Asia/Amman', '2016-04', '2016-03-31T22:00:00Z'],
    ['Africa/Cairo', '2014-08', '2014-07-31T22:00:00Z'],
    ['Antarctica/Vostok', '1994-11', '1994-11-01T00:00:00Z'],
    ['Pacific/Apia', '2011-12', '2011-12-01T10:00:00Z'],
    ['Pacific/Apia', '2012-01', '2011-12-31T10:00:00Z'],
    ['America/St_Johns', '2009-11', '2009-11-01T02:30:00Z'],
    ['Africa/Monrovia', '1971-06', '1971-06-01T00:44:30Z'],
    ['Asia/Kathmandu', '2026-01', '2025-12-31T18:15:00Z'],
    ['UTC', '2026-03', '2026-03-01T00:00:00Z'],
    ['america/new_york', '2026-10', '2026-10-01T04:00:00Z'],
  ])('begins in %s %s at %s', (zone, month, iso) => {
    expect(firstInstantOfMonth(zone, month)).toBe(secondsOf(iso));
    expect(always(zone).startOfMonth(month)).toBe(secondsOf(iso));
    expect(always(zone).endOfMonth(previousMonth(month))).toBe(secondsOf(iso));
  });

  it('is that of the local time: September 30 23:58 in New York is September', () => {
    const at = secondsOf('2026-10-01T03:58:00Z');
    expect(always('America/New_York').monthOf(at)).toBe('2026-09');
    expect(always('America/New_York').dayOf(at)).toBe('2026-09-30');
    expect(always('UTC').monthOf(at)).toBe('2026-10');
  });

  it('holds the hour that Havana repeats on its first day', () => {
    const havana = always('America/Havana');
    expect(havana.monthOf(secondsOf('2026-11-01T03:59:59Z'))).toBe('2026-10');
    expect(havana.monthOf(secondsOf('2026-11-01T04:30:00Z'))).toBe('2026-11');
  });

  it('stays begun though the clock of St. John’s falls back into the one before', () => {
    const calendar = always('America/St_Johns');
    // 23:30 on October 31 by the clock, after a minute of November.
    expect(calendar.dayOf(secondsOf('2009-11-01T03:00:00Z'))).toBe('2009-11-01');
  });

  it('is text that runs from 1970 to 2199', () => {
    expect(['1970-01', '2026-09', '2199-12'].every(isMonth)).toBe(true);
    const others = ['1969-12', '2200-01', '2026-13', '2026-00', '2026-9', '2026-09-01', ' 2026-09'];
    expect(others.filter(isMonth)).toEqual([]);
    expect(() => always('UTC').startOfMonth('2200-01')).toThrow(RangeError);
    expect(() => nextMonth('2199-12')).toThrow(RangeError);
    expect(() => previousMonth('1970-01')).toThrow(RangeError);
  });

  it('has neighbours, distances and an order', () => {
    expect(nextMonth('2025-12')).toBe('2026-01');
    expect(previousMonth('2026-01')).toBe('2025-12');
    expect(addMonths('2026-03', -5)).toBe('2025-10');
    expect(monthsBetween('2025-11', '2026-02')).toEqual([
      '2025-11',
      '2025-12',
      '2026-01',
      '2026-02',
    ]);
    expect(monthsBetween('2026-02', '2025-11')).toEqual([]);
    expect(compareMonths('2025-12', '2026-01')).toBe(-1);
    expect(compareMonths('2026-01', '2026-01')).toBe(0);
  });
});

describe('a day', () => {
  it('is empty where the zone skipped it', () => {
    const apia = always('Pacific/Apia');
    expect(apia.daysOfMonth('2011-12')).toHaveLength(31);
    const skipped = secondsOf('2011-12-30T10:00:00Z');
    expect(firstInstantOfDay('Pacific/Apia', 2011, 12, 30)).toBe(skipped);
    expect([apia.startOfDay('2011-12-30'), apia.endOfDay('2011-12-30')]).toEqual([
      skipped,
      skipped,
    ]);
    expect(apia.dayOf(skipped - 1)).toBe('2011-12-29');
    expect(apia.dayOf(skipped)).toBe('2011-12-31');
  });

  it('is empty at the end of a month too, and is never answered', () => {
    const kiritimati = always('Pacific/Kiritimati');
    const newYear = kiritimati.startOfMonth('1995-01');
    expect(kiritimati.startOfDay('1994-12-31')).toBe(newYear);
    expect(kiritimati.endOfDay('1994-12-31')).toBe(newYear);
    expect(kiritimati.dayOf(newYear - 1)).toBe('1994-12-30');
    expect(kiritimati.dayOf(newYear)).toBe('1995-01-01');
  });

  it('has 23 or 25 hours where the clock is changed', () => {
    const lisbon = always('Europe/Lisbon');
    const hours = (day: string) => (lisbon.endOfDay(day) - lisbon.startOfDay(day)) / 3600;
    expect(['2026-03-29', '2026-07-01', '2026-10-25'].map(hours)).toEqual([23, 24, 25]);
  });

  it('is text of the calendar', () => {
    expect(['2024-02-29', '1970-01-01', '2199-12-31'].every(isDay)).toBe(true);
    const others = ['2026-02-29', '2026-04-31', '2026-01-00', '2026-1-1', '2200-01-01', '2026-01'];
    expect(others.filter(isDay)).toEqual([]);
    expect(() => always('UTC').startOfDay('2026-02-29')).toThrow(RangeError);
    expect(() => firstInstantOfDay('UTC', 2026, 2, 29)).toThrow(RangeError);
    expect(monthOfDay('2026-02-28')).toBe('2026-02');
    expect(daysBetween('2026-02-27', '2026-03-02')).toEqual([
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
      '2026-03-02',
    ]);
    expect(daysBetween('2026-03-02', '2026-02-27')).toEqual([]);
  });
});

describe('a calendar', () => {
  const timelines = fc
    .tuple(
      fc.oneof(anyZone, farZones),
      fc.uniqueArray(fc.tuple(anyMonth, fc.oneof(anyZone, farZones)), {
        maxLength: 4,
        selector: ([month]) => month,
      }),
    )
    .map(([first, changes]) => [
      { fromMonth: null, timeZone: first },
      ...[...changes]
        .sort(([a], [b]) => compareMonths(a, b))
        .map(([fromMonth, timeZone]) => ({ fromMonth, timeZone })),
    ]);

  it('leaves no gap and no overlap, whatever zones follow each other', () => {
    fc.assert(
      fc.property(timelines, fc.nat(), (timeline, pick) => {
        const calendar = calendarOf(timeline);
        const change = timeline[pick % timeline.length]?.fromMonth ?? '2026-01';
        for (const month of [previousMonth(change), change]) {
          const [start, end] = [calendar.startOfMonth(month), calendar.endOfMonth(month)];
          expect(end).toBe(calendar.startOfMonth(addMonths(month, 1)));
          expect(start).toBe(firstInstantOfMonth(calendar.zoneOfMonth(month), month));
          expect(calendar.monthOf(start - 1)).toBe(addMonths(month, -1));
          expect([calendar.monthOf(start), calendar.monthOf(end - 1)]).toEqual([month, month]);
          expect(calendar.zoneAt(start)).toBe(calendar.zoneOfMonth(month));
          let until = start;
          for (const day of calendar.daysOfMonth(month)) {
            expect(calendar.startOfDay(day)).toBe(until);
            until = calendar.endOfDay(day);
            if (until === calendar.startOfDay(day)) continue;
            expect(calendar.dayOf(calendar.startOfDay(day))).toBe(day);
            expect(calendar.dayOf(until - 1)).toBe(day);
          }
          expect(until).toBe(end);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives every instant a day of its month, between the bounds of both', () => {
    const instants = fc.integer({ min: secondsOf('1970-01-02T00:00:00Z'), max: 7_258_000_000 });
    fc.assert(
      fc.property(timelines, instants, (timeline, at) => {
        const calendar = calendarOf(timeline);
        const [month, day] = [calendar.monthOf(at), calendar.dayOf(at)];
        expect(day.slice(0, 7)).toBe(month);
        expect(calendar.startOfMonth(month)).toBeLessThanOrEqual(at);
        expect(calendar.endOfMonth(month)).toBeGreaterThan(at);
        expect(calendar.startOfDay(day)).toBeLessThanOrEqual(at);
        expect(calendar.endOfDay(day)).toBeGreaterThan(at);
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts or stretches the last day of a month before a zone that begins earlier or later', () => {
    const change = (from: string, to: string) =>
      calendarOf([
        { fromMonth: null, timeZone: from },
        { fromMonth: '2026-03', timeZone: to },
      ]);
    const east = change('Pacific/Pago_Pago', 'Pacific/Kiritimati');
    expect(east.endOfDay('2026-02-28')).toBe(secondsOf('2026-02-28T10:00:00Z'));
    expect(east.startOfDay('2026-02-28')).toBe(secondsOf('2026-02-28T10:00:00Z'));
    expect(east.dayOf(secondsOf('2026-02-28T09:59:59Z'))).toBe('2026-02-27');
    const west = change('Pacific/Kiritimati', 'Pacific/Pago_Pago');
    expect(west.startOfDay('2026-02-28')).toBe(secondsOf('2026-02-27T10:00:00Z'));
    expect(west.dayOf(secondsOf('2026-03-01T10:59:59Z'))).toBe('2026-02-28');
    expect(west.dayOf(secondsOf('2026-03-01T11:00:00Z'))).toBe('2026-03-01');
  });

  it('refuses instants outside its years, fractions and milliseconds', () => {
    const calendar = always('America/New_York');
    const refused = [0, -1e9, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_767_225_600_000];
    for (const at of refused) expect(() => calendar.monthOf(at)).toThrow(RangeError);
    expect(calendar.dayOf(secondsOf('1970-01-01T05:00:00Z'))).toBe('1970-01-01');
    expect(calendar.dayOf(secondsOf('2200-01-01T04:59:59Z'))).toBe('2199-12-31');
    expect(() => calendar.dayOf(secondsOf('2200-01-01T05:00:00Z'))).toThrow(RangeError);
  });

  it('refuses zones that are out of order or unknown', () => {
    const utc = { fromMonth: null, timeZone: 'UTC' };
    const march = { fromMonth: '2026-03', timeZone: 'Asia/Tokyo' };
    for (const timeline of [[], [march], [utc, utc], [utc, march, march]]) {
      expect(() => calendarOf(timeline)).toThrow(RangeError);
    }
    expect(() => always('Mars/Olympus')).toThrow(/time_zone_unknown/);
  });

  it('is shared by equal time lines and still there after many others', () => {
    expect(always('Europe/Lisbon')).toBe(always('Europe/Lisbon'));
    const before = always('Europe/Lisbon').startOfMonth('2026-04');
    for (const fromMonth of monthsBetween('2020-01', '2070-01')) {
      calendarOf([
        { fromMonth: null, timeZone: 'UTC' },
        { fromMonth, timeZone: 'Asia/Tokyo' },
      ]);
    }
    expect(always('Europe/Lisbon').startOfMonth('2026-04')).toBe(before);
  });

  it('does not depend on the zone of the machine', () => {
    const module = new URL('./month.ts', import.meta.url).href;
    const program = `
      import { calendarOf } from ${JSON.stringify(module)};
      const calendar = calendarOf([{ fromMonth: null, timeZone: 'America/Havana' }]);
      const days = calendar.daysOfMonth('2026-11');
      process.stdout.write(JSON.stringify([
        days.map((day) => [calendar.startOfDay(day), calendar.dayOf(calendar.startOfDay(day))]),
      ]));`;
    const loader = ['--import', '@swc-node/register/esm-register', '--input-type=module'];
    const answers = ['Pacific/Apia', 'America/St_Johns'].map((TZ) =>
      execFileSync(process.execPath, [...loader, '-e', program], {
        env: { ...process.env, TZ, NODE_OPTIONS: '' },
        encoding: 'utf8',
      }),
    );
    expect(answers[0]).toContain('2026-11-01');
    expect(answers[0]).toBe(answers[1]);
  });
});

describe('a change of zone', () => {
  it('waits for a month that lies ahead in both zones', () => {
    const ahead = (iso: string) =>
      startsAhead('2026-03', 'America/New_York', 'Asia/Tokyo', secondsOf(iso));
    // March begins in Tokyo at 15:00Z on February 28, in New York at 05:00Z on March 1.
    expect(ahead('2026-02-28T14:59:59Z')).toBe(true);
    expect(ahead('2026-02-28T15:00:00Z')).toBe(false);
    expect(
      startsAhead('2026-03', 'Asia/Tokyo', 'America/New_York', secondsOf('2026-03-01T04:00:00Z')),
    ).toBe(false);
  });
});

describe('the name of a time zone', () => {
  it('is one of the database, links included', () => {
    const names = [
      'UTC',
      'US/Eastern',
      'Etc/GMT+5',
      'Asia/Kolkata',
      'Asia/Calcutta',
      'Europe/Kyiv',
    ];
    expect([...names, ...zones].filter((name) => !isTimeZone(name))).toEqual([]);
  });

  it('is no offset, no abbreviation that means several places, and no junk', () => {
    const junk = ['', ' ', '+05:00', '-0500', 'Z', 'GMT+5', 'PST', 'IST', 'AST', 'Factory'];
    const more = [
      'SystemV/PST8',
      'Etc/Unknown',
      'UTC ',
      'Europe/Lisbon\n',
      '__proto__',
      'localtime',
    ];
    expect([...junk, ...more].filter(isTimeZone)).toEqual([]);
  });

  it('is spelled as the database spells it', () => {
    expect(canonicalTimeZone('america/port-au-prince')).toBe('America/Port-au-Prince');
    expect(canonicalTimeZone('utc')).toBe('UTC');
    expect(canonicalTimeZone('ETC/GMT+5')).toBe('Etc/GMT+5');
    expect(canonicalTimeZone('asia/kolkata')).toBe('Asia/Kolkata');
    expect(() => canonicalTimeZone('+05:00')).toThrow(/time_zone_unknown/);
  });
});
