/** What lines amount to, month by month and referrer by referrer, and what a change of them changes. */
import type { Line } from './lines.js';
import { bytewise } from './values/compare.js';

/** Lines are added up by these; '' and null as the lines have them. */
export interface LineGroup {
  /** `YYYY-MM` */
  readonly month: string;
  readonly referrerId: string | null;
  /** Null: what has no currency, sign-ups. */
  readonly currency: string | null;
}

export interface LineSums {
  readonly signUps: bigint;
  readonly referrals: bigint;
  readonly reversedReferrals: bigint;
  /** Sales minus reversals, in minor units; so are the shares. */
  readonly saleMinor: bigint;
  readonly memberMinor: bigint;
  readonly creatorMinor: bigint;
  readonly platformMinor: bigint;
}

export interface SumsChange extends LineGroup {
  readonly before: LineSums;
  readonly after: LineSums;
}

const NOTHING: LineSums = {
  signUps: 0n,
  referrals: 0n,
  reversedReferrals: 0n,
  saleMinor: 0n,
  memberMinor: 0n,
  creatorMinor: 0n,
  platformMinor: 0n,
};

/** The sums that differ between two sets of lines of one member, by month, referrer and currency. */
export function sumsChanged(before: readonly Line[], after: readonly Line[]): SumsChange[] {
  const changes = new Map<string, SumsChange>();
  const add = (side: 'before' | 'after', line: Line): void => {
    const { month, referrerId, currency } = line;
    const key = `${month}|${referrerId ?? ''}|${currency ?? ''}`;
    const known = changes.get(key) ?? {
      month,
      referrerId,
      currency,
      before: NOTHING,
      after: NOTHING,
    };
    changes.set(key, { ...known, [side]: withLine(known[side], line) });
  };
  for (const line of before) add('before', line);
  for (const line of after) add('after', line);
  return [...changes]
    .filter(([, change]) => !same(change.before, change.after))
    .sort(([a], [b]) => bytewise(a, b))
    .map(([, change]) => change);
}

function withLine(sums: LineSums, line: Line): LineSums {
  // Reversal amounts are positive; figures subtract them.
  const sign = line.kind === 'reversal' ? -1n : 1n;
  const counted = (kind: Line['kind']): bigint => (line.kind === kind ? line.count : 0n);
  return {
    signUps: sums.signUps + counted('signUp'),
    referrals: sums.referrals + counted('conversion'),
    reversedReferrals: sums.reversedReferrals + counted('reversedConversion'),
    saleMinor: sums.saleMinor + sign * line.saleMinor,
    memberMinor: sums.memberMinor + sign * line.memberMinor,
    creatorMinor: sums.creatorMinor + sign * line.creatorMinor,
    platformMinor: sums.platformMinor + sign * line.platformMinor,
  };
}

const same = (a: LineSums, b: LineSums): boolean =>
  (Object.keys(NOTHING) as (keyof LineSums)[]).every((sum) => a[sum] === b[sum]);
