/**
 * Chance that is not chance: the same seed and label give the same draws on every machine, so that
 * the demo is the same events for ever. Nothing here is fit for secrets.
 */

const { imul } = Math;

/** A source of draws; numbers here are choices (indexes, days), never money. */
export interface Draw {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in `percent` of 100 draws. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffled<T>(from: readonly T[]): T[];
}

/**
 * A stream of draws of its own for each seed, label and number: what one part draws never moves
 * another.
 */
export function drawOf(seed: number, label: string, number = 0): Draw {
  let state = scrambled(scrambled(hashOf(label) ^ scrambled(seed)) + number);
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[below(from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  };
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (percent) => below(100) < percent,
    pick,
    shuffled: (from) => {
      const rest = [...from];
      return from.flatMap(() => rest.splice(below(rest.length), 1));
    },
  };
}

/**
 * `pay_3kq0…`: an opaque id like the provider's. Distinct numbers (below 2^32) give distinct ids,
 * because the first seven letters are a bijection of the number. Ids do not depend on the seed.
 */
export function idOf(prefix: string, number: number): string {
  const head = scrambled(number ^ hashOf(prefix));
  const tail = scrambled(head ^ 0x5bd1e995);
  const letters = (value: number): string => value.toString(36).padStart(7, '0');
  return `${prefix}_${letters(head)}${letters(tail)}`;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/** The finalizer of murmur3: a bijection of 32 bits. */
function scrambled(value: number): number {
  let mixed = value | 0;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
