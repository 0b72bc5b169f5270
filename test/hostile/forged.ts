/**
 * Deliveries that were forged, or genuine ones that were changed on their way: from a seed, without
 * end. None of them may be accepted, so no change is made that leaves a signature right.
 */
import { randomOf } from '../reference/random.js';
import { CHANGED_BODIES } from './changed-bodies.js';
import { CHANGED_HEADERS } from './changed-headers.js';
import { CHANGED_SIGNATURES } from './changed-signatures.js';
import { type Changes, type Forging, genuine } from './genuine.js';

export interface Forged {
  /** What was done to it. */
  readonly how: string;
  readonly body: Buffer;
  /** Names as they are sent; a list is the header sent several times. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

const CHANGES: Changes = { ...CHANGED_BODIES, ...CHANGED_SIGNATURES, ...CHANGED_HEADERS };
const NAMES = Object.keys(CHANGES);

/** The n-th forgery of a seed. */
export function forgery(n: number, seed: number, forging: Forging): Forged {
  const random = randomOf(seed + Math.imul(n, 0x9e3779b1));
  const true_ = genuine(n, forging);
  const name = random.pick(NAMES);
  const changed = CHANGES[name]?.(true_, random, forging) ?? {};
  const headers = Object.entries({ ...true_.headers, ...changed.headers });
  return {
    how: `${name} of ${true_.isLegacy ? 'legacy' : 'standard'}`,
    body: changed.body ?? true_.body,
    headers: Object.fromEntries(
      headers.flatMap(([header, value]) => (value === undefined ? [] : [[header, value]])),
    ),
  };
}
