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
    const { colons, unicodeEscapes } = scan(text);
    const keys = countKeys(json, 1, unicodeEscapes);
    if (keys !== colons) throw new DomainError('body_duplicate_key', 'a key is given twice');
    return { json };
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

/** Of valid JSON text: how many colons stand outside of strings, and whether a string has `\u`. */
function scan(text: string): { colons: number; unicodeEscapes: boolean } {
  let colons = 0;
  let unicodeEscapes = false;
  const end = text.length;
  for (let at = 0; at < end; at += 1) {
    const char = text.charCodeAt(at);
    if (char === COLON) colons += 1;
    if (char !== QUOTE) continue;
    for (at += 1; at < end; at += 1) {
      const inner = text.charCodeAt(at);
      if (inner === QUOTE) break;
      if (inner !== BACKSLASH) continue;
      at += 1;
      if (text.charCodeAt(at) === LETTER_U) unicodeEscapes = true;
    }
  }
  return { colons, unicodeEscapes };
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
