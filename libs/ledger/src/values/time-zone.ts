/**
 * Time zones: their names and their offsets. Offsets come from one cached Intl formatter per zone,
 * asked about instants only; date-fns-tz reads a Date by its local fields, so its answers would
 * depend on the zone of the machine.
 */
import type { Instant } from './clock.js';
import { DomainError } from './domain-error.js';
import { timeZoneNames } from './time-zone-names.js';

const HOUR = 3600;

/** The names that a newer Intl lists beyond ours are known too. */
const spellings: ReadonlyMap<string, string> = new Map(
  [...Intl.supportedValuesOf('timeZone'), ...timeZoneNames].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** Whether this names an IANA zone or link, in any letter case; an offset like '+05:00' is no zone. */
export function isTimeZone(name: string): boolean {
  const spelling = spellings.get(name.toLowerCase());
  return spelling !== undefined && isKnownToIntl(spelling);
}

/** The name as the time zone database spells it; a link stays the link it is. */
export function canonicalTimeZone(name: string): string {
  const spelling = spellings.get(name.toLowerCase());
  if (spelling === undefined || !isKnownToIntl(spelling)) {
    throw new DomainError('time_zone_unknown', `'${name.slice(0, 64)}' is not a time zone`);
  }
  return spelling;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(zone, formatter);
  return formatter;
}

function isKnownToIntl(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

// One format() and one match: three times faster than formatToParts.
const WALL_CLOCK = /^(\d\d)\/(\d\d)\/(\d{4}), (\d\d):(\d\d):(\d\d)$/;

/** What the zone's clock is ahead of UTC at this instant, in whole seconds. */
export function offsetAt(zone: string, at: Instant): number {
  const shown = formatterOf(zone).format(at * 1000);
  const clock = WALL_CLOCK.exec(shown);
  if (clock === null) throw new RangeError(`no wall clock of ${zone} at ${at}: '${shown}'`);
  const [, month, day, year, hour, minute, second] = clock;
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return local / 1000 - at;
}

/** A stretch of time in which the zone's offset does not change. */
export interface OffsetSpan {
  readonly from: Instant;
  /** First instant after the span. */
  readonly to: Instant;
  readonly offset: number;
}

// Between any two changes of one zone since 1970 lie 167 hours or more, so no pair hides in a step.
const STEP = 48 * HOUR;

/** The spans that make up `[from, to)`, exact to the second. */
export function offsetSpans(zone: string, from: Instant, to: Instant): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let start = from;
  let offset = offsetAt(zone, from);
  for (let before = from; before < to; before += STEP) {
    const after = Math.min(before + STEP, to);
    const next = offsetAt(zone, after);
    if (next === offset) continue;
    const change = firstInstantOfOffset(zone, next, before, after);
    spans.push({ from: start, to: change, offset });
    start = change;
    offset = next;
  }
  if (start < to) spans.push({ from: start, to, offset });
  return spans;
}

/** Binary search for the change that lies after `before` and not after `after`. */
function firstInstantOfOffset(zone: string, offset: number, before: Instant, after: Instant) {
  let low = before;
  let high = after;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === offset) high = middle;
    else low = middle;
  }
  return high;
}

// Offsets lie between −12 and +14 hours, so a day begins this near to its midnight UTC.
const REACH = 16 * HOUR;

/**
 * The first instants at which the zone's clock shows each of these wall-clock times or a later one.
 * Times are seconds of a clock at UTC, ascending; one that the clock jumps over begins with the jump.
 */
export function firstInstantsAt(zone: string, wallClocks: readonly number[]): Instant[] {
  const first = wallClocks[0];
  const last = wallClocks.at(-1);
  if (first === undefined || last === undefined) return [];
  const spans = offsetSpans(zone, first - REACH, last + REACH);
  return wallClocks.map((wallClock) => {
    for (const { from, to, offset } of spans) {
      const at = Math.max(from, wallClock - offset);
      if (at < to) return at;
    }
    throw new RangeError(`${zone} shows no time after ${wallClock}`);
  });
}
