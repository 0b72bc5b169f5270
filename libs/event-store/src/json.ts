/**
 * The one text of a value that an event may hold (RFC 8785: members sorted by key, no spaces), or
 * InvalidEvent. jsonb and clients of other stores alter what is outside of this: they round numbers,
 * refuse NUL, replace lone surrogates. So it is refused before anything is written.
 */
import { InvalidEvent, type Json } from './event-store.js';

/** Levels of arrays and objects inside each other; also what ends a cycle. */
export const MAX_DEPTH = 32;

/** @param path what InvalidEvent calls the value. */
export function canonicalJson(value: Json | undefined, path = 'data'): string {
  try {
    return text(value, 0);
  } catch (error) {
    if (error instanceof Refused) throw new InvalidEvent(path + error.path, error.reason);
    throw error;
  }
}

/** Collects the path while unwinding, so that values without fault pay nothing for it. */
class Refused extends Error {
  path = '';
  constructor(readonly reason: string) {
    super(reason);
  }
}

function text(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return string(value);
    case 'number':
      // String(-0) is 0, as it is in jsonb.
      if (Number.isSafeInteger(value)) return String(value);
      throw new Refused('a number must be a safe integer; larger or broken ones are strings');
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth === MAX_DEPTH) throw new Refused(`nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? array(value, depth + 1) : object(value, depth + 1);
    default:
      throw new Refused(`a value of type ${typeof value} cannot be stored`);
  }
}

const LONE_SURROGATE = /[\ud800-\udfff]/u;

function string(value: string): string {
  const quoted = JSON.stringify(value);
  // What is to be refused would have been escaped with \u.
  if (quoted.length > value.length + 2 && quoted.includes('\\u')) {
    if (value.includes('\0')) throw new Refused('a string must not contain NUL');
    if (LONE_SURROGATE.test(value)) throw new Refused('a string must be well-formed Unicode');
  }
  return quoted;
}

function array(values: readonly unknown[], depth: number): string {
  let out = '[';
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out += ',';
    try {
      out += text(values[i], depth);
    } catch (error) {
      throw within(`[${i}]`, error);
    }
  }
  return `${out}]`;
}

const KEY = /^[ -~]+$/;

function object(value: object, depth: number): string {
  if (!isPlain(value)) throw new Refused('only plain objects can be stored');
  const members = value as Record<string, unknown>;
  let out = '';
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    try {
      if (!KEY.test(key)) throw new Refused('a key must be printable ASCII');
      // Whoever copies such a member sets a prototype instead.
      if (key === '__proto__') throw new Refused('a key must not be __proto__');
      out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${text(member, depth)}`;
    } catch (error) {
      throw within(`.${key}`, error);
    }
  }
  return `{${out}}`;
}

/** Literals and what JSON.parse makes, of any realm; not instances of classes. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function within(step: string, error: unknown): unknown {
  if (error instanceof Refused) error.path = step + error.path;
  return error;
}
