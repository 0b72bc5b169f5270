/** What a member's facts carry that leads to others: claim keys, and since when a username is theirs. */
import { type Facts, timeOfMembership } from './books.js';
import type { StoredClaim } from './events.js';
import type { Instant } from './values/clock.js';

/** Every claim key that the member's facts carry, for those who must be told when it is resolved. */
export function claimKeysOf(facts: Facts): string[] {
  const keys = new Set<string>();
  const add = (claims: readonly StoredClaim[]): void => {
    for (const [, key] of claims) keys.add(key);
  };
  for (const payment of facts.payments.values()) add(payment.claims);
  for (const membership of facts.memberships.values()) add(membership.claims);
  return [...keys];
}

/** The earliest `(time, id)` of this member's facts that carry a username: its claim to that name (product.md, "Who referred whom"). */
export function bearingOf(
  facts: Facts,
  username: string,
): { at: Instant; sourceId: string } | undefined {
  let found: { at: Instant; sourceId: string } | undefined;
  const consider = (
    at: Instant | undefined,
    sourceId: string,
    usernames: readonly string[],
  ): void => {
    if (at === undefined || !usernames.includes(username)) return;
    if (found === undefined || at < found.at || (at === found.at && sourceId < found.sourceId)) {
      found = { at, sourceId };
    }
  };
  for (const payment of facts.payments.values()) {
    consider(payment.paid?.at, payment.paymentId, payment.usernames);
  }
  for (const membership of facts.memberships.values()) {
    consider(timeOfMembership(membership), membership.membershipId, membership.usernames);
  }
  return found;
}
