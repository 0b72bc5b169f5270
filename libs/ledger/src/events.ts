/**
 * The catalogue: every event the ledger can hold, one sentence each, in the shape in which it is
 * stored. Event data holds only strings, safe integers, booleans, null and arrays; amounts are
 * strings of minor units; no name, email or username ever enters (docs/architecture.md, section 2).
 *
 * `effectiveAt` is a header of every event (whole unix seconds): a payment's paidAt, a membership's
 * joinedAt, the instant from which a setting is in force. Stored shapes never change: a new meaning
 * is a new type or an upcaster (upcasters.ts).
 */
import type { ReversalState } from './reversals.js';
import type { StoredSnapshotLine } from './snapshot-lines.js';
import type {
  PaymentOwnLine,
  RestatedLine,
  ReversalOwnLine,
  SignUpOwnLine,
} from './stored-lines.js';
import type { Instant } from './values/clock.js';

/** `[slot, key]`, in the order in which claims of one fact are tried: 1 metadata code, 2 membership metadata code, 3 affiliate code, 4 that code as a username, 5 legacy affiliate username. */
export type StoredClaim = readonly [slot: ClaimSlot, key: string];
export type ClaimSlot = 1 | 2 | 3 | 4 | 5;

interface Stamp {
  /** Local day `YYYY-MM-DD` of the event's time on the creator's calendar; its first 7 letters are the month. */
  readonly day: string;
  readonly timeZone: string;
}

interface Told {
  readonly claims?: readonly StoredClaim[];
  /** Keyed hash of the person's username, where a telling carried one. */
  readonly username?: string;
}

interface Event<T extends string, D> {
  readonly type: T;
  readonly effectiveAt: Instant;
  readonly data: D;
}

// member-<creator>.<user>

/** A payment succeeded; carries the lines that it adds itself. */
export type PaymentReceived = Event<
  'PaymentReceived',
  Stamp &
    Told & {
      readonly payment: string;
      readonly amountMinor: string;
      readonly currency: string;
      /** No telling has named the currency yet: it is the creator's setting. */
      readonly currencyAssumed?: true;
      readonly membership?: string;
      readonly billingReason?: string;
      readonly lines: readonly PaymentOwnLine[];
    }
>;

/** A payment was tried and failed; moves no figure. */
export type PaymentFailed = Event<
  'PaymentFailed',
  Told & {
    readonly payment: string;
    readonly membership?: string;
    readonly billingReason?: string;
    readonly currency?: string;
  }
>;

/** A later telling of a known payment added what was missing. */
export type PaymentDetailsLearned = Event<
  'PaymentDetailsLearned',
  Told & {
    readonly payment: string;
    readonly membership?: string;
    readonly billingReason?: string;
    /** Together: the currency was assumed and is now told; the amount in its minor units. */
    readonly currency?: string;
    readonly amountMinor?: string;
  }
>;

interface MembershipData extends Stamp, Told {
  readonly membership: string;
  readonly joinedAt?: Instant;
  readonly createdAt?: Instant;
  readonly lines: readonly SignUpOwnLine[];
}
/** A membership became valid. */
export type MembershipActivated = Event<'MembershipActivated', MembershipData>;
/** A membership stopped being valid; moves no figure but may be the first we hear of it. */
export type MembershipDeactivated = Event<'MembershipDeactivated', MembershipData>;

/** A later telling of a known membership added what was missing. */
export type MembershipDetailsLearned = Event<
  'MembershipDetailsLearned',
  Told & {
    readonly membership: string;
    readonly joinedAt?: Instant;
    readonly createdAt?: Instant;
  }
>;

interface ReversalData extends Stamp {
  readonly payment: string;
  /** The highest of those told, by rank. */
  readonly state: ReversalState;
  readonly amountMinor: string;
  readonly currency: string;
  /** No telling has named the currency yet: it is that of the sale. */
  readonly currencyAssumed?: true;
  readonly originalMinor?: string;
  readonly originalCurrency?: string;
  /** Absent: the event's time is the earliest envelope time told. */
  readonly createdAt?: Instant;
  readonly lines: readonly ReversalOwnLine[];
}
/** A telling added to what is known of a refund; the event says all that is known of it. */
export type RefundTold = Event<'RefundTold', ReversalData & { readonly refund: string }>;
/** A telling added to what is known of a dispute; the event says all that is known of it. */
export type DisputeTold = Event<'DisputeTold', ReversalData & { readonly dispute: string }>;

/** A claim's key (code or username) is known to name a member of the same creator; replaces what was known of that key. */
export type ClaimResolved = Event<
  'ClaimResolved',
  { readonly key: string; readonly member: string | null; readonly notBefore?: Instant }
>;

/** What a later fact changed about earlier ones, as signed lines; at most 200 an event. */
export type CommissionRestated = Event<
  'CommissionRestated',
  { readonly because: string; readonly lines: readonly RestatedLine[] }
>;

/** A telling contradicted the first of its fact and changed nothing. */
export type ConflictFound = Event<
  'ConflictFound',
  { readonly fact: string; readonly field: string; readonly first: string; readonly told: string }
>;

/** The member's current referral code. */
export type ReferralCodeAssigned = Event<'ReferralCodeAssigned', { readonly code: string }>;

/** An admin pinned the member's tier from then on, or (null) left it to the thresholds again. The reason is the admin's free text and must name no person. */
export type TierPinned = Event<
  'TierPinned',
  { readonly tier: string | null; readonly reason: string }
>;

/** An admin says who referred the member, or (null) that nobody did: above every claim, for all payments; the latest stands. */
export type ReferrerCorrected = Event<
  'ReferrerCorrected',
  { readonly referrer: string | null; readonly reason: string }
>;

/** The person's words were erased from wherever they lay, and are never kept again; moves no figure. */
export type PersonalDataErased = Event<'PersonalDataErased', Record<string, never>>;

// membership-<id>

/** An admin says whose membership it is, where no delivery does; for ever. */
export type MembershipAssigned = Event<
  'MembershipAssigned',
  { readonly creator: string; readonly member: string; readonly reason: string }
>;

// code-<referral code>

/** A referral code belongs to this member, for ever. `vanity` codes resolve only claims dated after it. */
export type ReferralCodeReserved = Event<
  'ReferralCodeReserved',
  { readonly creator: string; readonly member: string; readonly vanity?: true }
>;

// creator-<id>

/** A creator is known; the configured defaults of that day are theirs from the beginning. */
export type CreatorRegistered = Event<
  'CreatorRegistered',
  { readonly timeZone: string; readonly graceHours: number; readonly currency: string }
>;
/** The first fact of any kind was stored: settings can no longer apply to the past. */
export type FirstFactStored = Event<'FirstFactStored', Record<string, never>>;
export type RatesSet = Event<
  'RatesSet',
  { readonly memberBps: number; readonly creatorBps: number; readonly platformBps: number }
>;
/** `fromMonth` null: from the beginning. effectiveAt is the first instant of that month in the new zone. */
export type TimeZoneSet = Event<
  'TimeZoneSet',
  { readonly timeZone: string; readonly fromMonth: string | null }
>;
export type TiersSet = Event<
  'TiersSet',
  { readonly tiers: readonly (readonly [name: string, from: number])[] }
>;
export type GraceSet = Event<'GraceSet', { readonly graceHours: number }>;
export type CurrencySet = Event<'CurrencySet', { readonly currency: string }>;

// snapshot-<creator>_<month>_v<n>_<of what it holds>

/** Some lines of a snapshot; they mean nothing until a seal names their stream. */
export type SnapshotPage = Event<
  'SnapshotPage',
  { readonly page: number; readonly lines: readonly StoredSnapshotLine[] }
>;

// months-<creator>

/** What a seal says of a snapshot: enough to find it, to prove it and to read its sums. */
export interface SealData {
  readonly month: string;
  readonly version: number;
  /** Stream of the pages, how many there are, and how many lines they hold. */
  readonly snapshot: string;
  readonly pages: number;
  readonly lines: number;
  /** SHA-256 of the canonical lines, in hex. */
  readonly digest: string;
  /** Every event up to it is in the figures, none after it. */
  readonly position: string;
  /** The month is `[from, to)` in this zone, by this version of the time-zone database. */
  readonly from: Instant;
  readonly to: Instant;
  readonly timeZone: string;
  readonly tzVersion: string;
  readonly totals: StoredTotals;
}

/** Of the whole snapshot; amounts as in its lines. */
export interface StoredTotals {
  readonly members: string;
  readonly totalReferrals: string;
  /** The month's own and the carried ones: `[origin month, currency, …]`. */
  readonly creator: readonly (readonly string[])[];
  /** Of all members together, likewise. */
  readonly referrers: readonly (readonly string[])[];
}

/** A month is closed: its snapshot is sealed, what is learned later is carried by later closes. */
export type MonthClosed = Event<
  'MonthClosed',
  SealData & {
    /** Closed before its grace was over, or before it had ended. */
    readonly forced?: true;
    readonly reason?: string;
  }
>;
/** A closed month is stated anew, from the version whose digest is named; that version stays readable. */
export type MonthRestated = Event<
  'MonthRestated',
  SealData & { readonly replaces: string; readonly reason: string }
>;

// replay-<id>

/** Read models that were built from the log again took the place of those that served; says nothing of money. */
export type ReplayPromoted = Event<
  'ReplayPromoted',
  {
    /** Rebuilt from the log; absent: all. The others were copied. */
    readonly projections?: readonly string[];
    /** At which the tables were compared; absent: there were none to compare with. */
    readonly position?: string;
    /** Of the difference that was seen, as hex. */
    readonly differenceHash?: string;
    /** Tables that differed, and in how many rows: those that the live table lacked, had too many, had with other values. */
    readonly tables: readonly (readonly [
      table: string,
      missing: string,
      extra: string,
      changed: string,
    ])[];
    readonly reason: string;
  }
>;

export type MemberEvent =
  | PaymentReceived
  | PaymentFailed
  | PaymentDetailsLearned
  | MembershipActivated
  | MembershipDeactivated
  | MembershipDetailsLearned
  | RefundTold
  | DisputeTold
  | ClaimResolved
  | CommissionRestated
  | ConflictFound
  | ReferralCodeAssigned
  | TierPinned
  | ReferrerCorrected
  | PersonalDataErased;
export type MembershipEvent = MembershipAssigned;
export type CodeEvent = ReferralCodeReserved;
export type CreatorEvent =
  | CreatorRegistered
  | FirstFactStored
  | RatesSet
  | TimeZoneSet
  | TiersSet
  | GraceSet
  | CurrencySet;
export type MonthsEvent = MonthClosed | MonthRestated;
export type ReplayEvent = ReplayPromoted;
export type AnyEvent =
  | MemberEvent
  | MembershipEvent
  | CodeEvent
  | CreatorEvent
  | SnapshotPage
  | MonthsEvent
  | ReplayEvent;

/** An event as it was recorded; `subject` is what its stream is about. */
export type LedgerEvent = AnyEvent & {
  readonly position: bigint;
  readonly stream: string;
};
