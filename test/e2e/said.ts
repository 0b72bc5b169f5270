/** Answers of the HTTP interface, as far as the tests read them; written from the product page. */

export interface Named {
  readonly memberId: string;
  readonly name: string;
}

export interface InCurrency {
  readonly currency: string;
  readonly otherCurrencies: readonly string[];
}

interface Setting<T> {
  readonly inForce: T;
  readonly since: string;
}

export interface Settings {
  readonly settings: {
    readonly timeZone: Setting<string>;
    readonly currency: Setting<string>;
  };
}

export interface Member extends Named {
  readonly referralCode: string;
  readonly signedUpAt: string | null;
  readonly convertedAt: string | null;
  readonly referrer: Named | null;
  readonly totalReferrals: number;
  readonly tier: string;
}

/** A refund or lost dispute. */
export interface Reversal {
  readonly reversalId: string;
  readonly month: string;
  readonly saleMinor: number;
  readonly memberMinor: number;
  readonly creatorMinor: number;
  readonly platformMinor: number;
}

export interface Payment {
  readonly paymentId: string;
  readonly member: Named;
  readonly referrerId: string | null;
  readonly kind: 'initial' | 'recurring';
  readonly organic: boolean;
  readonly paidAt: string;
  readonly day: string;
  readonly month: string;
  readonly currency: string;
  readonly saleMinor: number;
  readonly memberMinor: number;
  readonly creatorMinor: number;
  readonly platformMinor: number;
}

export interface Referral extends Named {
  readonly signedUpAt: string | null;
  readonly convertedAt: string | null;
  readonly month: string | null;
  readonly status: 'signedUp' | 'converted';
}

export interface Conversion {
  readonly member: Named;
  readonly referrer: Named;
  readonly convertedAt: string;
  readonly month: string;
}

export interface TopReferrer extends Named {
  readonly rank: number;
  readonly referralCode: string;
  readonly tier: string;
  readonly totalReferrals: number;
  readonly monthlyReferrals: number;
  readonly monthlyEarningsMinor: number;
  readonly currency: string;
}

export interface Stats extends InCurrency {
  readonly monthlyReferrals: number;
  readonly totalReferrals: number;
  readonly reversedReferrals: number;
  readonly monthlyEarningsMinor: number;
  readonly totalEarningsMinor: number;
  readonly tier: string;
  readonly rank: number | null;
}

export interface Creator extends InCurrency {
  readonly members: number;
  readonly totalReferrals: number;
  readonly referrals: number;
  readonly signUps: number;
  readonly revenueMinor: number;
  readonly organicMinor: number;
  readonly referredMinor: number;
  readonly initialPayments: number;
  readonly initialMinor: number;
  readonly recurringPayments: number;
  readonly recurringMinor: number;
  readonly refundsMinor: number;
}

export interface RevenueMonth {
  readonly month: string;
  readonly currency: string;
  readonly revenueMinor: number;
  readonly organicMinor: number;
  readonly referredMinor: number;
  readonly refundsMinor: number;
  readonly initialPayments: number;
  readonly initialMinor: number;
  readonly recurringPayments: number;
  readonly recurringMinor: number;
  readonly organicPayments: number;
  readonly referredPayments: number;
}

export interface Series<Item> {
  readonly from: string;
  readonly to: string;
  readonly items: readonly Item[];
}

export interface GrowthMonth {
  readonly month: string;
  readonly referrals: number;
  readonly signUps: number;
}

export interface EarningsPeriod {
  readonly month: string;
  readonly day: string | null;
  readonly earnedMinor: number;
  readonly reversedMinor: number;
  readonly earningsMinor: number;
  readonly currency: string;
}

export interface StatementLine {
  readonly kind: 'commission' | 'reversal';
  readonly at: string;
  readonly day: string;
  readonly paymentId: string;
  readonly reversalId: string | null;
  readonly paymentKind: 'initial' | 'recurring';
  readonly member: Named;
  readonly currency: string;
  readonly saleMinor: number;
  readonly amountMinor: number;
  readonly balanceMinor: number;
}

export interface Statement {
  readonly items: readonly StatementLine[];
  readonly nextCursor: string | null;
  readonly totals: readonly {
    readonly currency: string;
    readonly openingMinor: number;
    readonly earnedMinor: number;
    readonly reversedMinor: number;
    readonly closingMinor: number;
  }[];
}
