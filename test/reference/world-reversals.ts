/** What is taken back in a random history: refunds and disputes of any of its payments. */
import type { Random } from './random.js';
import type { Status } from './shapes.js';
import { DECIMALS, idOf, momentOf, type TrueFact, type World } from './world.js';

const REFUNDS: readonly (readonly Status[])[] = [
  ['pending', 'succeeded'],
  ['pending', 'succeeded'],
  ['succeeded'],
  ['pending', 'requires_action', 'succeeded'],
  ['pending'],
  ['pending', 'failed'],
  ['pending', 'succeeded', 'failed'],
  ['succeeded', 'canceled'],
];
const DISPUTES: readonly (readonly Status[])[] = [
  ['needs_response', 'lost'],
  ['lost'],
  ['needs_response', 'under_review'],
  ['lost', 'won'],
  ['needs_response', 'lost', 'won'],
  ['warning_needs_response', 'warning_closed'],
  ['under_review', 'closed'],
];

/** A third of the payments are taken back, in up to four pieces; also those that only failed. */
export function reversalsIn(world: World, payment: TrueFact, random: Random): TrueFact[] {
  if (payment.kind !== 'payment' || !random.chance(33)) return [];
  const pieces = random.pick([1, 1, 1, 2, 2, 3, 4, 4]);
  const shared = momentOf(world, random);
  return Array.from({ length: pieces }, () =>
    reversalOf(payment, random.chance(50) ? shared : momentOf(world, random), random),
  );
}

function reversalOf(payment: TrueFact, atMs: number, random: Random): TrueFact {
  const kind = random.chance(70) ? 'refund' : 'dispute';
  const sale = { amount: payment.amount ?? '0', currency: payment.currency ?? 'usd' };
  const taken = { amount: amountOf(sale, random), currency: sale.currency };
  const elsewhere = { amount: '1', currency: random.pick(Object.keys(DECIMALS)) };
  const foreign = random.chance(20);
  return {
    kind,
    id: `${kind === 'refund' ? 'rf_' : 'dspt_'}${idOf(random)}`,
    creatorId: payment.creatorId,
    userId: payment.userId,
    membershipId: undefined,
    statuses: random.pick(kind === 'refund' ? REFUNDS : DISPUTES),
    atMs,
    createdAtMs: atMs,
    joined: random.chance(85),
    ...(foreign ? elsewhere : taken),
    fitsDefault: false,
    username: undefined,
    words: {},
    takesBack: {
      paymentId: payment.id,
      original: foreign && random.chance(60) ? taken : undefined,
      visaRdr: kind === 'dispute' && random.chance(15),
    },
  };
}

/** All of the sale, a part of it, or more than it. */
function amountOf({ amount, currency }: { amount: string; currency: string }, random: Random) {
  const decimals = DECIMALS[currency] ?? 2;
  const [whole = '', fraction = ''] = amount.split('.');
  const sale = Number(whole + fraction.padEnd(decimals, '0'));
  const minor = random.pick([
    ...[sale, sale, sale - 1, sale - 2, sale + 1, sale * 3],
    ...[1, 1, 1, 2, 3, 5, Math.floor(sale / 2), Math.floor(sale / 3), random.below(sale + 1)],
  ]);
  const digits = String(Math.max(minor, 0)).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
