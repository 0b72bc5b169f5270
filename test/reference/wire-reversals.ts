/** The data of a refund or dispute in each generation, written from the description of the wire. */
import type { HistoryDelivery } from './histories.js';

type Json = Readonly<Record<string, unknown>>;

export function reversalOf(delivery: HistoryDelivery): Json {
  const { telling } = delivery;
  return {
    id: telling.id,
    status: telling.status,
    ...moneyOf(delivery),
    created_at: timeOf(delivery),
    ...(telling.kind === 'dispute' ? { visa_rdr: telling.visaRdr ?? false } : {}),
    ...paymentOf(delivery),
  };
}

/** Pinned deliveries are flat; the others carry the payment, and with it whose it is. */
function paymentOf({ telling, generation }: HistoryDelivery): Json {
  const { paymentId, creatorId, userId } = telling;
  const user = userId === undefined ? null : { id: userId, name: 'Somebody', username: 'not_read' };
  const member = { id: `mber_${userId?.slice(5) ?? 'none'}` };
  const company = creatorId === undefined ? null : { id: creatorId, title: 'A community' };
  // What the payment claims is told by the payment.
  const metadata = { referral_code: 'OF-A-REFUND' };
  switch (generation) {
    case 'v1-pinned':
      return { account_id: creatorId ?? null, payment_id: paymentId ?? null, user };
    case 'v1':
      if (paymentId === undefined) return { company, payment: null, user };
      return { company, payment: { id: paymentId, user, member, metadata, total: 1_000_000 } };
    case 'v5':
      return {
        payment_id: paymentId ?? null,
        user_id: userId ?? null,
        ...(paymentId === undefined ? {} : { payment: { id: paymentId, user_id: userId ?? null } }),
      };
    case 'v2':
      if (paymentId === undefined) return { payment: null, user };
      return { payment: { id: paymentId, user, membership: 'mem_of_a_refund', metadata } };
  }
}

function moneyOf({ telling, generation }: HistoryDelivery): Json {
  const { amount = '', currency, original } = telling;
  const named = currency === undefined ? {} : { currency };
  if (generation !== 'v1-pinned') return { amount: Number(amount), ...named };
  const money = (decimal: string, rest: Json) => ({
    amount: decimal,
    ...rest,
    decimals: decimal.split('.')[1]?.length ?? 0,
  });
  return {
    amount: money(amount, named),
    original_amount: original ? money(original.amount, { currency: original.currency }) : null,
  };
}

function timeOf({ telling, generation }: HistoryDelivery): string | number | null {
  const { createdAtMs } = telling;
  if (createdAtMs === undefined) return null;
  const isLegacy = generation === 'v2' || generation === 'v5';
  return isLegacy ? Math.floor(createdAtMs / 1000) : new Date(createdAtMs).toISOString();
}
