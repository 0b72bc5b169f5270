/**
 * Which read models a replay rebuilds. All tables live in one schema and stand at one position, so a
 * replay of some copies the others from those that serve (copies.ts).
 *
 * A recomputed column looks at another table: whoever is rebuilt takes along what its column looks
 * at, and whoever looks at it. Otherwise a column would be worked out from rows that nobody trusts.
 */
import type { Projection } from './projection.js';

export interface Selection<E> {
  /** From the log, in order of the register. */
  readonly rebuilt: readonly Projection<E>[];
  /** From the tables that serve. */
  readonly copied: readonly Projection<E>[];
}

/** A replay was ordered of a projection that is not in the register, or of none. */
export class UnknownProjection extends Error {
  readonly code = 'projection_unknown';
  constructor(
    readonly unknown: readonly string[],
    readonly known: readonly string[],
  ) {
    const what =
      unknown.length === 0
        ? 'a replay of no projection rebuilds nothing'
        : `there is no projection ${unknown.join(', ')}`;
    super(`${what}: the read models are ${known.join(', ')}`);
  }
}

/** `names` undefined: all. Throws UnknownProjection. */
export function selectProjections<E>(
  register: readonly Projection<E>[],
  names?: readonly string[],
): Selection<E> {
  if (names === undefined) return { rebuilt: register, copied: [] };
  const known = register.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0 || names.length === 0) throw new UnknownProjection(unknown, known);
  const chosen = new Set(names);
  for (let size = 0; size < chosen.size; ) {
    size = chosen.size;
    for (const projection of register) {
      const others = lookedAt(projection);
      if (chosen.has(projection.name)) for (const name of others) chosen.add(name);
      else if (others.some((name) => chosen.has(name))) chosen.add(projection.name);
    }
  }
  return {
    rebuilt: register.filter(({ name }) => chosen.has(name)),
    copied: register.filter(({ name }) => !chosen.has(name)),
  };
}

/** Tables that the recomputed column of a projection reads. */
function lookedAt<E>(projection: Projection<E>): string[] {
  const text = projection.kind === 'sums' ? (projection.recomputed?.sql ?? '') : '';
  return [...text.matchAll(/\{schema\}\.([a-z][a-z0-9_]*)/g)].map((match) => match[1] as string);
}
