/** The register: every check there is, in the order in which they are run and shown. */
import { DomainError } from '#libs/ledger';
import type { Check } from './check.js';
import { earningsEqualCommission, noNegative, sharesSumToSale } from './checks/amounts.check.js';
import { deliveriesAccountedFor, unresolvedDeliveries } from './checks/deliveries.check.js';
import { conflicts, positionsWithoutGap, revisionsWithoutGap } from './checks/log.check.js';
import { readModelChecks } from './checks/read-models.check.js';
import {
  codesUnique,
  monthlyReferrals,
  monthWithinTotal,
  organicWithoutReferrer,
  referredWithReferrer,
  referrerLoops,
} from './checks/referral.check.js';
import { snapshotsAsSealed } from './checks/snapshots.check.js';

/** The eight of product.md, in its order: what must be true of the figures. */
export const logicalChecks: readonly Check[] = [
  monthlyReferrals,
  monthWithinTotal,
  noNegative,
  sharesSumToSale,
  earningsEqualCommission,
  codesUnique,
  organicWithoutReferrer,
  referredWithReferrer,
];

export const checks: readonly Check[] = [
  ...logicalChecks,
  positionsWithoutGap,
  revisionsWithoutGap,
  deliveriesAccountedFor,
  ...readModelChecks,
  snapshotsAsSealed,
  referrerLoops,
  unresolvedDeliveries,
  conflicts,
];

/** The checks of these names in the register's order; all when none is named. Throws `check_unknown`. */
export function checksNamed(names: readonly string[]): readonly Check[] {
  const known = new Set(checks.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new DomainError(
      'check_unknown',
      `there is no check ${unknown.join(', ')}: there are ${[...known].join(', ')}`,
    );
  return names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name));
}
