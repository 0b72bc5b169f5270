/** Payment webhooks as Whop sends them (v1), of members of a hundred communities, each one distinct. */
import { type PaymentFacts, renderPayment, signRendered } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { requestBytes } from './client.js';

const CREATORS = 100;
const MEMBERS = 20_000;
const BASE = Date.UTC(2026, 0, 1) / 1_000;
const PRICES = ['9.00', '19.00', '29.99', '49.00', '99.00'] as const;

export interface PaymentsAsked {
  readonly url: string;
  readonly secret: string;
  /** Unix seconds of the attempt, which is signed. */
  readonly timestamp: number;
  /** Number of the first payment: the same number is the same payment. */
  readonly from: number;
  readonly count: number;
}

/** Whole requests, rendered and signed. */
export function paymentRequests({ from, count, ...how }: PaymentsAsked): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const rendered = renderPayment('v1', paymentFacts(from + i));
    const { body, headers } = signRendered(rendered, how);
    return requestBytes('POST', how.url, headers, body);
  });
}

const id = (prefix: string, n: number): string =>
  `${prefix}_${(n + 0x10_0000).toString(36)}${((n * 2_654_435_761) % 2 ** 32).toString(36)}bench`;

/** Members pay again and again, in no order; three in five of them were referred by another one. */
export function paymentFacts(n: number): PaymentFacts {
  const member = (n * 7_919) % MEMBERS;
  const creator = member % CREATORS;
  const referrer = (member * 31 + creator) % MEMBERS;
  const ofSameCreator = referrer - (referrer % CREATORS) + creator;
  const creatorId = id('biz', creator);
  const referred = member % 5 < 3 && ofSameCreator !== member;
  const paidAt = BASE + ((n * 48_271) % (200 * 86_400));
  return {
    creatorId,
    userId: id('user', member),
    membershipId: id('mem', member),
    name: `Member ${member}`,
    username: `member${member}`,
    email: `member${member}@example.com`,
    paymentId: id('pay', n),
    status: 'succeeded',
    amount: PRICES[member % PRICES.length] ?? '9.00',
    currency: 'usd',
    paidAt,
    createdAt: paidAt - 2,
    billingReason: n < MEMBERS ? 'subscription_create' : 'subscription_cycle',
    ...(referred && { referralCode: drawCode(creatorId, id('user', ofSameCreator), 0) }),
  };
}
