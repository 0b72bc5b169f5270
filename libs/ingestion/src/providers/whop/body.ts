/**
 * Reads the bytes of a delivery, strictly: what two readers could read differently is refused.
 *
 * JSON.parse alone takes the last of two equal keys (others take the first), makes own properties
 * named `__proto__`, turns `\ud800` into text that PostgreSQL refuses, and nests 100,000 deep where
 * JSON.stringify fails at 5,000. Hence two cheap passes beside it. The text is scanned once, which
 * is short because its grammar is known to be right by then: every colon outside of a string
 * belongs to one key. The parsed value is walked once and its keys counted: fewer keys than colons
 * means that one was repeated, however it was escaped. Text is only inspected where the body
 * contains a `\u` escape, for raw control characters and raw surrogates were refused before.
 *
 * And JSON.parse makes the nearest double of a number: 49.990000000000000001 would be 49.99. What a
 * double does not hold is kept as the text that was sent, for whoever uses it to refuse (product.md,
 * "Facts": never a float).
 */
import { isUtf8 } from 'node:buffer';
import { DomainError } from '#libs/ledger';

/** A JSON object. */
export type Json = { readonly [key: string]: unknown };

export const MAX_NESTING = 32;

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
/** NUL, or half of a surrogate pair. */
const BAD_TEXT = /[\0\p{Surrogate}]/u;

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const LETTER_U = 117;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const DIGITS = { first: 48, last: 57 } as const;
const LETTERS_E = new Set([69, 101]);
/** A double holds every decimal of so many digits (IEEE 754, binary64). */
const EXACT_DIGITS = 15;

/** The body as JSON, or undefined with what is wrong; `json` then holds what could be parsed. */
export interface ReadBody {
  readonly json: Json | undefined;
  readonly problem?: DomainError;
}

/** Never throws. */
export function readBody(body: Buffer): ReadBody {
  if (!isUtf8(body)) return refused('body_not_utf8', 'the body is not UTF-8');
  const text = body.toString('utf8');
  const parsed = parse(text);
  if (parsed === undefined) return refused('body_not_json', 'the body is not JSON');
  const json = objectOf(parsed.value);
  if (json === undefined) return refused('body_not_object', 'the body is not a JSON object');
  try {
    const { colons, unicodeEscapes, longNumbers } = scan(text);
    const keys = countKeys(json, 1, unicodeEscapes);
    if (keys !== colons) throw new DomainError('body_duplicate_key', 'a key is given twice');
    return { json: longNumbers ? (JSON.parse(withExactNumbers(text)) as Json) : json };
  } catch (problem) {
    if (problem instanceof DomainError) return { json, problem };
    throw problem;
  }
}

export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

function refused(code: string, detail: string): ReadBody {
  return { json: undefined, problem: new DomainError(code, detail) };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

interface Scanned {
  /** That stand outside of strings. */
  readonly colons: number;
  /** A string has `\u`. */
  readonly unicodeEscapes: boolean;
  /** There is a number that a double may not hold. */
  readonly longNumbers: boolean;
}

/** Of valid JSON text. */
function scan(text: string): Scanned {
  let colons = 0;
  let unicodeEscapes = false;
  let longNumbers = false;
  const end = text.length;
  for (let at = 0; at < end; at += 1) {
    const char = text.charCodeAt(at);
    if (char === COLON) colons += 1;
    else if (char >= DIGITS.first && char <= DIGITS.last) {
      const from = at;
      for (; at + 1 < end && isOfNumber(text.charCodeAt(at + 1)); at += 1)
        longNumbers ||= LETTERS_E.has(text.charCodeAt(at + 1));
      longNumbers ||= at - from >= EXACT_DIGITS;
    }
    if (char !== QUOTE) continue;
    for (at += 1; at < end; at += 1) {
      const inner = text.charCodeAt(at);
      if (inner === QUOTE) break;
      if (inner !== BACKSLASH) continue;
      at += 1;
      if (text.charCodeAt(at) === LETTER_U) unicodeEscapes = true;
    }
  }
  return { colons, unicodeEscapes, longNumbers };
}

const isOfNumber = (char: number): boolean =>
  (char >= DIGITS.first && char <= DIGITS.last) ||
  char === DOT ||
  LETTERS_E.has(char) ||
  char === MINUS ||
  char === PLUS;

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Of valid JSON text: numbers that a double does not hold become strings of what was sent. */
const withExactNumbers = (text: string): string =>
  text.replace(STRING_OR_NUMBER, (found) =>
    found.startsWith('"') || sameDecimal(found, String(Number(found))) ? found : `"${found}"`,
  );

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function sameDecimal(one: string, other: string): boolean {
  const told = canonical(one);
  return told !== undefined && told === canonical(other);
}

/** Sign, significant digits and the power of ten of the last of them; undefined: it is no number. */
function canonical(text: string): string | undefined {
  const parts = NUMBER.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = parts;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  const last = BigInt(power) - BigInt(fraction.length) + BigInt(all.length - digits.length);
  return `${sign}${digits}e${last}`;
}

/** Keys of the value and all below it. Throws DomainError at what must not be there. */
function countKeys(value: object, depth: number, inspectText: boolean): number {
  if (depth > MAX_NESTING)
    throw new DomainError('body_too_deep', `the body nests deeper than ${MAX_NESTING}`);
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) keys += below(item, depth, inspectText);
    return keys;
  }
  for (const key in value) {
    if (FORBIDDEN_KEYS.has(key)) throw new DomainError('body_forbidden_key', `the key ${key}`);
    if (inspectText) inspect(key);
    keys += 1 + below((value as Json)[key], depth, inspectText);
  }
  return keys;
}

function below(item: unknown, depth: number, inspectText: boolean): number {
  if (typeof item === 'object' && item !== null) return countKeys(item, depth + 1, inspectText);
  if (inspectText && typeof item === 'string') inspect(item);
  return 0;
}

function inspect(text: string): void {
  if (BAD_TEXT.test(text))
    throw new DomainError('body_bad_text', 'a string holds NUL or half of a surrogate pair');
}
