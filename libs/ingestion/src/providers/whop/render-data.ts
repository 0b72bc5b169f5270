/** The `data` of a payment or membership event in each generation, with the fields that surround it in the wild. */
import { createHash } from 'node:crypto';
import { exponentOf, type Instant, isCurrency } from '#libs/ledger';
import type {
  ClaimFacts,
  MembershipFacts,
  PaymentFacts,
  PersonFacts,
  WhopGeneration,
} from './facts.js';

export type Json = { readonly [key: string]: unknown };

export const paymentData: Record<WhopGeneration, (facts: PaymentFacts) => Json> = {
  v2: (facts) => ({
    id: facts.paymentId,
    ...expandedRelations(facts),
    membership: facts.membershipId ?? null,
    ...legacyPayment(facts),
    ...named('billing_reason', facts.billingReason),
    metadata: codeMetadata(facts),
    membership_metadata: {},
    ...named('affiliate_code', facts.affiliateCode),
    ...named('affiliate_username', facts.affiliateUsername),
  }),
  v5: (facts) => ({
    id: facts.paymentId,
    ...flatRelations(facts),
    company_id: facts.creatorId,
    membership_id: facts.membershipId ?? null,
    ...legacyPayment(facts),
    metadata: codeMetadata(facts),
    ...named('affiliate_code', facts.affiliateCode),
    ...named('affiliate_username', facts.affiliateUsername),
  }),
  v1: (facts) => ({
    id: facts.paymentId,
    status: facts.status === 'succeeded' ? 'paid' : 'open',
    substatus: facts.status,
    ...v1Money(facts),
    billing_reason: facts.billingReason ?? null,
    created_at: iso(facts.createdAt),
    updated_at: iso(facts.paidAt ?? facts.createdAt),
    paid_at: isoOrNull(facts.paidAt),
    refunded_at: null,
    ...nestedRelations(facts),
    membership:
      facts.membershipId === undefined ? null : { id: facts.membershipId, status: 'active' },
    metadata: codeMetadata(facts),
    ...checkout(facts),
    promo_code: null,
    refunds: [],
    disputes: null,
    failure_message: facts.status === 'failed' ? 'Your card was declined.' : null,
    payment_method: cardOf(facts),
  }),
  'v1-pinned': (facts) => ({
    id: facts.paymentId,
    ...flatRelations(facts),
    account_id: facts.creatorId,
    membership_id: facts.membershipId ?? null,
    user: userOf(facts, { profile_picture: null }),
    customer_email: facts.email ?? null,
    status: facts.status === 'succeeded' ? 'paid' : 'open',
    substatus: facts.status,
    ...pinnedMoney(facts),
    billing_reason: facts.billingReason ?? null,
    created_at: iso(facts.createdAt),
    updated_at: iso(facts.paidAt ?? facts.createdAt),
    paid_at: isoOrNull(facts.paidAt),
    refunded_at: null,
    metadata: codeMetadata(facts),
    checkout_configuration_id: null,
    ...named('affiliate_code', facts.affiliateCode),
    line_items: [],
    holds: [],
  }),
};

export const membershipData: Record<WhopGeneration, (facts: MembershipFacts) => Json> = {
  v2: (facts) => ({
    id: facts.membershipId,
    ...expandedRelations(facts),
    ...legacyMembership(facts),
  }),
  v5: (facts) => ({
    id: facts.membershipId,
    ...flatRelations(facts),
    ...legacyMembership(facts),
  }),
  v1: (facts) => ({
    id: facts.membershipId,
    ...v1Membership(facts),
    ...nestedRelations(facts),
    ...checkout(facts),
  }),
  'v1-pinned': (facts) => ({
    id: facts.membershipId,
    ...v1Membership(facts),
    ...flatRelations(facts),
    account_id: facts.creatorId,
    user: userOf(facts, { email: facts.email ?? null, profile_picture: null }),
    checkout_configuration_id: null,
    ...named('affiliate_code', facts.affiliateCode),
  }),
};

function legacyPayment(facts: PaymentFacts): Json {
  const paid = facts.status === 'succeeded';
  return {
    status: paid ? 'paid' : 'open',
    subtotal: wireNumber(facts.amount),
    final_amount: wireNumber(facts.amount),
    ...named('currency', facts.currency),
    created_at: facts.createdAt,
    paid_at: facts.paidAt ?? null,
    refunded_at: null,
    refunded_amount: 0,
    last_payment_attempt: facts.paidAt ?? facts.createdAt,
    payments_failed: paid ? 0 : 1,
    card_brand: 'visa',
    card_last_4: '4242',
  };
}

function legacyMembership(facts: MembershipFacts): Json {
  const valid = facts.status === 'activated';
  return {
    page_id: facts.creatorId,
    created_at: facts.createdAt,
    expires_at: null,
    quantity: 1,
    status: valid ? 'active' : 'canceled',
    valid,
    cancel_at_period_end: false,
    license_key: null,
    metadata: codeMetadata(facts),
    marketplace: false,
    ...named('affiliate_code', facts.affiliateCode),
    affiliate_username: facts.affiliateUsername ?? null,
  };
}

function v1Membership(facts: MembershipFacts): Json {
  return {
    status: facts.status === 'activated' ? 'active' : 'canceled',
    created_at: iso(facts.createdAt),
    updated_at: iso(facts.joinedAt ?? facts.createdAt),
    joined_at: isoOrNull(facts.joinedAt),
    canceled_at: null,
    cancel_at_period_end: false,
    payment_collection_paused: false,
    metadata: codeMetadata(facts),
    promo_code: null,
    custom_field_responses: [],
  };
}

function v1Money(facts: PaymentFacts): Json {
  const amount = wireNumber(facts.amount);
  return {
    ...named('currency', facts.currency),
    total: amount,
    subtotal: amount,
    amount_after_fees: amount,
    usd_total: facts.currency === 'usd' ? amount : null,
    refunded_amount: 0,
    tax_amount: null,
  };
}

function pinnedMoney(facts: PaymentFacts): Json {
  const { amount, currency } = facts;
  const decimals = currency !== undefined && isCurrency(currency) ? exponentOf(currency) : 2;
  const money = {
    amount: padded(amount, decimals),
    ...named('currency', currency),
    decimals,
    display_decimals: decimals,
  };
  return {
    ...named('currency', facts.currency),
    total: money,
    subtotal: money,
    amount_after_fees: money,
    usd_total: null,
    refunded_amount: null,
    tax_amount: null,
  };
}

function expandedRelations(facts: PersonFacts): Json {
  return {
    page_id: facts.creatorId,
    product: { id: productOf(facts), title: 'Community', visibility: 'visible' },
    plan: { id: planOf(facts), plan_type: 'renewal', renewal_price: '49.99', metadata: {} },
    user: userOf(facts, { email: facts.email ?? null, profile_pic_url: null }),
    access_pass: { id: productOf(facts), title: 'Community' },
  };
}

function nestedRelations(facts: PersonFacts): Json {
  return {
    company: { id: facts.creatorId, title: 'Community', route: 'community' },
    product: { id: productOf(facts), title: 'Community', route: 'community', metadata: {} },
    plan: { id: planOf(facts), metadata: {}, internal_notes: null },
    user: userOf(facts, { email: facts.email ?? null }),
    member: facts.userId === undefined ? null : { id: memberOf(facts.userId), phone: null },
  };
}

function flatRelations(facts: PersonFacts): Json {
  return {
    product_id: productOf(facts),
    plan_id: planOf(facts),
    user_id: facts.userId ?? null,
    member_id: facts.userId === undefined ? null : memberOf(facts.userId),
  };
}

function userOf(facts: PersonFacts, rest: Json): Json | null {
  if (facts.userId === undefined) return null;
  return {
    id: facts.userId,
    name: facts.name ?? null,
    username: facts.username ?? null,
    ...rest,
  };
}

const codeMetadata = (facts: ClaimFacts): Json => named('referral_code', facts.referralCode);

function checkout(facts: ClaimFacts): Json {
  if (facts.affiliateCode === undefined) return { checkout_configuration_id: null };
  const id = `ch_${nameOf(facts.affiliateCode)}`;
  return {
    checkout_configuration_id: id,
    checkout_configuration: { id, affiliate_code: facts.affiliateCode },
  };
}

const cardOf = (facts: PaymentFacts): Json => ({
  id: `payt_${nameOf(facts.paymentId)}`,
  created_at: iso(facts.createdAt),
  payment_method_type: 'card',
  card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2030 },
});

const productOf = (facts: PersonFacts): string => `prod_${nameOf(`${facts.creatorId} product`)}`;
const planOf = (facts: PersonFacts): string => `plan_${nameOf(`${facts.creatorId} plan`)}`;
const memberOf = (userId: string): string => `mber_${nameOf(userId)}`;

/** Fourteen letters that stand for the text, as Whop's ids look; the same text, the same name. */
export const nameOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 14);

/** The field, or nothing where there is no value. */
const named = (key: string, value: string | undefined): Json =>
  value === undefined ? {} : { [key]: value };

/** These generations write amounts as JSON numbers; whoever reads them takes the shortest decimal. */
const wireNumber = (decimal: string): number => Number(decimal);

/** With the currency's decimals, as Money objects write them: "10" is "10.00". */
function padded(decimal: string, decimals: number): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  return decimals === 0 && fraction === '' ? whole : `${whole}.${fraction.padEnd(decimals, '0')}`;
}

export const iso = (at: Instant): string => new Date(at * 1000).toISOString();
const isoOrNull = (at: Instant | null | undefined): string | null =>
  at === null || at === undefined ? null : iso(at);
