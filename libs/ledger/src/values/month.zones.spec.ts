import { describe, expect, it } from '@jest/globals';
import { calendarOf, monthsBetween, nextMonth } from './month.js';

/**
 * Every zone and month from 1990 to 2037, against labels that Intl gives on its own: what is under
 * test reads whole wall clocks, this reads only the parts it compares.
 */
const HOUR = 3600;
const DAY = 24 * HOUR;
const QUARTER = 900;
const MIDNIGHT = '00:00:00';
const zones = Intl.supportedValuesOf('timeZone');
const months = monthsBetween('1990-01', '2037-12');

type Label = (at: number) => string;

function labelsOf(zone: string): { month: Label; clock: Label } {
  const byMonth = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
  });
  const byClock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return {
    month: (at) => {
      const [month, , year] = byMonth.formatToParts(at * 1000);
      return `${year?.value}-${month?.value}`;
    },
    clock: (at) => byClock.format(at * 1000),
  };
}

interface Findings {
  boundaries: number;
  readonly wrong: string[];
  /** Months that do not begin at midnight: zone, month, what the clock shows. */
  readonly late: string[];
  /** Months whose clock goes back into the month before after they have begun. */
  readonly relapsing: string[];
}

function scan(zone: string, found: Findings): void {
  const calendar = calendarOf([{ fromMonth: null, timeZone: zone }]);
  const label = labelsOf(zone);
  for (const month of months) {
    const start = calendar.startOfMonth(month);
    const note = `${zone} ${month}`;
    found.boundaries += 1;
    if (label.month(start) !== month || label.month(start - 1) >= month) found.wrong.push(note);
    for (const away of [0, 1, HOUR, 2 * HOUR, 3 * HOUR]) {
      const after = start + away;
      const before = start - 1 - away;
      if (calendar.monthOf(after) !== month) found.wrong.push(`${note} +${away}`);
      if (nextMonth(calendar.monthOf(before)) !== month) found.wrong.push(`${note} -${away}`);
    }
    const clock = label.clock(start);
    if (clock !== MIDNIGHT) found.late.push(`${note} ${clock}`);
    // A steady clock cannot show a month twice; around a change, every quarter is looked at.
    const steady = [start - DAY, start, start + DAY].every((at) => label.clock(at) === MIDNIGHT);
    if (steady) continue;
    for (let away = 1; away <= 36 * HOUR; away += away === 1 ? QUARTER - 1 : QUARTER) {
      if (label.month(start - away) >= month) found.wrong.push(`${note} shown at -${away}`);
    }
    for (let away = 30; away < 36 * HOUR; away += QUARTER) {
      if (label.month(start + away) < month) {
        found.relapsing.push(note);
        break;
      }
    }
  }
}

describe('the months of every zone', () => {
  const found: Findings = { boundaries: 0, wrong: [], late: [], relapsing: [] };
  for (const zone of zones) scan(zone, found);

  it('begin at the first instant that the zone labels with them, and partition time', () => {
    expect(zones.length).toBeGreaterThanOrEqual(418);
    expect(found.boundaries).toBe(zones.length * 576);
    expect(found.wrong).toEqual([]);
  });

  it('begin at another time than midnight 56 times', () => {
    expect(found.late).toHaveLength(56);
    expect(found.late).toEqual(
      expect.arrayContaining([
        'America/Havana 2012-04 01:00:00',
        'America/Asuncion 2017-10 01:00:00',
        'America/Asuncion 2023-10 01:00:00',
        'Asia/Amman 2016-04 01:00:00',
        'Africa/Cairo 2014-08 01:00:00',
        'Antarctica/Vostok 1994-11 07:00:00',
      ]),
    );
  });

  it('stay begun where the clock falls back into the month before', () => {
    expect(found.relapsing).toEqual(['America/Goose_Bay 2009-11', 'America/St_Johns 2009-11']);
  });
});

/**
 * All days of all zones take minutes. FLYWHEEL_ALL_DAYS=1 looks at every one; otherwise each zone has
 * months of its own, and zones change in fewer of them.
 */
const all = process.env.FLYWHEEL_ALL_DAYS === '1';
const EVERY_MONTH = all ? 1 : 96;
/** Months that begin oddly somewhere. */
const CHANGES = all ? months.slice(1) : ['2009-11', '2026-11'];

describe('the days of every zone', () => {
  it('partition every month: each begins where the one before ends, and holds its own ends', () => {
    const wrong: string[] = [];
    let looked = 0;
    for (const [z, zone] of zones.entries()) {
      const calendar = calendarOf([{ fromMonth: null, timeZone: zone }]);
      for (const [m, month] of months.entries()) {
        if ((m + z) % EVERY_MONTH !== 0) continue;
        looked += 1;
        let end = calendar.startOfMonth(month);
        for (const day of calendar.daysOfMonth(month)) {
          const start = calendar.startOfDay(day);
          if (start !== end) wrong.push(`${zone} ${day}`);
          end = calendar.endOfDay(day);
          // A day that its zone skipped holds nothing.
          if (start === end) continue;
          if (calendar.dayOf(start) !== day || calendar.dayOf(end - 1) !== day)
            wrong.push(`${zone} ${day} does not hold its ends`);
        }
        if (end !== calendar.endOfMonth(month)) wrong.push(`${zone} ${month} ends elsewhere`);
      }
    }
    expect(wrong).toEqual([]);
    expect(looked).toBe((zones.length * months.length) / EVERY_MONTH);
  });
});

describe('a change from any zone to any other', () => {
  it('leaves no gap and no overlap between the two months and their days', () => {
    const wrong: string[] = [];
    let n = 0;
    for (const before of zones) {
      for (const after of zones) {
        // Another month for each pair: all of them come up.
        const month = CHANGES[n++ % CHANGES.length] ?? '';
        const calendar = calendarOf([
          { fromMonth: null, timeZone: before },
          { fromMonth: month, timeZone: after },
        ]);
        const start = calendar.startOfMonth(month);
        const last = calendar.monthOf(start - 1);
        const holds =
          calendar.monthOf(start) === month &&
          nextMonth(last) === month &&
          calendar.endOfMonth(last) === start &&
          calendar.dayOf(start).startsWith(month) &&
          calendar.dayOf(start - 1).startsWith(last) &&
          calendar.startOfDay(calendar.dayOf(start)) === start &&
          calendar.endOfDay(calendar.dayOf(start - 1)) === start;
        if (!holds) wrong.push(`${before} to ${after} in ${month}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(n).toBe(zones.length ** 2);
  });
});
