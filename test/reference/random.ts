/**
 * A small seeded source of chance (mulberry32): the same seed gives the same history for ever.
 */
export interface Random {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  /** From `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffled<T>(list: readonly T[]): T[];
}

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (limit: number): number => next() % limit;
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[below(list.length)] as T;
  };
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (percent) => below(100) < percent,
    pick,
    shuffled: (list) => {
      const rest = [...list];
      const drawn: typeof rest = [];
      while (rest.length > 0) drawn.push(...rest.splice(below(rest.length), 1));
      return drawn;
    },
  };
}
