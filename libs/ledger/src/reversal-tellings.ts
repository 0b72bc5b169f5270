/**
 * What one telling adds to what is known of a refund or dispute. States merge by rank and missing
 * fields are filled, also while its money is in another currency than the sale: it then takes
 * nothing, and whoever told it says so (`currencyGap`). Judged by what all tellings together say,
 * the order in which they come cannot matter (product.md, "Reversals").
 */
import type { Facts } from './books.js';
import type { DisputeTold, MemberEvent, RefundTold } from './events.js';
import { conflictsOf } from './member-tellings.js';
import {
  type AmountTold,
  amountAgainst,
  higherState,
  type ReversalFact,
  type ReversalKind,
  type ReversalState,
} from './reversals.js';
import type { Settings } from './settings.js';
import type { Instant } from './values/clock.js';
import { DomainError } from './values/domain-error.js';
import { minorOf, plainDecimalOf } from './values/money.js';

export interface ReversalTold {
  readonly kind: ReversalKind;
  readonly reversalId: string;
  /** Absent: a telling of a known reversal that does not repeat whose payment it is. */
  readonly paymentId?: string;
  readonly state: ReversalState;
  /** Major units, and null where the telling named no currency: that of the sale. */
  readonly amount: { readonly decimal: string; readonly currency: string | null };
  readonly original?: { readonly decimal: string; readonly currency: string };
  readonly createdAt?: Instant;
  /** The envelope's time: dates what has no time of its own. */
  readonly toldAt?: Instant;
  readonly receivedAt: Instant;
  /** The person named by this telling, if it named one: `<creator>.<user>`. */
  readonly person?: string;
}

/**
 * Events (without lines) for one telling of a refund or dispute.
 * @throws DomainError `payment_unknown` while its payment has not succeeded, `amount_too_precise`
 *   for the currency of the sale where it names none, `created_at_missing`
 */
export function tellReversal(told: ReversalTold, facts: Facts, settings: Settings): MemberEvent[] {
  const known = facts.reversals.get(told.reversalId);
  const conflicts = conflictsWith(told, known, facts);
  if (conflicts.length > 0) return conflicts;
  const paymentId = known?.paymentId ?? told.paymentId ?? '';
  const sale = facts.payments.get(paymentId)?.paid;
  if (sale === undefined)
    throw new DomainError('payment_unknown', 'its payment is not known to have succeeded');
  const merged = mergedWith(known, told, paymentId, sale.currency, settings);
  return known !== undefined && isSame(known, merged) ? [] : [eventOf(merged)];
}

/** Why a known refund or dispute takes nothing from its sale, for people; undefined: its currency is no reason. */
export function currencyGap(facts: Facts, reversalId: string): string | undefined {
  const reversal = facts.reversals.get(reversalId);
  const sale = facts.payments.get(reversal?.paymentId ?? '')?.paid;
  if (reversal === undefined || sale === undefined) return undefined;
  if (amountAgainst(sale.currency, reversal) !== undefined) return undefined;
  return `${reversal.amount.currency} cannot be taken from a sale in ${sale.currency}`;
}

function conflictsWith(
  told: ReversalTold,
  known: ReversalFact | undefined,
  facts: Facts,
): MemberEvent[] {
  const conflict = conflictsOf(told.reversalId, told.createdAt ?? told.toldAt ?? told.receivedAt);
  conflict('person', `${facts.creatorId}.${facts.memberId}`, told.person);
  if (known === undefined) return conflict.found;
  const { amount, original, createdAt } = known;
  conflict('payment', known.paymentId, told.paymentId);
  conflict('createdAt', textOf(createdAt), textOf(told.createdAt));
  conflict('amount', plainDecimalOf(amount.minor, amount.currency), told.amount.decimal);
  conflict(
    'currency',
    amount.assumed ? undefined : amount.currency,
    told.amount.currency ?? undefined,
  );
  conflict(
    'originalAmount',
    original && moneyOf(original),
    told.original && wordsOf(told.original),
  );
  return conflict.found;
}

function mergedWith(
  known: ReversalFact | undefined,
  told: ReversalTold,
  paymentId: string,
  saleCurrency: string,
  settings: Settings,
): ReversalFact {
  const { kind, reversalId } = told;
  const createdAt = known?.createdAt ?? told.createdAt;
  const at = createdAt ?? earliest(known?.at, told.toldAt);
  if (at === undefined)
    throw new DomainError('created_at_missing', 'neither created_at nor an envelope time is told');
  const original = known?.original ?? originalOf(told);
  const { calendar } = settings;
  return {
    reversalId,
    kind,
    paymentId,
    state: known === undefined ? told.state : higherState(kind, known.state, told.state),
    amount: mergedAmount(known?.amount, told.amount, saleCurrency),
    ...(original === undefined ? {} : { original }),
    ...(createdAt === undefined ? {} : { createdAt }),
    at,
    stamp:
      known?.at === at
        ? known.stamp
        : { at, day: calendar.dayOf(at), timeZone: calendar.zoneAt(at) },
  };
}

function mergedAmount(
  known: ReversalFact['amount'] | undefined,
  { decimal, currency }: ReversalTold['amount'],
  saleCurrency: string,
): ReversalFact['amount'] {
  if (known !== undefined && (!known.assumed || currency === null)) return known;
  const own = currency ?? saleCurrency;
  return { minor: minorOf(decimal, own), currency: own, assumed: currency === null };
}

const originalOf = ({ original }: ReversalTold): AmountTold | undefined =>
  original && { minor: minorOf(original.decimal, original.currency), currency: original.currency };

const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);

const moneyOf = ({ minor, currency }: AmountTold): string =>
  `${plainDecimalOf(minor, currency)} ${currency}`;
const wordsOf = ({ decimal, currency }: { decimal: string; currency: string }): string =>
  `${decimal} ${currency}`;
const textOf = (at: Instant | undefined): string | undefined =>
  at === undefined ? undefined : String(at);

const isSame = (a: ReversalFact, b: ReversalFact): boolean =>
  a.state === b.state &&
  a.amount.assumed === b.amount.assumed &&
  a.amount.currency === b.amount.currency &&
  a.original?.minor === b.original?.minor &&
  a.createdAt === b.createdAt &&
  a.at === b.at;

function eventOf(fact: ReversalFact): RefundTold | DisputeTold {
  const { amount, original, createdAt, stamp } = fact;
  const data = {
    payment: fact.paymentId,
    state: fact.state,
    amountMinor: String(amount.minor),
    currency: amount.currency,
    ...(amount.assumed ? { currencyAssumed: true as const } : {}),
    ...(original === undefined
      ? {}
      : { originalMinor: String(original.minor), originalCurrency: original.currency }),
    ...(createdAt === undefined ? {} : { createdAt }),
    day: stamp.day,
    timeZone: stamp.timeZone,
    lines: [],
  };
  return fact.kind === 'refund'
    ? { type: 'RefundTold', effectiveAt: fact.at, data: { refund: fact.reversalId, ...data } }
    : { type: 'DisputeTold', effectiveAt: fact.at, data: { dispute: fact.reversalId, ...data } };
}
