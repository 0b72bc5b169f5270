import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { AnyEvent } from '#libs/ledger';

/** Every type of the catalogue: the compiler refuses one too few or one too many. */
const CATALOGUE: Record<AnyEvent['type'], true> = {
  PaymentReceived: true,
  PaymentFailed: true,
  PaymentDetailsLearned: true,
  MembershipActivated: true,
  MembershipDeactivated: true,
  MembershipDetailsLearned: true,
  RefundTold: true,
  DisputeTold: true,
  ClaimResolved: true,
  CommissionRestated: true,
  ConflictFound: true,
  ReferralCodeAssigned: true,
  TierPinned: true,
  ReferrerCorrected: true,
  PersonalDataErased: true,
  MembershipAssigned: true,
  ReferralCodeReserved: true,
  CreatorRegistered: true,
  FirstFactStored: true,
  RatesSet: true,
  TimeZoneSet: true,
  TiersSet: true,
  GraceSet: true,
  CurrencySet: true,
  SnapshotPage: true,
  MonthClosed: true,
  MonthRestated: true,
  ReplayPromoted: true,
};

describe('the golden vectors of the canonical form', () => {
  it('hold an example of every event of the catalogue', () => {
    const file = '../../libs/event-store/src/canonical.golden.json';
    const vectors = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as {
      event: { type: string };
    }[];
    const covered = new Set(vectors.map(({ event }) => event.type));
    expect([...covered].sort()).toEqual(Object.keys(CATALOGUE).sort());
  });
});
