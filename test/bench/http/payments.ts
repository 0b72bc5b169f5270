/** Payment webhooks as Whop sends them (v1), of members of a hundred communities, each one distinct. */
import { type PaymentFacts, renderPayment, signRendered } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { requestBytes } from './client.js';

const CREATORS = 100;
/** The first so many payments make as many members: to be sent before anything is measured. */
export const FOUNDERS = 20_000;
/** Of later payments one in ten is of somebody new, the others are of a founder. */
const NEWCOMER_EVERY = 10;
const BASE = Date.UTC(2026, 0, 1) / 1_000;
/** Seconds between two payments: time runs as they are sent. */
const STEP = 40;
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
  `${prefix}_${(n + 0x10_0000).toString(36)}${scrambled(n, 2 ** 32).toString(36)}bench`;

/** Three in five members were referred by one who came before them, and every payment says so. */
export function paymentFacts(n: number): PaymentFacts {
  const member = memberOf(n);
  const creator = member % CREATORS;
  const creatorId = id('biz', creator);
  const earlier = scrambled(member, Math.floor(member / CREATORS)) * CREATORS + creator;
  const referred = member >= CREATORS && member % 5 < 3;
  const paidAt = BASE + n * STEP;
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
    billingReason: n === member ? 'subscription_create' : 'subscription_cycle',
    ...(referred && { referralCode: drawCode(creatorId, id('user', earlier), 0) }),
  };
}

function memberOf(n: number): number {
  if (n < FOUNDERS || n % NEWCOMER_EVERY === 0) return n;
  return scrambled(n, FOUNDERS);
}

/** Below `below`, a function of `n` in no visible order. */
const scrambled = (n: number, below: number): number => ((n * 2_654_435_761) % 2 ** 32) % below;
