/** What stands in the way of sealing a month, and what only deserves a look (product.md, "Months": Refused). */
import type { Instant } from '#libs/ledger';
import type { MonthParts, UnresolvedDelivery } from './month-parts.js';

export interface Blocker {
  readonly kind: 'check' | 'delivery';
  /** The check, or why the delivery does not count. */
  readonly code: string;
  readonly says: string;
  /** What takes it out of the way. */
  readonly next: string;
  /** Of a delivery. */
  readonly delivery: bigint | null;
}

export interface Obstacles {
  /** Deliveries beyond the first 100 are one entry. */
  readonly blockers: readonly Blocker[];
  readonly warnings: readonly string[];
}

const MAX_DELIVERIES = 100;

export async function obstaclesOf(
  { findings, deliveries }: Pick<MonthParts, 'findings' | 'deliveries'>,
  creatorId: string,
  bounds: { readonly from: Instant; readonly to: Instant },
): Promise<Obstacles> {
  const [failing, unresolved] = await Promise.all([
    findings.findingsFor(creatorId),
    deliveries.unresolvedIn({ creatorId, from: bounds.from, to: bounds.to }, MAX_DELIVERIES),
  ]);
  const { naming, namingCount, nameless } = unresolved;
  const checks = failing.map(
    ({ check, detail }): Blocker => ({
      kind: 'check',
      code: check,
      says: `the check ${check} fails: ${detail}`,
      next: 'find out why, repair it by a replay or a correction, and close again',
      delivery: null,
    }),
  );
  const more = namingCount - naming.length;
  return {
    blockers: [...checks, ...naming.map(blockerOf), ...(more > 0 ? [moreBlocker(more)] : [])],
    warnings: Object.entries(nameless).flatMap(([status, count]) =>
      count === 0 ? [] : [namelessWarning(status, count)],
    ),
  };
}

function blockerOf({ id, status, type, code }: UnresolvedDelivery): Blocker {
  const why = code ?? status;
  return {
    kind: 'delivery',
    code: why,
    says: `delivery ${id} (${type ?? 'of no known type'}) is ${status}: ${why}`,
    next: `redrive it when what it lacks is there, or exclude it with a reason`,
    delivery: id,
  };
}

const moreBlocker = (count: number): Blocker => ({
  kind: 'delivery',
  code: 'more_deliveries',
  says: `${count} more deliveries of the month are parked or in quarantine`,
  next: 'list them, then redrive or exclude them',
  delivery: null,
});

const namelessWarning = (status: string, count: number): string =>
  `${count} ${status} ${count === 1 ? 'delivery' : 'deliveries'} of the month ${count === 1 ? 'names' : 'name'} no creator`;
