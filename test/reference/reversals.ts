/**
 * Refunds and disputes of the reference model: which of them take money back, when and how much.
 * They are of whoever paid; until their payment is known to have succeeded they are parked.
 */
import { bytewise, distinct, floorToSeconds, plainDecimal, theOne } from './facts.js';
import type { Kind, PaymentRow, ReversalRow, Status, Telling } from './shapes.js';

export interface Reversal {
  readonly kind: Kind;
  readonly id: string;
  readonly paymentId: string | undefined;
  readonly takes: boolean;
  readonly at: number;
  readonly amount: string;
  readonly currency: string | undefined;
  readonly original: { readonly amount: string; readonly currency: string } | undefined;
}

export const isReversal = ({ kind }: Pick<Telling, 'kind'>) =>
  kind === 'refund' || kind === 'dispute';

/** All tellings of one business id merged. */
export function mergedReversals(tellings: readonly Telling[]): Reversal[] {
  const told = tellings.filter(isReversal);
  return distinct(told.map(({ id }) => id)).map((id) =>
    merged(told.filter((one) => one.id === id)),
  );
}

function merged(tellings: readonly Telling[]): Reversal {
  const kind = theOne('kind', tellings, (one) => one.kind) ?? 'refund';
  const createdAt = theOne('created', tellings, (one) => floorToSeconds(one.createdAtMs));
  const envelopes = tellings.flatMap((one) => floorToSeconds(one.toldAtMs) ?? []);
  const original = theOne(
    'original',
    tellings,
    ({ original: told }) => told && `${plainDecimal(told.amount)} ${told.currency}`,
  )?.split(' ');
  return {
    kind,
    id: theOne('id', tellings, (one) => one.id) ?? '',
    paymentId: theOne('payment', tellings, (one) => one.paymentId),
    takes: kind === 'refund' ? refundTakes(tellings) : disputeTakes(tellings),
    at: createdAt ?? Math.min(...envelopes),
    amount: theOne('amount', tellings, (one) => plainDecimal(one.amount)) ?? '',
    currency: theOne('currency', tellings, (one) => one.currency?.toLowerCase()),
    original: original && { amount: original[0] ?? '', currency: original[1] ?? '' },
  };
}

/** pending < requires_action < succeeded < canceled < failed: it took money if it got just so far. */
function refundTakes(tellings: readonly Telling[]): boolean {
  const got = (status: Status) => tellings.some((one) => one.status === status);
  return got('succeeded') && !got('canceled') && !got('failed');
}

/** open < lost (or settled by the card network) < won, warning_closed. */
function disputeTakes(tellings: readonly Telling[]): boolean {
  const lost = tellings.some((one) => one.status === 'lost' || one.visaRdr === true);
  return lost && !tellings.some((one) => one.status === 'won' || one.status === 'warning_closed');
}

/** What it would take of a sale in this currency; undefined: nobody says it in that currency. */
export function takenIn(
  currency: string,
  { amount, currency: told, original }: Reversal,
  minorOf: (amount: string, currency: string) => bigint | undefined,
): bigint | undefined {
  if (told === undefined || told === currency) return minorOf(amount, currency);
  return original?.currency === currency ? minorOf(original.amount, currency) : undefined;
}

interface Split {
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

/** What each takes of a sale, in the order of (time, id), capped at what is left of it. */
export function reversalsOf(
  payment: PaymentRow,
  reversals: readonly (Reversal & { readonly takenMinor: bigint })[],
  split: (saleMinor: bigint) => Split,
  calendar: { dayOf(at: number): string; monthOf(at: number): string },
): ReversalRow[] {
  const { creatorId, paymentId, memberId, referrerId, currency } = payment;
  const ordered = reversals
    .filter((one) => one.takes)
    .sort((a, b) => a.at - b.at || bytewise(a.id, b.id));
  return ordered.flatMap((reversal, n) => {
    const before = ordered.slice(0, n).reduce((sum, one) => sum + one.takenMinor, 0n);
    const left = (taken: bigint) => (taken < payment.saleMinor ? payment.saleMinor - taken : 0n);
    const [had, has] = [left(before), left(before + reversal.takenMinor)];
    if (had === has) return [];
    const [sharesHad, sharesHave] = [split(had), split(has)];
    return [
      {
        ...{ creatorId, paymentId, memberId, referrerId, currency },
        reversalId: reversal.id,
        at: reversal.at,
        month: calendar.monthOf(reversal.at),
        day: calendar.dayOf(reversal.at),
        saleMinor: had - has,
        memberMinor: sharesHad.memberMinor - sharesHave.memberMinor,
        creatorMinor: sharesHad.creatorMinor - sharesHave.creatorMinor,
        platformMinor: sharesHad.platformMinor - sharesHave.platformMinor,
        reversesReferral: has === 0n && payment.kind === 'initial' && referrerId !== null,
      },
    ];
  });
}
