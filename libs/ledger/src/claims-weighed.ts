/**
 * Why a member's claims count or do not: the same rules as `booksOf` goes by (product.md, "Who
 * referred whom"), said claim by claim.
 */
import {
  compareClaims,
  earlier,
  type Facts,
  firstPayment,
  paidPayments,
  timeOfMembership,
} from './books.js';
import type { StoredClaim } from './events.js';
import type { Instant } from './values/clock.js';

/**
 * `stands`: it names the referrer. `overruled`: an admin said who it was. `undated`: its fact has no
 * time. `after_payment`: the first payment above zero came before it. `unresolved`: its code or name
 * is nobody's of this community, or the member's own. `before_code`: the code was set only later.
 * `later`: another claim came first.
 */
export type ClaimVerdict =
  | 'stands'
  | 'overruled'
  | 'undated'
  | 'after_payment'
  | 'unresolved'
  | 'before_code'
  | 'later';

export interface WeighedClaim {
  /** The payment or membership that makes it. */
  readonly factId: string;
  /** Null: it is undated. */
  readonly at: Instant | null;
  readonly key: string;
  /** Whom it names; null: nobody yet. */
  readonly names: string | null;
  readonly verdict: ClaimVerdict;
}

/** Every claim of the member's facts: those of one fact in the order in which they are tried, facts by time. */
export function claimsWeighed(facts: Facts): WeighedClaim[] {
  const paid = paidPayments(facts);
  const first = firstPayment(paid);
  const limit = first && { at: first.paid.at, id: first.paymentId };
  let decided = facts.correction !== undefined;
  return claimFacts(facts, paid).flatMap(({ id, at, claims }) =>
    [...claims].sort(compareClaims).map(([, key]): WeighedClaim => {
      const resolution = facts.resolutions.get(key);
      const names = resolution?.memberId ?? null;
      const said = { factId: id, at: at ?? null, key, names };
      if (at === undefined) return { ...said, verdict: 'undated' };
      if (names === null || names === facts.memberId) return { ...said, verdict: 'unresolved' };
      if (limit !== undefined && earlier(limit, { at, id }))
        return { ...said, verdict: 'after_payment' };
      if (resolution?.notBefore !== undefined && at <= resolution.notBefore)
        return { ...said, verdict: 'before_code' };
      if (facts.correction !== undefined) return { ...said, verdict: 'overruled' };
      if (decided) return { ...said, verdict: 'later' };
      decided = true;
      return { ...said, verdict: 'stands' };
    }),
  );
}

interface ClaimFact {
  readonly id: string;
  readonly at: Instant | undefined;
  readonly claims: readonly StoredClaim[];
}

/** Facts that can make a claim, by `(time, id)`; undated ones last. */
function claimFacts(facts: Facts, paid: ReturnType<typeof paidPayments>): ClaimFact[] {
  const memberships = [...facts.memberships.values()].map((membership) => ({
    id: membership.membershipId,
    at: timeOfMembership(membership),
    claims: membership.claims,
  }));
  const payments = paid.map(({ paymentId, paid: { at }, claims }) => ({
    id: paymentId,
    at,
    claims,
  }));
  return [...memberships, ...payments].sort((a, b) => {
    if (a.at === undefined || b.at === undefined)
      return Number(a.at === undefined) - Number(b.at === undefined);
    return earlier({ at: a.at, id: a.id }, { at: b.at, id: b.id }) ? -1 : 1;
  });
}
