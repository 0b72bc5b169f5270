/**
 * What one telling adds to what is known of its fact (product.md, "Business ids make facts"):
 * the first telling makes the fact, a later one adds what was missing, and one that contradicts
 * the first changes nothing and is recorded as a conflict.
 */
import type { Facts, MembershipFact, PaymentFact } from './books.js';
import type { MemberEvent, StoredClaim } from './events.js';
import { newClaims } from './member-facts.js';
import type { Settings } from './settings.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';
import { minorOf, plainDecimalOf } from './values/money.js';

interface Told {
  /** Time of receipt: dates what has no time of its own. */
  readonly receivedAt: Instant;
  /** The person named by this telling, if it named one: `<creator>.<user>`. */
  readonly person?: string;
  readonly claims: readonly StoredClaim[];
  readonly username?: string;
}

export interface PaymentTold extends Told {
  readonly paymentId: string;
  readonly status: 'succeeded' | 'failed';
  readonly membershipId?: string;
  readonly paidAt?: Instant;
  readonly createdAt?: Instant;
  /** Major units, and null where the telling named no currency. */
  readonly amount?: { readonly decimal: string; readonly currency: string | null };
  /** Named by a failed payment. */
  readonly currency?: string;
  readonly billingReason?: string;
}

export interface MembershipTold extends Told {
  readonly membershipId: string;
  readonly status: 'activated' | 'deactivated';
  readonly joinedAt?: Instant;
  readonly createdAt?: Instant;
}

/** Events (without lines) for one telling of a payment. Throws DomainError when its amount does not fit the creator's currency. */
export function tellPayment(told: PaymentTold, facts: Facts, settings: Settings): MemberEvent[] {
  const known = facts.payments.get(told.paymentId);
  const conflicts = conflictsOfPayment(told, known, facts);
  if (conflicts.length > 0) return conflicts;
  if (told.status === 'succeeded' && known?.paid === undefined) {
    return [received(told, known, settings)];
  }
  if (known === undefined) {
    const currency = currencyToldBy(told);
    return [
      {
        type: 'PaymentFailed',
        effectiveAt: told.createdAt ?? told.receivedAt,
        data: {
          payment: told.paymentId,
          ...membershipOf(told),
          ...(told.billingReason === undefined ? {} : { billingReason: told.billingReason }),
          ...carried(told),
          ...(currency === undefined ? {} : { currency }),
        },
      },
    ];
  }
  return paymentDetails(told, known);
}

function received(
  told: PaymentTold,
  known: PaymentFact | undefined,
  settings: Settings,
): MemberEvent {
  const { paidAt, amount } = told;
  if (paidAt === undefined)
    throw new DomainError('paid_at_missing', 'a succeeded payment has no paid_at');
  if (amount === undefined)
    throw new DomainError('amount_missing', 'a succeeded payment has no amount');
  const toldCurrency = amount.currency ?? known?.currencyTold;
  const currency = toldCurrency ?? settings.currencyAt(paidAt);
  const day = settings.calendar.dayOf(paidAt);
  return {
    type: 'PaymentReceived',
    effectiveAt: paidAt,
    data: {
      payment: told.paymentId,
      amountMinor: String(minorOf(amount.decimal, currency)),
      currency,
      ...(toldCurrency === undefined ? { currencyAssumed: true as const } : {}),
      day,
      timeZone: settings.calendar.zoneAt(paidAt),
      ...(known?.membershipId === undefined ? membershipOf(told) : {}),
      ...(told.billingReason === undefined ? {} : { billingReason: told.billingReason }),
      ...carried(told, known),
      lines: [],
    },
  };
}

function paymentDetails(told: PaymentTold, known: PaymentFact): MemberEvent[] {
  const details = {
    ...(known.membershipId === undefined ? membershipOf(told) : {}),
    ...(known.billingReason === undefined && told.billingReason !== undefined
      ? { billingReason: told.billingReason }
      : {}),
    ...carried(told, known),
    ...currencyLearned(told, known),
  };
  if (Object.keys(details).length === 0) return [];
  return [
    {
      type: 'PaymentDetailsLearned',
      effectiveAt: known.paid?.at ?? told.createdAt ?? told.receivedAt,
      data: { payment: told.paymentId, ...details },
    },
  ];
}

/** A currency that was assumed and is now told; the amount is then counted in its minor units. */
function currencyLearned(
  told: PaymentTold,
  { paid, currencyTold }: PaymentFact,
): { currency?: string; amountMinor?: string } {
  const currency = currencyToldBy(told);
  if (currency === undefined) return {};
  if (paid === undefined) return currencyTold === undefined ? { currency } : {};
  if (!paid.currencyAssumed) return {};
  const decimal = plainDecimalOf(paid.amountMinor, paid.currency);
  return { currency, amountMinor: String(minorOf(decimal, currency)) };
}

function conflictsOfPayment(
  told: PaymentTold,
  known: PaymentFact | undefined,
  facts: Facts,
): MemberEvent[] {
  const conflict = conflictsOf(told.paymentId, told.paidAt ?? told.receivedAt);
  conflict('person', `${facts.creatorId}.${facts.memberId}`, told.person);
  conflict('membership', known?.membershipId, told.membershipId);
  const paid = known?.paid;
  const currency = currencyToldBy(told);
  const knownCurrency = paid?.currencyAssumed === false ? paid.currency : known?.currencyTold;
  conflict('currency', knownCurrency, currency);
  if (paid !== undefined && told.status === 'succeeded') {
    conflict(
      'paidAt',
      String(paid.at),
      told.paidAt === undefined ? undefined : String(told.paidAt),
    );
    if (told.amount !== undefined) {
      conflict('amount', plainDecimalOf(paid.amountMinor, paid.currency), told.amount.decimal);
    }
  }
  return conflict.found;
}

/** Events (without lines) for one telling of a membership. */
export function tellMembership(
  told: MembershipTold,
  facts: Facts,
  settings: Settings,
): MemberEvent[] {
  const known = facts.memberships.get(told.membershipId);
  const conflict = conflictsOf(
    told.membershipId,
    told.joinedAt ?? told.createdAt ?? told.receivedAt,
  );
  conflict('person', `${facts.creatorId}.${facts.memberId}`, told.person);
  conflict('joinedAt', text(known?.joinedAt), text(told.joinedAt));
  conflict('createdAt', text(known?.createdAt), text(told.createdAt));
  if (conflict.found.length > 0) return conflict.found;
  const details = {
    ...(known?.joinedAt === undefined && told.joinedAt !== undefined
      ? { joinedAt: told.joinedAt }
      : {}),
    ...(known?.createdAt === undefined && told.createdAt !== undefined
      ? { createdAt: told.createdAt }
      : {}),
    ...carried(told, known),
  };
  const at =
    known?.joinedAt ?? told.joinedAt ?? known?.createdAt ?? told.createdAt ?? told.receivedAt;
  if (known?.told.includes(told.status)) {
    if (Object.keys(details).length === 0) return [];
    return [
      {
        type: 'MembershipDetailsLearned',
        effectiveAt: at,
        data: { membership: told.membershipId, ...details },
      },
    ];
  }
  return [
    {
      type: told.status === 'activated' ? 'MembershipActivated' : 'MembershipDeactivated',
      effectiveAt: at,
      data: {
        membership: told.membershipId,
        day: settings.calendar.dayOf(at),
        timeZone: settings.calendar.zoneAt(at),
        ...details,
        lines: [],
      },
    },
  ];
}

const text = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value);

const currencyToldBy = ({ amount, currency }: PaymentTold): string | undefined =>
  amount?.currency ?? currency;

const membershipOf = ({ membershipId }: PaymentTold): { membership?: string } =>
  membershipId === undefined ? {} : { membership: membershipId };

/** Claims and username that the fact does not carry yet. */
function carried(
  told: Told,
  known?: PaymentFact | MembershipFact,
): { claims?: readonly StoredClaim[]; username?: string } {
  const claims = newClaims(known?.claims ?? [], told.claims);
  const { username } = told;
  return {
    ...(claims.length === 0 ? {} : { claims }),
    ...(username === undefined || known?.usernames.includes(username) ? {} : { username }),
  };
}

/** Collects the fields in which a telling contradicts what is known; what either side leaves out contradicts nothing. */
export function conflictsOf(fact: string, effectiveAt: Instant) {
  const found: MemberEvent[] = [];
  const check = (field: string, first: string | undefined, told: string | undefined): void => {
    if (first === undefined || told === undefined || first === told) return;
    found.push({ type: 'ConflictFound', effectiveAt, data: { fact, field, first, told } });
  };
  return Object.assign(check, { found });
}
