/** Orders about months and the snapshots that they seal, complete and valid: a test names only what it is about. */
import {
  type Amounts,
  type CloseMonth,
  CREATOR_FIGURES,
  type MonthClosed,
  type MonthRestated,
  REFERRER_FIGURES,
  type RestateMonth,
  type SealData,
  type SnapshotLine,
  sealOf,
  snapshotOf,
} from '#libs/ledger';
import { at, CREATOR, MEMBER, settingsWith } from './builders.js';

/** Amounts of which only some are not zero. */
export const amountsWith = <F extends string>(
  names: readonly F[],
  some: Partial<Amounts<F>>,
): Amounts<F> => Object.fromEntries(names.map((name) => [name, some[name] ?? 0n])) as Amounts<F>;

/** A creator with one member, who earned 4.99 usd in the month. */
export const snapshotLines = (month = '2026-02', earnedMinor = 499n): SnapshotLine[] => [
  { kind: 'month', creatorId: CREATOR, month, members: 1n, totalReferrals: 1n },
  {
    kind: 'member',
    memberId: MEMBER,
    totalReferrals: 1n,
    reachedAt: at('2026-02-05T12:00:00Z'),
    tier: 'Unranked',
    pinned: false,
    rank: 1,
  },
  {
    kind: 'creator',
    origin: month,
    currency: 'usd',
    amounts: amountsWith(CREATOR_FIGURES, { referrals: 1n, creatorMinor: 3499n }),
  },
  {
    kind: 'referrer',
    origin: month,
    memberId: MEMBER,
    currency: 'usd',
    amounts: amountsWith(REFERRER_FIGURES, { referrals: 1n, earnedMinor }),
  },
];

interface Sealing {
  readonly month?: string;
  readonly version?: number;
  readonly earnedMinor?: bigint;
}

export function sealData({ month = '2026-02', version = 1, earnedMinor }: Sealing = {}): SealData {
  const { calendar } = settingsWith();
  return sealOf(
    { creatorId: CREATOR, month, version },
    snapshotOf(snapshotLines(month, earnedMinor)),
    {
      position: 42n,
      from: calendar.startOfMonth(month),
      to: calendar.endOfMonth(month),
      timeZone: 'UTC',
      tzVersion: '2025b',
    },
  );
}

/** February, ordered when its three days of grace are over, of a creator whose first event is in January. */
export function closeMonth({
  month = '2026-02',
  now = '2026-03-04T00:00:00Z',
  ...rest
}: Partial<Omit<CloseMonth, 'now'>> & { readonly now?: string } = {}): CloseMonth {
  return {
    type: 'CloseMonth',
    month,
    now: at(now),
    settings: settingsWith(),
    earliestMonth: month,
    blockers: [],
    seal: sealData({ month }),
    ...rest,
  };
}

export const monthClosed = (
  sealing: Sealing & Pick<MonthClosed['data'], 'forced' | 'reason'> & { readonly at?: string } = {},
): MonthClosed => {
  const { forced, reason, at: when = '2026-03-04T00:00:00Z', ...rest } = sealing;
  return {
    type: 'MonthClosed',
    effectiveAt: at(when),
    data: {
      ...sealData(rest),
      ...(forced && { forced }),
      ...(reason === undefined ? {} : { reason }),
    },
  };
};

/** February once more, with 5.99 earned. */
export const restateMonth = (rest: Partial<RestateMonth> = {}): RestateMonth => ({
  type: 'RestateMonth',
  month: '2026-02',
  now: at('2026-03-20T00:00:00Z'),
  expectedDigest: sealData().digest,
  reason: 'a late list of the bank',
  blockers: [],
  seal: sealData({ version: 2, earnedMinor: 599n }),
  ...rest,
});

export const monthRestated = (rest: Partial<MonthRestated['data']> = {}): MonthRestated => ({
  type: 'MonthRestated',
  effectiveAt: at('2026-03-20T00:00:00Z'),
  data: {
    ...sealData({ version: 2, earnedMinor: 599n }),
    replaces: sealData().digest,
    reason: 'a late list of the bank',
    ...rest,
  },
});
