/** The figures that the demo must come out with (docs: the demo's table of October 2025). */

/** One row of the table, and what the data needs beyond it. */
export interface TopReferrer {
  readonly number: number;
  readonly name: string;
  readonly totalReferrals: number;
  readonly octoberReferrals: number;
  readonly octoberEarningsMinor: bigint;
  /** How many payments of October earn it; the planted cases are among them. */
  readonly octoberPayments: number;
  /**
   * Local October days of the conversions that no planted case makes, or where there are none the
   * September day of the last conversion: equal totals are ranked by who reached them first.
   */
  readonly octoberDays: readonly number[];
  readonly lastSeptemberDay?: number;
}

export const topReferrers: readonly TopReferrer[] = [
  row(0, 'Nicole King', 52, 3, 9_991n, 20, [17, 25]),
  row(1, 'Kevin Gonzalez', 50, 2, 12_659n, 25, [21]),
  row(2, 'Diane Sanchez', 48, 2, 16_675n, 32, [24]),
  row(3, 'Paul Martin', 47, 1, 9_086n, 18, []),
  row(4, 'Dorothy Torres', 47, 1, 7_234n, 15, [12]),
  row(5, 'Steven Nguyen', 47, 1, 15_148n, 30, [20]),
  row(6, 'Nancy Davis', 46, 1, 6_217n, 13, [8]),
  row(7, 'Dorothy Young', 44, 0, 0n, 0, []),
  { ...row(8, 'Steven Wright', 43, 0, 0n, 0, []), lastSeptemberDay: 11 },
  { ...row(9, 'Carolyn Rodriguez', 43, 0, 0n, 0, []), lastSeptemberDay: 24 },
];

/** Everybody else who refers: fewer than the ten, and nobody converts for them in October. */
export const otherReferrerTotals: readonly number[] = [31, 22, 15, 11, 8, 6, 5, 4, 2, 1];

/** The creator's October in scale `full`, US dollars, organic and referred. */
export const fullOctober = {
  initialPayments: 908,
  initialMinor: 4_587_618n,
  recurringPayments: 2_003,
  recurringMinor: 9_994_733n,
} as const;

export const hundredThousand = 100_000;

function row(
  number: number,
  name: string,
  totalReferrals: number,
  octoberReferrals: number,
  octoberEarningsMinor: bigint,
  octoberPayments: number,
  octoberDays: readonly number[],
): TopReferrer {
  return {
    number,
    name,
    totalReferrals,
    octoberReferrals,
    octoberEarningsMinor,
    octoberPayments,
    octoberDays,
  };
}
