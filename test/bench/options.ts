/** The command line of the bench. */
import { parseArgs } from 'node:util';

export const BENCHES = [
  'acks',
  'lag',
  'replay',
  'top',
  'import',
  'checks',
  'close',
  'backup',
  'explain',
  'erase',
  'cluster',
] as const;
export type Bench = (typeof BENCHES)[number];

export interface Options {
  readonly only: readonly Bench[];
  /** A tenth of the data and shorter runs: to see that it works, not to quote. */
  readonly quick: boolean;
  /** Ten times the data too, where a row is to be flat: a quarter of an hour more. */
  readonly large: boolean;
}

/** Throws an Error that names what was not understood. */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
    },
  });
  const named = values.only?.split(',').map((name) => name.trim());
  const unknown = named?.find((name) => !isBench(name));
  if (unknown !== undefined)
    throw new Error(`--only takes ${BENCHES.join(', ')}; there is no bench '${unknown}'`);
  return { only: named?.filter(isBench) ?? BENCHES, quick: values.quick, large: values.large };
}

const isBench = (name: string): name is Bench => (BENCHES as readonly string[]).includes(name);
