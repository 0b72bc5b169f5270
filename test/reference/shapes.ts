/**
 * What the reference model takes and gives: tellings and settings in, figures out.
 *
 * Plain data, no classes and nothing of the house's own types: whoever fills `Figures` from the
 * HTTP interface or from the read models cannot borrow an answer from the code under test.
 * Times that are told are unix milliseconds (fractions of a second included), times in settings
 * and figures are unix seconds. Amounts are bigint minor units.
 */

export type Kind = 'payment' | 'membership' | 'refund' | 'dispute';

export type Status =
  | 'succeeded'
  | 'failed'
  | 'activated'
  | 'deactivated'
  | 'pending'
  | 'requires_action'
  | 'canceled'
  | 'needs_response'
  | 'under_review'
  | 'warning_needs_response'
  | 'warning_closed'
  | 'closed'
  | 'lost'
  | 'won';

/** What one delivery says about one payment, membership, refund or dispute; a field that it does not name is absent. */
export interface Telling {
  readonly kind: Kind;
  /** `pay_…`, `mem_…`, `rf_…` or `dspt_…`: the business id that makes the fact. */
  readonly id: string;
  /** succeeded or failed of a payment, activated or deactivated of a membership, Whop's words of the others. */
  readonly status: Status;
  /** `pay_…`: of a refund or dispute, what it takes back. */
  readonly paymentId?: string;
  /** Of a refund: the same in another currency. */
  readonly original?: { readonly amount: string; readonly currency: string };
  /** Of a refund or dispute whose own time is not told: that of the envelope, unix milliseconds. */
  readonly toldAtMs?: number;
  /** Of a dispute: the card network has settled it. */
  readonly visaRdr?: boolean;
  /** `biz_…` */
  readonly creatorId?: string;
  /** `user_…` */
  readonly userId?: string;
  /** `mem_…`: of a payment, the membership it is for. A membership names itself by `id`. */
  readonly membershipId?: string;
  /** Unix milliseconds; of a payment. Always told by a succeeded one. */
  readonly paidAtMs?: number;
  /** Unix milliseconds; of a membership. */
  readonly joinedAtMs?: number;
  /** Unix milliseconds. */
  readonly createdAtMs?: number;
  /** Decimal in major units ("49.99", "10", "0"); of a payment. Always told by a succeeded one. */
  readonly amount?: string;
  /** Lower-case code; absent when the generation does not tell it. */
  readonly currency?: string;
  /** Recorded by the ledger and trusted by nobody. */
  readonly billingReason?: string;
  /** `metadata.referral_code` of the payment or membership, as told. */
  readonly metadataCode?: string;
  /** v2 payments only: `membership_metadata.referral_code`, as told. */
  readonly membershipMetadataCode?: string;
  /** `affiliate_code` of `data` or of `data.checkout_configuration`, as told. */
  readonly affiliateCode?: string;
  /** Legacy `affiliate_username`, as told. */
  readonly affiliateUsername?: string;
  /** The username of the paying or joining person, as told; only beside `userId`. */
  readonly username?: string;
}

export interface RatesFrom {
  /** Unix seconds from which they are in force; null: from the beginning. */
  readonly from: number | null;
  readonly memberBps: number;
  readonly creatorBps: number;
  readonly platformBps: number;
}

export interface TiersFrom {
  readonly from: number | null;
  readonly tiers: readonly { readonly name: string; readonly from: number }[];
}

export interface ZoneFrom {
  /** `YYYY-MM`: from the start of that month. */
  readonly fromMonth: string;
  readonly timeZone: string;
}

export interface CurrencyFrom {
  readonly from: number;
  readonly currency: string;
}

/** A creator's settings. What is absent is the default; of one instant the last in the list stands. */
export interface Settings {
  readonly creatorId: string;
  /** IANA zone, from the beginning. Default UTC. */
  readonly timeZone?: string;
  readonly zones?: readonly ZoneFrom[];
  /** From the beginning. Default usd. */
  readonly currency?: string;
  readonly currencies?: readonly CurrencyFrom[];
  /** In any order; before the first of them the default 10 / 70 / 20 %. */
  readonly rates?: readonly RatesFrom[];
  readonly tiers?: readonly TiersFrom[];
}

/** A member's referral code: XXXX-YYYY, injected so that the model shares no code with the ledger. */
export type CodeOf = (creatorId: string, userId: string) => string;

/**
 * Every figure of a ledger, as flat tables. Rows of *sums* tables (see `compare.ts`) that are zero
 * in every figure may be there or not.
 */
export interface Figures extends ReversalFigures {
  readonly creators: readonly CreatorRow[];
  readonly members: readonly MemberRow[];
  readonly referrals: readonly ReferralRow[];
  readonly payments: readonly PaymentRow[];
  readonly memberTotals: readonly MemberTotalRow[];
  readonly memberMonths: readonly MemberMonthRow[];
  readonly memberMonthEarnings: readonly MemberMonthEarningsRow[];
  readonly memberDayEarnings: readonly MemberDayEarningsRow[];
  readonly creatorMonths: readonly CreatorMonthRow[];
  readonly creatorMonthRevenue: readonly CreatorMonthRevenueRow[];
  readonly rankings: readonly RankingRow[];
  readonly parked: readonly ParkedRow[];
}

/** Key: creatorId. */
export interface CreatorRow {
  readonly creatorId: string;
  readonly timeZone: string;
  readonly currency: string;
}

/** Key: creatorId, memberId (`user_…`). Every person named by any fact, converted or not. */
export interface MemberRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly referralCode: string;
  /** Unix seconds; null while no fact tells (a member known by failed payments only). */
  readonly signedUpAt: number | null;
  readonly referrerId: string | null;
  readonly totalReferrals: number;
  /** As of now. Unranked below the first tier. */
  readonly tier: string;
}

/** Key: creatorId, memberId (the referred one). One row for each member with a referrer. */
export interface ReferralRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly referrerId: string;
  readonly signedUpAt: number | null;
  /** The first payment above zero and its month; null: not converted yet. */
  readonly convertedAt: number | null;
  readonly month: string | null;
  readonly paymentId: string | null;
}

/** Key: creatorId, paymentId. Succeeded payments above zero of known persons. */
export interface PaymentRow {
  readonly creatorId: string;
  readonly paymentId: string;
  readonly memberId: string;
  readonly referrerId: string | null;
  readonly kind: 'initial' | 'recurring';
  readonly paidAt: number;
  readonly month: string;
  readonly day: string;
  readonly currency: string;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

/** Sums. Key: creatorId, memberId (the earning referrer), currency. */
export interface MemberTotalRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly currency: string;
  readonly earningsMinor: bigint;
}

/** Sums. Key: creatorId, memberId (the referrer), month. */
export interface MemberMonthRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
  /** Conversions in the month. */
  readonly referrals: number;
  /** Referred members who signed up in the month, converted or not. */
  readonly signUps: number;
}

/** Sums. Key: creatorId, memberId (the referrer), month, currency. */
export interface MemberMonthEarningsRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
  readonly currency: string;
  readonly earningsMinor: bigint;
}

/** Sums. Key: creatorId, memberId (the referrer), day, currency. */
export interface MemberDayEarningsRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly day: string;
  readonly currency: string;
  readonly earningsMinor: bigint;
}

/** Sums. Key: creatorId, month. */
export interface CreatorMonthRow {
  readonly creatorId: string;
  readonly month: string;
  readonly referrals: number;
  readonly signUps: number;
}

/** Sums. Key: creatorId, month, currency. `initial` and `recurring` include organic payments. */
export interface CreatorMonthRevenueRow {
  readonly creatorId: string;
  readonly month: string;
  readonly currency: string;
  readonly revenueMinor: bigint;
  readonly initialPayments: number;
  readonly initialMinor: bigint;
  readonly recurringPayments: number;
  readonly recurringMinor: bigint;
  readonly organicPayments: number;
  readonly organicMinor: bigint;
  readonly referredPayments: number;
  readonly referredMinor: bigint;
}

/**
 * Key: creatorId, asOf, memberId. `asOf` is a month (totals, tier and rank as of its end) or `now`.
 * The months are those in which the creator has a payment or a sign-up.
 */
export interface RankingRow {
  readonly creatorId: string;
  readonly asOf: string;
  readonly memberId: string;
  readonly rank: number;
  readonly totalReferrals: number;
  /** Unix seconds of the latest counted conversion. */
  readonly reachedAt: number;
  readonly tier: string;
}

/** Key: id. Facts whose person, or whose payment, nobody knows; they are in no other table. */
export interface ParkedRow {
  readonly id: string;
  readonly kind: Kind;
}

/** The figures of what was taken back; in the month of the reversal, amounts positive. */
export interface ReversalFigures {
  readonly reversals: readonly ReversalRow[];
  readonly creatorMonthRefunds: readonly CreatorMonthRefundsRow[];
  readonly memberMonthReversed: readonly MemberMonthReversedRow[];
  /** Known reversals that take nothing, because no telling gives them in the currency of the sale. */
  readonly misfits: readonly ParkedRow[];
}

/** Key: creatorId, reversalId. Succeeded refunds and lost disputes that take something. */
export interface ReversalRow {
  readonly creatorId: string;
  readonly reversalId: string;
  readonly paymentId: string;
  readonly memberId: string;
  readonly referrerId: string | null;
  readonly at: number;
  readonly month: string;
  readonly day: string;
  readonly currency: string;
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
  /** It brought a conversion to zero. */
  readonly reversesReferral: boolean;
}

/** Sums. Key: creatorId, month, currency. */
export interface CreatorMonthRefundsRow {
  readonly creatorId: string;
  readonly month: string;
  readonly currency: string;
  readonly refundsMinor: bigint;
}

/** Sums. Key: creatorId, memberId (the referrer), month. */
export interface MemberMonthReversedRow {
  readonly creatorId: string;
  readonly memberId: string;
  readonly month: string;
  readonly reversedReferrals: number;
}
