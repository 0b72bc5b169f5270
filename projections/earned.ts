/** What a line adds to the figures of the member who referred; shared by the tables of months and days. */
import type { Line } from '#libs/ledger';

export interface ReferrerAmounts {
  readonly referrals: bigint;
  readonly reversedReferrals: bigint;
  readonly earnedMinor: bigint;
  readonly reversedMinor: bigint;
}

/** Undefined for lines that concern no referrer's figures: organic ones and sign-ups. */
export function referrerAmounts(line: Line): ReferrerAmounts | undefined {
  if (line.referrerId === null) return undefined;
  const none = { referrals: 0n, reversedReferrals: 0n, earnedMinor: 0n, reversedMinor: 0n };
  switch (line.kind) {
    case 'conversion':
      return { ...none, referrals: line.count };
    case 'reversedConversion':
      return { ...none, reversedReferrals: line.count };
    case 'sale':
      return { ...none, earnedMinor: line.memberMinor };
    case 'reversal':
      return { ...none, reversedMinor: line.memberMinor };
    case 'signUp':
      return undefined;
  }
}
