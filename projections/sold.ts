/** What a line adds to a creator's figures; shared by the tables of months and days. */
import type { Line } from '#libs/ledger';
import { count, money } from '#libs/projector';

export interface CreatorAmounts {
  readonly signUps: bigint;
  readonly referrals: bigint;
  readonly reversedReferrals: bigint;
  readonly initialPayments: bigint;
  readonly initialMinor: bigint;
  readonly recurringPayments: bigint;
  readonly recurringMinor: bigint;
  readonly organicPayments: bigint;
  readonly organicMinor: bigint;
  readonly referredPayments: bigint;
  readonly referredMinor: bigint;
  readonly refundsMinor: bigint;
  readonly creatorMinor: bigint;
}

export const CREATOR_SUMS = {
  signUps: count,
  referrals: count,
  reversedReferrals: count,
  initialPayments: count,
  initialMinor: money,
  recurringPayments: count,
  recurringMinor: money,
  organicPayments: count,
  organicMinor: money,
  referredPayments: count,
  referredMinor: money,
  refundsMinor: money,
  creatorMinor: money,
} as const;

const NONE: CreatorAmounts = {
  signUps: 0n,
  referrals: 0n,
  reversedReferrals: 0n,
  initialPayments: 0n,
  initialMinor: 0n,
  recurringPayments: 0n,
  recurringMinor: 0n,
  organicPayments: 0n,
  organicMinor: 0n,
  referredPayments: 0n,
  referredMinor: 0n,
  refundsMinor: 0n,
  creatorMinor: 0n,
};

/** `signUps` counts referred members; revenue is gross, refunds stand apart (product.md, "What a payment means"). */
export function creatorAmounts(line: Line): CreatorAmounts {
  switch (line.kind) {
    case 'signUp':
      return line.referrerId === null ? NONE : { ...NONE, signUps: line.count };
    case 'conversion':
      return { ...NONE, referrals: line.count };
    case 'reversedConversion':
      return { ...NONE, reversedReferrals: line.count };
    case 'reversal':
      return { ...NONE, refundsMinor: line.saleMinor, creatorMinor: -line.creatorMinor };
    case 'sale': {
      const { count, saleMinor } = line;
      const order = line.first
        ? { initialPayments: count, initialMinor: saleMinor }
        : { recurringPayments: count, recurringMinor: saleMinor };
      const origin =
        line.referrerId === null
          ? { organicPayments: count, organicMinor: saleMinor }
          : { referredPayments: count, referredMinor: saleMinor };
      return { ...NONE, ...order, ...origin, creatorMinor: line.creatorMinor };
    }
  }
}
