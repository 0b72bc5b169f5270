/**
 * What must come of each planted case, worked out by hand from the rules of meaning and written
 * down: nothing here is computed from the stories. Months are New York's, amounts minor units.
 */
import type { TopTenName } from './people.js';
import { plantedCases } from './planted-cases.js';

/** Sale, member share, creator share, platform share. */
export type ExpectedShares = readonly [number, number, number, number];

export interface ExpectedPayment {
  /** Index among the payments of the case. */
  readonly index: number;
  readonly month: string;
  readonly kind: 'initial' | 'recurring';
  readonly organic: boolean;
  readonly currency: string;
  readonly shares: ExpectedShares;
  readonly reversals: readonly { readonly month: string; readonly shares: ExpectedShares }[];
}

export interface CaseExpectation {
  readonly id: string;
  /** Null: no such member comes into being. */
  readonly member: {
    /** `host`: the member of `thirds-that-do-not-divide`; null: organic. */
    readonly referrer: TopTenName | 'host' | null;
    readonly signedUpIn: string;
    /** Month in which the referral counts; null: it does not. */
    readonly convertedIn: string | null;
  } | null;
  /** Those that are in the books, in order of time. */
  readonly payments: readonly ExpectedPayment[];
  /** Deliveries that stay so. */
  readonly unresolved?: 'parked' | 'quarantined';
  /** A delivery contradicts another, and is recorded as such. */
  readonly conflict?: true;
}

export const caseExpectations: readonly CaseExpectation[] = [
  {
    id: 'sign-up-and-payment-in-different-months',
    member: { referrer: 'Diane Sanchez', signedUpIn: '2025-01', convertedIn: '2025-02' },
    payments: [initial('2025-02', [4999, 500, 3499, 1000])],
  },
  {
    id: 'last-minutes-of-september',
    member: { referrer: 'Nicole King', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [initial('2025-09', [4999, 500, 3499, 1000])],
  },
  {
    id: 'duplicate-delivery',
    member: { referrer: 'Kevin Gonzalez', signedUpIn: '2025-10', convertedIn: '2025-10' },
    payments: [initial('2025-10', [5900, 590, 4130, 1180])],
  },
  {
    id: 'earlier-payment-arrives-later',
    member: { referrer: 'Kevin Gonzalez', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [
      initial('2025-09', [2900, 290, 2030, 580]),
      recurring(1, '2025-10', [7900, 790, 5530, 1580]),
    ],
  },
  {
    id: 'attribution-arrives-after-the-payment',
    member: { referrer: 'Diane Sanchez', signedUpIn: '2025-10', convertedIn: '2025-10' },
    payments: [initial('2025-10', [9900, 990, 6930, 1980])],
  },
  {
    // 333.3 + 2333.1 + 666.6; 1000.1 + 7000.7 + 2000.2; 100.5 + 703.5 + 201: the member comes first.
    id: 'thirds-that-do-not-divide',
    member: { referrer: 'Nancy Davis', signedUpIn: '2025-08', convertedIn: '2025-08' },
    payments: [
      initial('2025-08', [3333, 333, 2333, 667]),
      recurring(1, '2025-08', [10001, 1000, 7001, 2000]),
      recurring(2, '2025-08', [1005, 101, 703, 201]),
    ],
  },
  {
    id: 'failed-payment',
    member: { referrer: 'Carolyn Rodriguez', signedUpIn: '2025-10', convertedIn: null },
    payments: [],
  },
  {
    id: 'failed-then-succeeded',
    member: { referrer: 'Paul Martin', signedUpIn: '2025-10', convertedIn: '2025-10' },
    payments: [initial('2025-10', [2900, 290, 2030, 580])],
  },
  {
    id: 'free-trial',
    member: { referrer: 'Nicole King', signedUpIn: '2025-10', convertedIn: '2025-10' },
    payments: [{ ...initial('2025-10', [2900, 290, 2030, 580]), index: 1 }],
  },
  {
    id: 'unknown-code',
    member: { referrer: null, signedUpIn: '2025-08', convertedIn: null },
    payments: [organic(initial('2025-08', [3900, 0, 3900, 0]))],
  },
  {
    id: 'named-by-username',
    member: { referrer: 'Dorothy Young', signedUpIn: '2025-06', convertedIn: '2025-06' },
    payments: [initial('2025-06', [4999, 500, 3499, 1000])],
  },
  {
    id: 'makes-no-sense',
    member: { referrer: null, signedUpIn: '2025-10', convertedIn: null },
    payments: [],
    unresolved: 'quarantined',
  },
  {
    id: 'refunded-in-a-later-month',
    member: { referrer: 'host', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [
      reversed(initial('2025-09', [5900, 590, 4130, 1180]), '2025-10', [5900, 590, 4130, 1180]),
    ],
  },
  {
    id: 'refund-arrives-before-its-payment',
    member: { referrer: 'host', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [
      reversed(initial('2025-09', [7900, 790, 5530, 1580]), '2025-09', [2000, 200, 1400, 400]),
    ],
  },
  {
    id: 'refund-that-fails',
    member: { referrer: 'host', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [initial('2025-09', [3900, 390, 2730, 780])],
  },
  {
    id: 'dispute-lost',
    member: { referrer: 'host', signedUpIn: '2025-08', convertedIn: '2025-08' },
    payments: [
      reversed(initial('2025-08', [4999, 500, 3499, 1000]), '2025-08', [4999, 500, 3499, 1000]),
    ],
  },
  {
    id: 'dispute-won',
    member: { referrer: 'host', signedUpIn: '2025-08', convertedIn: '2025-08' },
    payments: [initial('2025-08', [4999, 500, 3499, 1000])],
  },
  {
    id: 'in-euros',
    member: { referrer: 'host', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [{ ...initial('2025-09', [4900, 490, 3430, 980]), currency: 'eur' }],
  },
  {
    id: 'in-yen',
    member: { referrer: null, signedUpIn: '2025-10', convertedIn: null },
    payments: [{ ...organic(initial('2025-10', [4900, 0, 4900, 0])), currency: 'jpy' }],
  },
  {
    id: 'person-known-later',
    member: { referrer: 'host', signedUpIn: '2025-09', convertedIn: '2025-09' },
    payments: [initial('2025-09', [2900, 290, 2030, 580])],
  },
  { id: 'nobody-knows-whose', member: null, payments: [], unresolved: 'parked' },
  {
    id: 'contradiction',
    member: { referrer: null, signedUpIn: '2025-10', convertedIn: null },
    payments: [organic(initial('2025-10', [3900, 0, 3900, 0]))],
    conflict: true,
  },
  {
    id: 'names-itself',
    member: { referrer: null, signedUpIn: '2025-09', convertedIn: null },
    payments: [organic(initial('2025-09', [2900, 0, 2900, 0]))],
  },
  {
    id: 'claim-after-the-first-payment',
    member: { referrer: null, signedUpIn: '2025-07', convertedIn: null },
    payments: [
      organic(initial('2025-07', [2900, 0, 2900, 0])),
      organic(recurring(1, '2025-08', [2900, 0, 2900, 0])),
    ],
  },
];

/** What the host earns by those who name it: seven referrals, of which two come to nothing. */
export const hostExpectations = {
  userId: caseOf('thirds-that-do-not-divide').userId,
  totalReferrals: 7,
  months: [
    // The lost dispute takes back, in August, what August brought; the won one stays.
    { month: '2025-08', currency: 'usd', referrals: 2, reversed: 1, earningsMinor: 500 },
    // 590 + (790 - 200) + 390 + 290
    { month: '2025-09', currency: 'usd', referrals: 5, reversed: 0, earningsMinor: 1860 },
    { month: '2025-09', currency: 'eur', referrals: 5, reversed: 0, earningsMinor: 490 },
    // Nothing but the refund of September's sale: net earnings may be negative.
    { month: '2025-10', currency: 'usd', referrals: 0, reversed: 1, earningsMinor: -590 },
  ],
} as const;

/** All that is taken back in the demo, by the month of the refund or dispute, in US dollars. */
export const refundExpectations = [
  { month: '2025-08', refundsMinor: 4999 },
  { month: '2025-09', refundsMinor: 2000 },
  { month: '2025-10', refundsMinor: 5900 },
] as const;

function initial(month: string, shares: ExpectedShares): ExpectedPayment {
  const base = { index: 0, kind: 'initial', organic: false, currency: 'usd' } as const;
  return { ...base, month, shares, reversals: [] };
}

function recurring(index: number, month: string, shares: ExpectedShares): ExpectedPayment {
  return { ...initial(month, shares), index, kind: 'recurring' };
}

function organic(payment: ExpectedPayment): ExpectedPayment {
  return { ...payment, organic: true };
}

function reversed(
  payment: ExpectedPayment,
  month: string,
  shares: ExpectedShares,
): ExpectedPayment {
  return { ...payment, reversals: [{ month, shares }] };
}

function caseOf(id: string) {
  const found = plantedCases.find((planted) => planted.id === id);
  if (found === undefined) throw new RangeError(`no planted case is called ${id}`);
  return found;
}
