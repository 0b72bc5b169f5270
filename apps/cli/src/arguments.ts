/** Parsers of arguments: each takes a text and answers a value, or says what it would accept. */
import { InvalidArgumentError } from 'commander';

/** `1` to `max`, in plain digits. */
export function positive(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > max)
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    return value;
  };
}

export function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be a port, 0 to 65535 (0: any free one).');
  return value;
}

export function month(text: string): string {
  if (!/^(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])$/.test(text))
    throw new InvalidArgumentError('It must be a month such as 2025-10.');
  return text;
}

/** An end of a range; the server judges the rest. */
export function monthOrDay(text: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$/.test(text))
    throw new InvalidArgumentError('It must be a month such as 2025-10, or a day, 2025-10-26.');
  return text;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with a zone, as whole unix seconds. */
export function instant(text: string): number {
  const milliseconds = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new InvalidArgumentError('It must be an instant such as 2025-10-26T14:00:00-04:00.');
  return Math.floor(milliseconds / 1000);
}

/** A position of the log or an instant; the server reads it. */
export function positionOrInstant(text: string): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text;
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError(
    'It must be a position such as 4711, or an instant such as 2026-03-01T00:00:00Z.',
  );
}

export function replayId(text: string): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the number of a replay: flywheel replay list.');
}

/** When settings apply: an instant, a local date or the beginning; the server judges it. */
export function effectiveAt(text: string): string {
  if (text === 'beginning' || /^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError(
    'It must be an instant, a date in the creator’s zone such as 2026-01-01, or "beginning".',
  );
}

export interface RatesArgument {
  readonly memberBps: number;
  readonly creatorBps: number;
  readonly platformBps: number;
}

/** `1000/7000/2000`: basis points of member, creator and platform, 10,000 together. */
export function rates(text: string): RatesArgument {
  const parts = /^(\d{1,5})\/(\d{1,5})\/(\d{1,5})$/.exec(text)?.slice(1).map(Number) ?? [];
  const [memberBps, creatorBps, platformBps] = parts;
  if (memberBps === undefined || creatorBps === undefined || platformBps === undefined)
    throw new InvalidArgumentError(
      'It must be basis points of member/creator/platform, such as 1000/7000/2000.',
    );
  if (memberBps + creatorBps + platformBps !== 10_000)
    throw new InvalidArgumentError('The three must add up to 10000 basis points.');
  return { memberBps, creatorBps, platformBps };
}

export interface TierArgument {
  readonly name: string;
  readonly from: number;
}

/** `Bronze=5,Silver=10`. */
export function tiers(text: string): TierArgument[] {
  const found = text.split(',').map((part) => {
    const [, name, from] = /^\s*([^=,]{1,40}?)\s*=\s*(\d{1,9})\s*$/.exec(part) ?? [];
    if (name === undefined || from === undefined)
      throw new InvalidArgumentError('It must be names and totals, such as Bronze=5,Silver=10.');
    return { name, from: Number(from) };
  });
  if (new Set(found.map(({ name }) => name)).size !== found.length)
    throw new InvalidArgumentError('A tier is named twice.');
  return found;
}

export function graceHours(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : -1;
  if (value < 0 || value > 744)
    throw new InvalidArgumentError('It must be a whole number from 0 to 744.');
  return value;
}

/** Major units: "49.99". */
export function amount(text: string): string {
  if (!/^\d{1,12}(\.\d{1,8})?$/.test(text))
    throw new InvalidArgumentError('It must be an amount such as 49.99.');
  return text;
}

export function idWith(prefix: string): (text: string) => string {
  return (text) => {
    if (!text.startsWith(prefix) || !/^[a-z]+_[A-Za-z0-9_]{1,59}$/.test(text))
      throw new InvalidArgumentError(`It must be an id such as ${prefix}x7Kq.`);
    return text;
  };
}

/** A zone of the IANA database; an offset is none. */
export function timeZone(text: string): string {
  try {
    if (!/^[A-Za-z]/.test(text)) throw new RangeError(text);
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('It must be a time zone such as Europe/Lisbon.');
  }
}

export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** `data.metadata.campaign=spring`, repeatable; the value is JSON where it can be read so. */
export function assignment(text: string, before: readonly Assignment[] = []): Assignment[] {
  const [, path, value] = /^([A-Za-z0-9_.]+)=(.*)$/s.exec(text) ?? [];
  const parts = path?.split('.') ?? [''];
  if (value === undefined || parts.some((part) => part === '' || part === '__proto__'))
    throw new InvalidArgumentError('It must be a path and a value, such as data.total=12.5.');
  return [...before, { path: parts, value: jsonOrText(value) }];
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function url(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('It must be an http:// or https:// address.');
  return text.replace(/\/+$/, '');
}

/** When something ends: after a time, or at an instant (ISO 8601). */
export type Expiry = { readonly afterMs: number } | { readonly at: string };

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000 };

/** `90d`, `12h`, or an instant. */
export function expiry(text: string): Expiry {
  const [, digits, unit = ''] = /^([1-9]\d{0,3})([dh])$/.exec(text) ?? [];
  if (digits !== undefined) return { afterMs: Number(digits) * (UNIT_MS[unit] ?? 0) };
  if (INSTANT.test(text) && !Number.isNaN(Date.parse(text)))
    return { at: new Date(Date.parse(text)).toISOString() };
  throw new InvalidArgumentError(
    'It must be a time such as 90d or 12h, or an instant such as 2027-01-01T00:00:00Z.',
  );
}

export function tokenId(text: string): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the number of a token: flywheel token list.');
}
