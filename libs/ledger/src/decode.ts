/** From a stored event to the ledger's: the one place where generic JSON becomes a member of the catalogue. */
import type { LedgerEvent } from './events.js';
import { DomainError } from './values/domain-error.js';

const TYPES: Readonly<Record<LedgerEvent['type'], true>> = {
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

/** Every event type of the catalogue. */
export const eventTypes = Object.keys(TYPES) as readonly LedgerEvent['type'][];

/** Takes an event in today's shape (see upcasters.ts). Throws `event_unknown` for a type that this build does not know: it must not guess. */
export function ledgerEventOf(stored: {
  readonly type: string;
  readonly position: bigint;
  readonly stream: string;
  readonly effectiveAt: number;
  readonly data: unknown;
}): LedgerEvent {
  if (!Object.hasOwn(TYPES, stored.type)) {
    throw new DomainError('event_unknown', `no event of the catalogue is called ${stored.type}`);
  }
  return stored as LedgerEvent;
}
