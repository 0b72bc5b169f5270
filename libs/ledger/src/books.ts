/**
 * What facts mean: `booksOf(facts of a member) -> lines`, one pure function (product.md, "Rules of
 * meaning"). It recomputes the whole member from facts and settings, so order and repetition of
 * what we were told cannot matter: a decision adds a fact and emits the difference.
 */
import type { StoredClaim } from './events.js';
import type { Line } from './lines.js';
import { amountAgainst, type ReversalFact, reversalsByPayment } from './reversals.js';
import type { Settings } from './settings.js';
import type { Stamp } from './stamp.js';
import type { Instant } from './values/clock.js';
import { bytewise } from './values/compare.js';
import { DomainError } from './values/domain-error.js';
import { decimalOf, minorOf } from './values/money.js';
import { type Shares, split } from './values/rates.js';

export type { Stamp } from './stamp.js';

export interface PaymentFact {
  readonly paymentId: string;
  readonly status: 'failed' | 'succeeded';
  readonly membershipId?: string;
  readonly billingReason?: string;
  readonly claims: readonly StoredClaim[];
  /** Keyed hashes of the usernames that its tellings carried. */
  readonly usernames: readonly string[];
  /** Told by a failed telling, for when the payment succeeds without naming one. */
  readonly currencyTold?: string;
  /** Present when succeeded. */
  readonly paid?: {
    readonly at: Instant;
    readonly amountMinor: bigint;
    readonly currency: string;
    readonly currencyAssumed: boolean;
    readonly stamp: Stamp;
  };
}

export interface MembershipFact {
  readonly membershipId: string;
  readonly joinedAt?: Instant;
  readonly createdAt?: Instant;
  readonly claims: readonly StoredClaim[];
  readonly usernames: readonly string[];
  readonly told: readonly ('activated' | 'deactivated')[];
  readonly stamp: Stamp;
}

/** Whom a claim key names among the members of this creator; null: nobody (any more). */
export interface Resolution {
  readonly memberId: string | null;
  /** A vanity code resolves only claims dated after this. */
  readonly notBefore?: Instant;
}

/** An admin's word on the referrer, above every claim; null: nobody. */
export interface Correction {
  readonly referrerId: string | null;
  readonly reason: string;
}

export interface Facts {
  readonly creatorId: string;
  readonly memberId: string;
  readonly payments: ReadonlyMap<string, PaymentFact>;
  readonly memberships: ReadonlyMap<string, MembershipFact>;
  readonly reversals: ReadonlyMap<string, ReversalFact>;
  readonly resolutions: ReadonlyMap<string, Resolution>;
  readonly correction?: Correction;
}

/** A point in a member's story: facts are ordered by `(time, id)`, ids bytewise. */
interface Point {
  readonly at: Instant;
  readonly id: string;
}
export const earlier = (a: Point, b: Point): boolean =>
  a.at < b.at || (a.at === b.at && bytewise(a.id, b.id) < 0);

type Paid = PaymentFact & { paid: NonNullable<PaymentFact['paid']> };

/** Succeeded payments, zero amounts included. */
export const paidPayments = (facts: Facts): Paid[] =>
  [...facts.payments.values()].filter((payment): payment is Paid => payment.paid !== undefined);

export function booksOf(facts: Facts, settings: Settings): Line[] {
  const paid = paidPayments(facts);
  const first = firstPayment(paid);
  const referrerId = referrerOf(facts, paid, first);
  const lines: Line[] = [];
  const signUp = signUpOf(facts, paid);
  if (signUp !== undefined) {
    lines.push({
      ...blank(facts, settings, signUp.at, signUp.stamp, referrerId),
      kind: 'signUp',
      sourceId: signUp.id,
      paymentId: '',
    });
  }
  const reversals = reversalsByPayment(facts.reversals.values());
  for (const payment of paid) {
    if (payment.paid.amountMinor === 0n) continue;
    const own = reversals.get(payment.paymentId) ?? [];
    lines.push(...linesOfPayment(facts, settings, payment, payment === first, referrerId, own));
  }
  return lines;
}

/** The member's first payment above zero: smallest `(paidAt, payment id)`. */
export function firstPayment(paid: readonly Paid[]): Paid | undefined {
  let first: Paid | undefined;
  for (const payment of paid) {
    if (payment.paid.amountMinor === 0n) continue;
    if (first === undefined || earlier(pointOf(payment), pointOf(first))) first = payment;
  }
  return first;
}

const pointOf = (payment: Paid): Point => ({ at: payment.paid.at, id: payment.paymentId });

/** When a membership says that the person joined; undefined while no telling said. */
export const timeOfMembership = (membership: MembershipFact): Instant | undefined =>
  membership.joinedAt ?? membership.createdAt;

/** Sign-up: the earliest of the memberships' times and any succeeded payment's, zero amounts included. */
function signUpOf(facts: Facts, paid: readonly Paid[]): (Point & { stamp: Stamp }) | undefined {
  let found: (Point & { stamp: Stamp }) | undefined;
  const consider = (point: Point & { stamp: Stamp }): void => {
    if (found === undefined || earlier(point, found)) found = point;
  };
  for (const membership of facts.memberships.values()) {
    const at = timeOfMembership(membership);
    if (at !== undefined) consider({ at, id: membership.membershipId, stamp: membership.stamp });
  }
  for (const payment of paid) consider({ ...pointOf(payment), stamp: payment.paid.stamp });
  return found;
}

/** The referrer is whom an admin named, else that of the earliest claim, by `(time, id)`, that counts and resolves; null: organic. */
function referrerOf(facts: Facts, paid: readonly Paid[], first: Paid | undefined): string | null {
  if (facts.correction !== undefined) return facts.correction.referrerId;
  let best: (Point & { referrerId: string }) | undefined;
  const consider = (point: Point, claims: readonly StoredClaim[]): void => {
    if (claims.length === 0) return;
    if (first !== undefined && earlier(pointOf(first), point)) return;
    if (best !== undefined && !earlier(point, best)) return;
    const referrerId = resolved(facts, point.at, claims);
    if (referrerId !== undefined) best = { ...point, referrerId };
  };
  for (const membership of facts.memberships.values()) {
    const at = timeOfMembership(membership);
    if (at !== undefined) consider({ at, id: membership.membershipId }, membership.claims);
  }
  for (const payment of paid) consider(pointOf(payment), payment.claims);
  return best?.referrerId ?? null;
}

/** Within one fact the first claim that resolves stands: by slot, then (several words in one slot) bytewise by key. */
function resolved(facts: Facts, at: Instant, claims: readonly StoredClaim[]): string | undefined {
  let best: { claim: StoredClaim; memberId: string } | undefined;
  for (const claim of claims) {
    if (best !== undefined && compareClaims(best.claim, claim) <= 0) continue;
    const resolution = facts.resolutions.get(claim[1]);
    if (resolution === undefined || resolution.memberId === null) continue;
    if (resolution.memberId === facts.memberId) continue;
    if (resolution.notBefore !== undefined && at <= resolution.notBefore) continue;
    best = { claim, memberId: resolution.memberId };
  }
  return best?.memberId;
}

export const compareClaims = (a: StoredClaim, b: StoredClaim): number =>
  a[0] - b[0] || bytewise(a[1], b[1]);

/** A payment's sale, split when somebody referred the member, the conversion that the first one is, and what took them back. */
function linesOfPayment(
  facts: Facts,
  settings: Settings,
  { paymentId, paid }: Paid,
  first: boolean,
  referrerId: string | null,
  reversals: readonly ReversalFact[],
): Line[] {
  const { currency, amountMinor } = paid.currencyAssumed ? assumedNow(paid, settings) : paid;
  const base = {
    ...blank(facts, settings, paid.at, paid.stamp, referrerId),
    sourceId: paymentId,
    paymentId,
    first,
    currency,
  };
  const sharesOf = (netMinor: bigint): Shares =>
    referrerId === null
      ? { member: 0n, creator: netMinor, platform: 0n }
      : split(netMinor, settings.ratesAt(paid.at));
  const shares = sharesOf(amountMinor);
  const sale: Line = {
    ...base,
    kind: 'sale',
    saleMinor: amountMinor,
    memberMinor: shares.member,
    creatorMinor: shares.creator,
    platformMinor: shares.platform,
  };
  const lines =
    first && referrerId !== null ? [sale, { ...base, kind: 'conversion' as const }] : [sale];
  let left = amountMinor;
  for (const reversal of reversals) {
    const claimed = amountAgainst(currency, reversal) ?? 0n;
    const after = claimed < left ? left - claimed : 0n;
    // Nothing is left, or nothing was claimed: a line of zeros would explain nothing.
    if (after === left) continue;
    const part = {
      ...blank(facts, settings, reversal.at, reversal.stamp, referrerId),
      sourceId: reversal.reversalId,
      paymentId,
      first,
      currency,
    };
    lines.push({ ...part, kind: 'reversal', ...reversed(left, after, sharesOf) });
    if (after === 0n && first && referrerId !== null) {
      lines.push({ ...part, kind: 'reversedConversion' });
    }
    left = after;
  }
  return lines;
}

/**
 * Of each share the difference that the reversal makes: `split(before) − split(after)`. So however
 * a sale is taken back in pieces, what is left of it is split as a sale of that amount would be.
 */
function reversed(before: bigint, after: bigint, sharesOf: (amountMinor: bigint) => Shares) {
  const [had, has] = [sharesOf(before), sharesOf(after)];
  return {
    saleMinor: before - after,
    memberMinor: had.member - has.member,
    creatorMinor: had.creator - has.creator,
    platformMinor: had.platform - has.platform,
  };
}

function blank(
  facts: Facts,
  settings: Settings,
  at: Instant,
  stamp: Stamp,
  referrerId: string | null,
): Omit<Line, 'kind' | 'sourceId' | 'paymentId'> {
  const day = dayOf(settings, at, stamp);
  return {
    first: false,
    at,
    day,
    month: day.slice(0, 7),
    creatorId: facts.creatorId,
    memberId: facts.memberId,
    referrerId,
    currency: null,
    count: 1n,
    saleMinor: 0n,
    memberMinor: 0n,
    creatorMinor: 0n,
    platformMinor: 0n,
  };
}

/**
 * A currency that nobody told is the creator's setting at paidAt, also when that was set after the
 * payment was recorded; an amount that this currency cannot hold stays as it was booked.
 */
function assumedNow(
  { at, currency, amountMinor }: Paid['paid'],
  settings: Settings,
): { readonly currency: string; readonly amountMinor: bigint } {
  const set = settings.currencyAt(at);
  if (set === currency) return { currency, amountMinor };
  try {
    return { currency: set, amountMinor: minorOf(decimalOf(amountMinor, currency), set) };
  } catch (error) {
    if (error instanceof DomainError) return { currency, amountMinor };
    throw error;
  }
}

/** Zones differ by 26 hours at most: what lies further from the start of a month is not touched by its zone. */
const REACH_OF_A_ZONE = 2 * 86_400;

/** The day as it was stamped, so that a new time-zone database moves nothing; read anew only if the zone or the time changed, or where a month begins in a zone that was ordered for it. */
function dayOf(settings: Settings, at: Instant, stamp: Stamp): string {
  const { calendar, timeline } = settings;
  const isOrdered = timeline.zones.some(
    ({ fromMonth }) =>
      fromMonth !== null && Math.abs(at - calendar.startOfMonth(fromMonth)) < REACH_OF_A_ZONE,
  );
  return stamp.at === at && !isOrdered && calendar.zoneAt(at) === stamp.timeZone
    ? stamp.day
    : calendar.dayOf(at);
}
