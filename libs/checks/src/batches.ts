/** How a run divides its checks between sessions: what shares work stays together. */
import type { Check, Stage } from './check.js';

/** Checks that share a stage are run in one session; those of the lines first, the others last. */
export function batchesOf(checks: readonly Check[]): (readonly Check[])[] {
  const batches = new Map<Stage | Check, Check[]>();
  for (const check of checks) {
    const by = trunkOf(check) ?? check;
    batches.set(by, [...(batches.get(by) ?? []), check]);
  }
  const rank = ([by]: readonly [Stage | Check, unknown]): number => {
    if (!('rows' in by)) return 2;
    return isRoot(by) ? 0 : by.after !== undefined ? 1 : 3;
  };
  const ranked = (n: number) => [...batches].filter((batch) => rank(batch) === n);
  const inOrder = [...ranked(0), ...longestOutside(ranked(1)), ...ranked(2), ...ranked(3)];
  // What a proof implies comes before what only uses it, so that its time is told where it belongs.
  return inOrder.map(([, batch]) => [...batch].sort((a, b) => proofsOf(a) - proofsOf(b)));
}

/** The sessions come from both ends, and what they find in the middle is short. */
function longestOutside<B extends readonly [Stage | Check, unknown]>(batches: readonly B[]): B[] {
  const secondsOf = ([by]: B): number => ('seconds' in by && by.seconds) || 0;
  const sorted = [...batches].sort((a, b) => secondsOf(b) - secondsOf(a));
  const ofPlace = (odd: number): B[] => sorted.filter((_, n) => n % 2 === odd);
  return [...ofPlace(0), ...ofPlace(1).reverse()];
}

/** What a check's last stage comes from and is worth making once only: not the lines, which all read. */
function trunkOf({ stages }: Check): Stage | undefined {
  let trunk = stages.at(-1);
  while (trunk?.after !== undefined && !isRoot(trunk.after)) trunk = trunk.after;
  return trunk;
}

/** A twin that is compared with the log itself, and no other table. */
const isRoot = ({ twin, after }: Stage): boolean => twin !== undefined && after === undefined;

const MANY = 100;
/** Of how many twins the proofs imply it; many, if none do. */
const proofsOf = ({ impliedBy }: Check): number => impliedBy?.length ?? MANY;

/** Every check of the batches that are left, taken when it is needed. */
export function* drawn(next: () => readonly Check[] | undefined): Generator<Check> {
  for (let batch = next(); batch !== undefined; batch = next()) yield* batch;
}
