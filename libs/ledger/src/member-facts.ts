/** What the events of a member's stream say happened: the facts that the books are made of. */
import type { Correction, Facts, MembershipFact, PaymentFact, Resolution, Stamp } from './books.js';
import type { MemberEvent, StoredClaim } from './events.js';
import { ownerOf } from './line-codec.js';
import type { ReversalFact } from './reversals.js';

export interface MemberFacts extends Facts {
  readonly payments: Map<string, PaymentFact>;
  readonly memberships: Map<string, MembershipFact>;
  readonly reversals: Map<string, ReversalFact>;
  readonly resolutions: Map<string, Resolution>;
  correction?: Correction;
}

/** Nobody has told anything yet; whose stream it is, its name says. */
export function noFacts(stream: string): MemberFacts {
  return {
    ...ownerOf(stream),
    payments: new Map(),
    memberships: new Map(),
    reversals: new Map(),
    resolutions: new Map(),
  };
}

/** Adds an event's fact; facts are replaced, never changed, so that a copied map is a copy. */
export function evolveFacts(facts: MemberFacts, event: MemberEvent): MemberFacts {
  switch (event.type) {
    case 'PaymentReceived':
      facts.payments.set(event.data.payment, paymentReceived(facts, event));
      break;
    case 'PaymentFailed':
    case 'PaymentDetailsLearned':
      facts.payments.set(event.data.payment, paymentTold(facts, event));
      break;
    case 'MembershipActivated':
    case 'MembershipDeactivated':
    case 'MembershipDetailsLearned':
      facts.memberships.set(event.data.membership, membershipTold(facts, event));
      break;
    case 'RefundTold':
      facts.reversals.set(event.data.refund, reversalTold('refund', event.data.refund, event));
      break;
    case 'DisputeTold':
      facts.reversals.set(event.data.dispute, reversalTold('dispute', event.data.dispute, event));
      break;
    case 'ClaimResolved': {
      const { key, member, notBefore } = event.data;
      facts.resolutions.set(key, {
        memberId: member,
        ...(notBefore === undefined ? {} : { notBefore }),
      });
      break;
    }
    case 'ReferrerCorrected': {
      const { referrer, reason } = event.data;
      facts.correction = { referrerId: referrer, reason };
      break;
    }
    default:
      break;
  }
  return facts;
}

type Of<T extends MemberEvent['type']> = Extract<MemberEvent, { type: T }>;

function paymentReceived(facts: MemberFacts, event: Of<'PaymentReceived'>): PaymentFact {
  const { data, effectiveAt } = event;
  const told = mergedPayment(facts.payments.get(data.payment), data.payment, event.data);
  return {
    ...told,
    status: 'succeeded',
    paid: {
      at: effectiveAt,
      amountMinor: BigInt(data.amountMinor),
      currency: data.currency,
      currencyAssumed: data.currencyAssumed === true,
      stamp: { at: effectiveAt, day: data.day, timeZone: data.timeZone },
    },
  };
}

function paymentTold(
  facts: MemberFacts,
  { data }: Of<'PaymentFailed'> | Of<'PaymentDetailsLearned'>,
): PaymentFact {
  const fact = mergedPayment(facts.payments.get(data.payment), data.payment, data);
  const { currency } = data;
  if (currency === undefined) return fact;
  if (fact.paid === undefined) return { ...fact, currencyTold: currency };
  const amountMinor =
    'amountMinor' in data && data.amountMinor !== undefined
      ? BigInt(data.amountMinor)
      : fact.paid.amountMinor;
  return { ...fact, paid: { ...fact.paid, currency, amountMinor, currencyAssumed: false } };
}

interface PaymentDetails {
  readonly membership?: string;
  readonly billingReason?: string;
  readonly claims?: readonly StoredClaim[];
  readonly username?: string;
}

function mergedPayment(
  known: PaymentFact | undefined,
  paymentId: string,
  told: PaymentDetails,
): PaymentFact {
  const membershipId = known?.membershipId ?? told.membership;
  const billingReason = known?.billingReason ?? told.billingReason;
  return {
    paymentId,
    status: known?.status ?? 'failed',
    claims: mergedClaims(known?.claims, told.claims),
    usernames: mergedUsernames(known?.usernames, told.username),
    ...(membershipId === undefined ? {} : { membershipId }),
    ...(billingReason === undefined ? {} : { billingReason }),
    ...(known?.currencyTold === undefined ? {} : { currencyTold: known.currencyTold }),
    ...(known?.paid === undefined ? {} : { paid: known.paid }),
  };
}

function membershipTold(
  facts: MemberFacts,
  event: Of<'MembershipActivated'> | Of<'MembershipDeactivated'> | Of<'MembershipDetailsLearned'>,
): MembershipFact {
  const { data } = event;
  const known = facts.memberships.get(data.membership);
  const joinedAt = known?.joinedAt ?? data.joinedAt;
  const createdAt = known?.createdAt ?? data.createdAt;
  const told = known?.told ?? [];
  const status = STATUS[event.type];
  return {
    membershipId: data.membership,
    claims: mergedClaims(known?.claims, data.claims),
    usernames: mergedUsernames(known?.usernames, data.username),
    told: status === undefined || told.includes(status) ? told : [...told, status],
    stamp: stampOf(known, event),
    ...(joinedAt === undefined ? {} : { joinedAt }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

const STATUS = {
  MembershipActivated: 'activated',
  MembershipDeactivated: 'deactivated',
  MembershipDetailsLearned: undefined,
} as const;

function stampOf(
  known: MembershipFact | undefined,
  event: Of<'MembershipActivated'> | Of<'MembershipDeactivated'> | Of<'MembershipDetailsLearned'>,
): Stamp {
  if (event.type === 'MembershipDetailsLearned') {
    return known?.stamp ?? { at: event.effectiveAt, day: '', timeZone: '' };
  }
  return { at: event.effectiveAt, day: event.data.day, timeZone: event.data.timeZone };
}

function reversalTold(
  kind: ReversalFact['kind'],
  reversalId: string,
  { data, effectiveAt }: Of<'RefundTold'> | Of<'DisputeTold'>,
): ReversalFact {
  const { originalMinor, originalCurrency, createdAt } = data;
  return {
    reversalId,
    kind,
    paymentId: data.payment,
    state: data.state,
    amount: {
      minor: BigInt(data.amountMinor),
      currency: data.currency,
      assumed: data.currencyAssumed === true,
    },
    ...(originalMinor === undefined || originalCurrency === undefined
      ? {}
      : { original: { minor: BigInt(originalMinor), currency: originalCurrency } }),
    ...(createdAt === undefined ? {} : { createdAt }),
    at: effectiveAt,
    stamp: { at: effectiveAt, day: data.day, timeZone: data.timeZone },
  };
}

function mergedClaims(
  known: readonly StoredClaim[] = [],
  told: readonly StoredClaim[] = [],
): readonly StoredClaim[] {
  const added = newClaims(known, told);
  return added.length === 0 ? known : [...known, ...added];
}

/** The claims told that the fact does not carry yet. */
export function newClaims(
  known: readonly StoredClaim[],
  told: readonly StoredClaim[],
): StoredClaim[] {
  return told.filter(
    ([slot, key]) => !known.some((claim) => claim[0] === slot && claim[1] === key),
  );
}

const mergedUsernames = (known: readonly string[] = [], told?: string): readonly string[] =>
  told === undefined || known.includes(told) ? known : [...known, told];
