/** The `data` of a refund or dispute event in each generation. */
import { exponentOf, isCurrency } from '#libs/ledger';
import type { ReversalFacts, WhopGeneration } from './facts.js';
import { iso, type Json } from './render-data.js';

export function reversalData(generation: WhopGeneration, facts: ReversalFacts): Json {
  const { reversalId: id, status, currency, paymentId } = facts;
  if (generation === 'v2' || generation === 'v5') {
    const amount = Number(facts.amount);
    return { id, status, amount, currency, created_at: facts.createdAt, payment_id: paymentId };
  }
  const created = { created_at: iso(facts.createdAt) };
  if (generation === 'v1-pinned') {
    const amount = moneyOf(facts);
    const own = facts.kind === 'refund' ? { original_amount: amount, reason: null } : {};
    const account = { account_id: facts.creatorId, payment_id: paymentId };
    return { id, ...account, status, amount, ...own, visa_rdr: false, ...created };
  }
  const dispute = { reason: 'general', visa_rdr: false, company: { id: facts.creatorId } };
  return {
    id,
    status,
    amount: Number(facts.amount),
    currency,
    ...created,
    ...(facts.kind === 'refund' ? { provider: 'stripe' } : dispute),
    payment: paymentOf(facts),
  };
}

/** The payment that it takes back, as far as it is told with it. */
const paymentOf = ({ paymentId, currency, userId, membershipId }: ReversalFacts): Json => ({
  id: paymentId,
  currency,
  user: userId === undefined ? null : { id: userId },
  membership: membershipId === undefined ? null : { id: membershipId, status: 'active' },
  metadata: {},
});

function moneyOf({ amount, currency }: ReversalFacts): Json {
  const decimals = isCurrency(currency) ? exponentOf(currency) : 2;
  return { amount, currency, decimals, display_decimals: decimals };
}
