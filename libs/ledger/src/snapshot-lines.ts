/**
 * The lines of a snapshot, and their digest. A line is an array of texts, so that its canonical form
 * is one thing only: its JSON. It says nothing that depends on when or where it was made: no position,
 * clock, time-zone database or name (product.md, "Months").
 */
import { createHash } from 'node:crypto';
import { bytewise } from './values/compare.js';

/** What adds up of a creator's month, in the order in which lines hold it. */
export const CREATOR_FIGURES = [
  'signUps',
  'referrals',
  'reversedReferrals',
  'initialPayments',
  'initialMinor',
  'recurringPayments',
  'recurringMinor',
  'organicPayments',
  'organicMinor',
  'referredPayments',
  'referredMinor',
  'refundsMinor',
  'creatorMinor',
] as const;
export type CreatorFigure = (typeof CREATOR_FIGURES)[number];

/** What adds up of a member's month; earnings are earnedMinor − reversedMinor. */
export const REFERRER_FIGURES = [
  'referrals',
  'reversedReferrals',
  'earnedMinor',
  'reversedMinor',
] as const;
export type ReferrerFigure = (typeof REFERRER_FIGURES)[number];

/** Amounts and counts by name. */
export type Amounts<F extends string> = Readonly<Record<F, bigint>>;

/** Once a snapshot: whose month it is, with its totals as of its end. */
export interface MonthLine {
  readonly kind: 'month';
  readonly creatorId: string;
  readonly month: string;
  /** Signed up by its end. */
  readonly members: bigint;
  readonly totalReferrals: bigint;
}
/** Once a member: how they stood at the end of the month. */
export interface MemberLine {
  readonly kind: 'member';
  readonly memberId: string;
  readonly totalReferrals: bigint;
  /** When the total was reached, unix seconds; null: it is zero. */
  readonly reachedAt: number | null;
  readonly tier: string;
  /** The tier is an admin's order. */
  readonly pinned: boolean;
  /** Null: without a referral there is no rank. */
  readonly rank: number | null;
}
/** The creator's figures; of an earlier month when its origin is one: carried. */
export interface CreatorLine {
  readonly kind: 'creator';
  readonly origin: string;
  /** '' for sign-ups. */
  readonly currency: string;
  readonly amounts: Amounts<CreatorFigure>;
}
/** A member's figures as a referrer, likewise. */
export interface ReferrerLine {
  readonly kind: 'referrer';
  readonly origin: string;
  readonly memberId: string;
  readonly currency: string;
  readonly amounts: Amounts<ReferrerFigure>;
}
export type SnapshotLine = MonthLine | MemberLine | CreatorLine | ReferrerLine;

/** As events hold it: the kind, then the fields in order; amounts are decimal texts, what is absent is ''. */
export type StoredSnapshotLine = readonly [kind: SnapshotLine['kind'], ...fields: string[]];

export function storedSnapshotLine(line: SnapshotLine): StoredSnapshotLine {
  switch (line.kind) {
    case 'month': {
      const { creatorId, month, members, totalReferrals } = line;
      return ['month', creatorId, month, String(members), String(totalReferrals)];
    }
    case 'member': {
      const { memberId, totalReferrals, reachedAt, tier, pinned, rank } = line;
      const [reached, ranked] = [reachedAt, rank].map((n) => (n === null ? '' : String(n)));
      const flag = pinned ? 'pinned' : '';
      return ['member', memberId, String(totalReferrals), reached ?? '', tier, flag, ranked ?? ''];
    }
    case 'creator':
      return ['creator', line.origin, line.currency, ...textsOf(CREATOR_FIGURES, line.amounts)];
    case 'referrer': {
      const { origin, memberId, currency, amounts } = line;
      return ['referrer', origin, memberId, currency, ...textsOf(REFERRER_FIGURES, amounts)];
    }
  }
}

export function snapshotLineOf([kind, ...fields]: StoredSnapshotLine): SnapshotLine {
  const text = (n: number): string => fields[n] ?? '';
  const orNull = (n: number): number | null => (text(n) === '' ? null : Number(text(n)));
  switch (kind) {
    case 'month': {
      const [creatorId, month] = [text(0), text(1)];
      return { kind, creatorId, month, members: BigInt(text(2)), totalReferrals: BigInt(text(3)) };
    }
    case 'member':
      return {
        kind,
        memberId: text(0),
        totalReferrals: BigInt(text(1)),
        reachedAt: orNull(2),
        tier: text(3),
        pinned: text(4) === 'pinned',
        rank: orNull(5),
      };
    case 'creator': {
      const amounts = amountsOf(CREATOR_FIGURES, fields.slice(2));
      return { kind, origin: text(0), currency: text(1), amounts };
    }
    case 'referrer': {
      const amounts = amountsOf(REFERRER_FIGURES, fields.slice(3));
      return { kind, origin: text(0), memberId: text(1), currency: text(2), amounts };
    }
  }
}

/** Amounts of these names in their order, as texts. */
export const textsOf = <F extends string>(names: readonly F[], amounts: Amounts<F>): string[] =>
  names.map((name) => String(amounts[name]));

/** Amounts of these names from texts in their order. */
export const amountsOf = <F extends string>(
  names: readonly F[],
  texts: readonly string[],
): Amounts<F> =>
  Object.fromEntries(names.map((name, n) => [name, BigInt(texts[n] ?? '')])) as Amounts<F>;

/** The sum, name by name; of nothing: zeros. */
export function sumOf<F extends string>(
  names: readonly F[],
  all: Iterable<Amounts<F>>,
): Amounts<F> {
  const sums = names.map(() => 0n);
  for (const amounts of all) {
    for (const [n, name] of names.entries()) sums[n] = (sums[n] ?? 0n) + amounts[name];
  }
  return Object.fromEntries(names.map((name, n) => [name, sums[n] ?? 0n])) as Amounts<F>;
}

/** The canonical text of a line; every character of it is ASCII, so this order is that of its bytes. */
export const canonicalLine = (line: StoredSnapshotLine): string => JSON.stringify(line);

/** Canonical texts in the order of their bytes: what pages hold and the digest is of. */
export const canonicalLines = (lines: readonly StoredSnapshotLine[]): string[] =>
  lines.map(canonicalLine).sort(bytewise);

/** SHA-256, in hex, over the canonical lines in their order, each ended by a newline. */
export function digestOf(lines: readonly StoredSnapshotLine[]): string {
  const hash = createHash('sha256');
  for (const line of canonicalLines(lines)) hash.update(line).update('\n');
  return hash.digest('hex');
}
