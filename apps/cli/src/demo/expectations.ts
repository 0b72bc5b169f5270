/** What the demo must come out with, for whoever loads it to compare with what the ledger says. */
import type { Instant } from '#libs/ledger';
import { newYork } from './calendar.js';
import { type CaseExpectation, caseExpectations } from './case-expectations.js';
import { fullOctober, topReferrers } from './cast.js';
import type { DemoScale } from './deliveries.js';
import { personOf } from './people.js';
import { demoPins } from './pins.js';
import { demoSettings } from './settings.js';

export interface DemoExpectations {
  readonly creatorId: string;
  readonly month: string;
  /** First instant of the month after: what is pinned from then on is not in force in the month. */
  readonly monthEndsAt: Instant;
  /** Those before it, which are closed once all is loaded. */
  readonly closedMonths: readonly string[];
  /** The top ten of the month, in order. */
  readonly topReferrers: readonly ExpectedReferrer[];
  /** Conversions of the month, all members together; all are the top ten's. */
  readonly conversions: number;
  /** Totals at the end of September, by member id. */
  readonly septemberTotals: Readonly<Record<string, number>>;
  /** Members that come into being. */
  readonly members: number;
  /** Deliveries sent, repeated ones included. */
  readonly deliveries: number;
  /** What must come of each planted case; the same for every scale and seed. */
  readonly cases: readonly CaseExpectation[];
  /** Deliveries that stay so, and those that contradict another. */
  readonly unresolved: { readonly parked: number; readonly quarantined: number };
  readonly conflicts: number;
  /** The creator's payments of the month, organic and referred, in US dollars; given for `full`. */
  readonly payments?: typeof fullOctober;
}

export interface ExpectedReferrer {
  readonly rank: number;
  readonly memberId: string;
  readonly name: string;
  readonly totalReferrals: number;
  readonly monthlyReferrals: number;
  readonly monthlyEarningsMinor: bigint;
  readonly currency: 'usd';
  /** By the default thresholds. */
  readonly tierByThreshold: string;
  /** With what an admin pins (pins.ts). */
  readonly tier: string;
}

const defaultTiers = [
  ['Platinum', 100],
  ['Gold', 25],
  ['Silver', 10],
  ['Bronze', 5],
] as const;

const sizes: Readonly<Record<DemoScale, { members: number; deliveries: number }>> = {
  small: { members: 735, deliveries: 3_877 },
  full: { members: 3_272, deliveries: 13_920 },
  '100k': { members: 100_000, deliveries: 447_376 },
};

/** What a load of this scale must come out with; the table is the same for every scale and seed. */
export function demoExpectations(scale: DemoScale): DemoExpectations {
  const totals = topReferrers.map(({ number, totalReferrals, octoberReferrals }) => [
    personOf(number).userId,
    totalReferrals - octoberReferrals,
  ]);
  return {
    creatorId: demoSettings.creatorId,
    month: '2025-10',
    monthEndsAt: newYork(11, 1),
    closedMonths: Array.from({ length: 9 }, (_, n) => `2025-0${n + 1}`),
    topReferrers: topReferrers.map((referrer, index) => {
      const tierByThreshold = tierOf(referrer.totalReferrals);
      const pin = demoPins.find(({ person }) => person.number === referrer.number);
      return {
        rank: index + 1,
        memberId: personOf(referrer.number).userId,
        name: referrer.name,
        totalReferrals: referrer.totalReferrals,
        monthlyReferrals: referrer.octoberReferrals,
        monthlyEarningsMinor: referrer.octoberEarningsMinor,
        currency: 'usd',
        tierByThreshold,
        tier: pin?.tier ?? tierByThreshold,
      };
    }),
    conversions: topReferrers.reduce((sum, { octoberReferrals }) => sum + octoberReferrals, 0),
    septemberTotals: Object.fromEntries(totals),
    cases: caseExpectations,
    unresolved: {
      parked: caseExpectations.filter(({ unresolved }) => unresolved === 'parked').length,
      quarantined: caseExpectations.filter(({ unresolved }) => unresolved === 'quarantined').length,
    },
    conflicts: caseExpectations.filter(({ conflict }) => conflict).length,
    ...sizes[scale],
    ...(scale === 'full' ? { payments: fullOctober } : {}),
  };
}

function tierOf(totalReferrals: number): string {
  return defaultTiers.find(([, from]) => totalReferrals >= from)?.[0] ?? 'Unranked';
}
