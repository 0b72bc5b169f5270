/** Answers of the HTTP interface with figures, as far as commands print them. */

interface Listed<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
  readonly timeZone: string;
}

interface InCurrency {
  readonly currency: string;
  readonly otherCurrencies: readonly string[];
}

interface Named {
  readonly memberId: string;
  readonly name: string;
}

export type Revenue = InCurrency &
  Listed<{
    readonly month: string;
    readonly revenueMinor: number;
    readonly organicMinor: number;
    readonly referredMinor: number;
    readonly refundsMinor: number;
    readonly initialPayments: number;
    readonly recurringPayments: number;
    readonly currency: string;
  }>;

interface Grown {
  readonly month: string;
  readonly referrals: number;
  readonly signUps: number;
}
type GrownInDays = Grown & { readonly throughDay: string };

/** Of a creator the month so far beside the same days of the one before. */
export type Growth = Partial<Named> &
  Listed<Grown> & { readonly soFar?: GrownInDays; readonly sameDaysBefore?: GrownInDays };

export type Payments = Listed<{
  readonly paymentId: string;
  readonly member: Named;
  readonly referrerId: string | null;
  readonly kind: string;
  readonly paidAt: string;
  readonly currency: string;
  readonly saleMinor: number;
  readonly memberMinor: number;
  readonly reversals: readonly { readonly saleMinor: number }[];
}>;

export type Conversions = Listed<{
  readonly member: Named;
  readonly referrer: Named;
  readonly convertedAt: string;
  readonly month: string;
}>;

export type Members = Listed<
  Named & {
    readonly referralCode: string;
    readonly signedUpAt: string | null;
    readonly referrer: Named | null;
    readonly totalReferrals: number;
    readonly tier: string;
  }
>;

export type Referrals = Listed<
  Named & {
    readonly signedUpAt: string | null;
    readonly convertedAt: string | null;
    readonly month: string | null;
  }
>;

export type Earnings = InCurrency &
  Named &
  Listed<{
    readonly month: string;
    readonly day: string | null;
    readonly earnedMinor: number;
    readonly reversedMinor: number;
    readonly earningsMinor: number;
    readonly currency: string;
  }>;

export interface Statement
  extends Named,
    Listed<{
      readonly kind: string;
      readonly at: string;
      readonly paymentId: string;
      readonly reversalId: string | null;
      readonly member: Named;
      readonly currency: string;
      readonly saleMinor: number;
      readonly amountMinor: number;
      readonly balanceMinor: number;
    }> {
  readonly month: string;
  readonly totals: readonly {
    readonly currency: string;
    readonly openingMinor: number;
    readonly closingMinor: number;
  }[];
}
