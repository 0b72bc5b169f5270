/** The types of events, sorted by what they are about, as one chooses among them. */
import type { EventType } from '../../api/event-reads.js';

type Group = 'Payments' | 'People' | 'Settings' | 'Months' | 'The ledger';

/** Every type that the interface knows: one that is missing here does not compile. */
const GROUPS: Readonly<Record<EventType, Group>> = {
  PaymentReceived: 'Payments',
  PaymentFailed: 'Payments',
  PaymentDetailsLearned: 'Payments',
  RefundTold: 'Payments',
  DisputeTold: 'Payments',
  CommissionRestated: 'Payments',
  ConflictFound: 'Payments',
  MembershipActivated: 'People',
  MembershipDeactivated: 'People',
  MembershipDetailsLearned: 'People',
  MembershipAssigned: 'People',
  ClaimResolved: 'People',
  ReferralCodeAssigned: 'People',
  ReferralCodeReserved: 'People',
  ReferrerCorrected: 'People',
  TierPinned: 'People',
  PersonalDataErased: 'People',
  CreatorRegistered: 'Settings',
  FirstFactStored: 'Settings',
  RatesSet: 'Settings',
  TimeZoneSet: 'Settings',
  TiersSet: 'Settings',
  GraceSet: 'Settings',
  CurrencySet: 'Settings',
  MonthClosed: 'Months',
  MonthRestated: 'Months',
  SnapshotPage: 'Months',
  ReplayPromoted: 'The ledger',
};

const entries = Object.entries(GROUPS);

export const TYPE_CHOICES = [...new Set(Object.values(GROUPS))].map((group) => ({
  group,
  items: entries.filter(([, of]) => of === group).map(([type]) => type),
}));

/** What somebody may have meant, in any letters; undefined: no type is called so. */
export const typeNamed = (text: string): EventType | undefined =>
  entries
    .map(([type]) => type as EventType)
    .find((type) => type.toLowerCase() === text.toLowerCase());
