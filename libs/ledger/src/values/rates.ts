/**
 * Rates divide a sale among the referrer, the creator and the platform. Shares always sum to the
 * sale exactly (product.md, "Commission").
 */
import { DomainError } from './domain-error.js';

/** Basis points, whole, none negative, summing to 10,000. */
export interface Rates {
  readonly memberBps: number;
  readonly creatorBps: number;
  readonly platformBps: number;
}

export interface Shares {
  readonly member: bigint;
  readonly creator: bigint;
  readonly platform: bigint;
}

const WHOLE_BPS = 10_000;
const WHOLE = BigInt(WHOLE_BPS);

/** 10 / 70 / 20 %, unless the creator sets others. */
export const DEFAULT_RATES: Rates = { memberBps: 1000, creatorBps: 7000, platformBps: 2000 };

/** Whether these rates can divide a sale. */
export function areRates({ memberBps, creatorBps, platformBps }: Rates): boolean {
  return (
    isBps(memberBps) &&
    isBps(creatorBps) &&
    isBps(platformBps) &&
    memberBps + creatorBps + platformBps === WHOLE_BPS
  );
}

/** The same rates, or a refusal. */
export function ratesOf(rates: Rates): Rates {
  const { memberBps, creatorBps, platformBps } = rates;
  if (!areRates(rates)) {
    throw new DomainError(
      'rates_invalid',
      `${memberBps} + ${creatorBps} + ${platformBps}: whole basis points, none negative, 10000 in all`,
    );
  }
  return { memberBps, creatorBps, platformBps };
}

/**
 * The shares of an amount by largest remainder; equal remainders go to member, then creator, then
 * platform. Rounding a part of an amount on its own would drift: a reversal's shares are
 * `split(net before) − split(net after)`.
 */
export function split(amountMinor: bigint, rates: Rates): Shares {
  if (amountMinor < 0n) throw new DomainError('amount_negative', `${amountMinor} cannot be split`);
  const { memberBps, creatorBps, platformBps } = ratesOf(rates);
  const m = amountMinor * BigInt(memberBps);
  const c = amountMinor * BigInt(creatorBps);
  const p = amountMinor * BigInt(platformBps);
  const shares: [bigint, bigint, bigint] = [m / WHOLE, c / WHOLE, p / WHOLE];
  const remainders: [bigint, bigint, bigint] = [m % WHOLE, c % WHOLE, p % WHOLE];
  let left = amountMinor - shares[0] - shares[1] - shares[2];
  // At most two units are left, and only shares with a remainder can get one, once each.
  for (; left > 0n; left -= 1n) {
    const winner = firstLargest(remainders);
    shares[winner] += 1n;
    remainders[winner] = -1n;
  }
  const [member, creator, platform] = shares;
  return { member, creator, platform };
}

function firstLargest([member, creator, platform]: readonly [bigint, bigint, bigint]): 0 | 1 | 2 {
  if (member >= creator && member >= platform) return 0;
  return creator >= platform ? 1 : 2;
}

const isBps = (bps: number): boolean => Number.isInteger(bps) && bps >= 0;
