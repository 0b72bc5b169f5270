/** The interesting cases of what is taken back, and of settings that change, in a history. */
type Note = (name: (typeof REVERSAL_CASES)[number], occurs: boolean) => void;

import type { History, HistoryDelivery } from './histories.js';
import { mattersFrom } from './orders.js';
import { mergedReversals, type Reversal } from './reversals.js';
import type { Figures, ReversalRow, Telling } from './shapes.js';
import { DECIMALS } from './world.js';

export const REVERSAL_CASES = [
  'refund that succeeded',
  'refund that failed or was canceled after it succeeded',
  'dispute lost',
  'dispute won after it was lost',
  'dispute settled by the card network',
  'dispute that moves nothing',
  'reversed referral',
  'reversed referral undone',
  'capped at what is left',
  'several reversals of one payment',
  'reversals of one payment at the same second',
  'reversal in another month than its sale',
  'reversal within seconds of a month end',
  'reversal dated before its payment',
  'reversal delivered before its payment',
  'reversal of a payment that only failed, parked for ever',
  'reversal whose payment is told by some tellings only',
  'reversal without company or user',
  'reversal without a currency',
  'reversal dated by its envelope',
  'reversal by its original amount',
  'reversal in no currency of its sale',
  'reversal of an organic sale',
  'reversal without decimals',
  'reversal with three decimals',
  'share of a reversal below zero',
  'several generations tell one reversal',
  'zone that changes',
  'currency that changes',
  'order between deliveries',
  'fact dated when an order is in force',
  'payment parked, then found',
] as const;

export function noteReversals(history: History, figures: Figures, note: Note): void {
  const tellings = history.deliveries.map(({ telling }) => telling);
  for (const reversal of mergedReversals(tellings)) {
    const told = history.deliveries.filter(({ telling }) => telling.id === reversal.id);
    const rows = figures.reversals.filter((row) => row.reversalId === reversal.id);
    noteStates(reversal, told, figures, note);
    noteTelling(reversal, told, history, figures, note);
    for (const row of rows) noteRow(row, reversal, figures, note);
  }
}

function noteStates(
  { kind, takes, paymentId }: Reversal,
  told: readonly HistoryDelivery[],
  { referrals, payments }: Figures,
  note: Note,
): void {
  const got = (...statuses: Telling['status'][]) =>
    told.some(({ telling }) => statuses.includes(telling.status));
  const refund = kind === 'refund';
  note('refund that succeeded', refund && takes);
  const undone = refund ? got('succeeded') && !takes : got('lost') && !takes;
  note('refund that failed or was canceled after it succeeded', refund && undone);
  note('dispute lost', !refund && takes);
  note('dispute won after it was lost', !refund && undone);
  note(
    'dispute settled by the card network',
    told.some(({ telling }) => telling.visaRdr),
  );
  note('dispute that moves nothing', !refund && !takes && !got('lost'));
  const sale = payments.find((one) => one.paymentId === paymentId);
  const first = referrals.some((one) => one.paymentId === paymentId);
  const all =
    sale !== undefined &&
    told.some(({ telling }) => minorOf(telling.amount, sale.currency) >= sale.saleMinor);
  note('reversed referral undone', undone && first && all);
}

function noteTelling(
  reversal: Reversal,
  told: readonly HistoryDelivery[],
  history: History,
  figures: Figures,
  note: Note,
): void {
  const { paymentId, currency } = reversal;
  const firstOf = (id: string | undefined) =>
    history.deliveries.findIndex(({ telling }) => telling.id === id);
  const sale = figures.payments.find((one) => one.paymentId === paymentId);
  note(
    'reversal delivered before its payment',
    sale !== undefined && firstOf(reversal.id) < firstOf(paymentId),
  );
  note('reversal dated before its payment', sale !== undefined && reversal.at < sale.paidAt);
  const parked = figures.parked.some((one) => one.id === reversal.id);
  note(
    'reversal of a payment that only failed, parked for ever',
    parked && history.deliveries.some(({ telling }) => telling.id === paymentId),
  );
  const some = (is: (telling: Telling) => boolean) => told.some(({ telling }) => is(telling));
  note(
    'reversal whose payment is told by some tellings only',
    paymentId !== undefined && some((one) => one.paymentId === undefined),
  );
  note(
    'reversal without company or user',
    some((one) => one.creatorId === undefined && one.userId === undefined),
  );
  note('reversal without a currency', currency === undefined);
  note('reversal dated by its envelope', !some((one) => one.createdAtMs !== undefined));
  note(
    'reversal in no currency of its sale',
    figures.misfits.some((one) => one.id === reversal.id),
  );
  const generations = new Set(told.map(({ generation }) => generation));
  note('several generations tell one reversal', generations.size > 1);
}

function noteRow(row: ReversalRow, reversal: Reversal, figures: Figures, note: Note): void {
  const sale = figures.payments.find((one) => one.paymentId === row.paymentId);
  const others = figures.reversals.filter((one) => one.paymentId === row.paymentId && one !== row);
  const claimed = reversal.currency === row.currency ? reversal.amount : reversal.original?.amount;
  note('reversed referral', row.reversesReferral);
  note('capped at what is left', minorOf(claimed, row.currency) > row.saleMinor);
  note('several reversals of one payment', others.length > 0);
  note(
    'reversals of one payment at the same second',
    others.some((one) => one.at === row.at),
  );
  note('reversal in another month than its sale', sale?.month !== row.month);
  note('reversal within seconds of a month end', /-(0[12]|28|29|3[01])$/.test(row.day));
  note(
    'reversal by its original amount',
    reversal.currency !== undefined && reversal.currency !== row.currency,
  );
  note('reversal of an organic sale', row.referrerId === null);
  note('reversal without decimals', ['jpy', 'clp'].includes(row.currency));
  note('reversal with three decimals', ['kwd', 'bhd', 'tnd'].includes(row.currency));
  const shares = [row.memberMinor, row.creatorMinor, row.platformMinor];
  note(
    'share of a reversal below zero',
    shares.some((share) => share < 0n),
  );
}

export function noteOrders(history: History, { payments }: Figures, note: Note): void {
  const { settings, orders, deliveries } = history;
  note(
    'zone that changes',
    settings.some((one) => (one.zones ?? []).length > 0),
  );
  note(
    'currency that changes',
    settings.some((one) => (one.currencies ?? []).length > 0),
  );
  for (const { after, order } of orders) {
    note('order between deliveries', after > 0 && after < deliveries.length);
    const own = payments.filter((one) => one.creatorId === order.creatorId);
    note(
      'fact dated when an order is in force',
      own.some((one) => one.paidAt >= mattersFrom(order)),
    );
  }
  const named = (id: string | undefined) =>
    deliveries.findIndex(
      ({ telling }) =>
        (telling.membershipId === id || telling.id === id) &&
        telling.userId !== undefined &&
        telling.creatorId !== undefined,
    );
  deliveries.forEach(({ telling }, at) => {
    if (telling.kind !== 'payment' || telling.userId !== undefined) return;
    const found = payments.some((one) => one.paymentId === telling.id);
    note('payment parked, then found', found && named(telling.membershipId) > at);
  });
}

/** -1 where it has more decimals than the currency. */
function minorOf(amount: string | undefined, currency: string): bigint {
  const [whole = '', fraction = ''] = (amount ?? '').split('.');
  const decimals = DECIMALS[currency] ?? 0;
  return fraction.length > decimals ? -1n : BigInt(whole + fraction.padEnd(decimals, '0'));
}
