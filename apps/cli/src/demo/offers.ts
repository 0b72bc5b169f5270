/**
 * What members of the demo pay: plans, and the amounts that come out when a promotion and a sales
 * tax have met a plan's price. Amounts are minor units of US dollars, tax included, as a sale is.
 */
import type { Draw } from './draw.js';

export interface DemoPlan {
  readonly planId: string;
  readonly productId: string;
  readonly title: string;
}

/** A plan as one member pays for it. */
export interface Offer {
  readonly plan: DemoPlan;
  readonly amountMinor: bigint;
}

const plans: readonly (readonly [plan: DemoPlan, priceMinor: bigint])[] = [
  [planOf('chat', 'Chat room'), 1999n],
  [planOf('starter', 'Starter'), 2900n],
  [planOf('signals', 'Signals'), 3900n],
  [planOf('floor', 'Trading floor'), 4999n],
  [planOf('floor_plus', 'Trading floor plus'), 5900n],
  [planOf('desk', 'Desk'), 7900n],
  [planOf('mentoring', 'Mentoring'), 9900n],
  [planOf('inner_circle', 'Inner circle'), 14900n],
];
const promotionsBps = [0n, 1000n, 2000n];
/** Sales taxes of some states, New York City's among them. */
const taxesBps = [0n, 400n, 625n, 700n, 825n, 887n, 950n];

/** A week in the chat room, paid weekly. */
export const weeklyOffer: Offer = { plan: planOf('week', 'Weekly pass'), amountMinor: 999n };

/** Every monthly amount of the demo. */
export const monthlyOffers: readonly Offer[] = plans.flatMap(([plan, priceMinor]) =>
  promotionsBps.flatMap((promotionBps) =>
    taxesBps.map((taxBps) => ({ plan, amountMinor: priced(priceMinor, promotionBps, taxBps) })),
  ),
);

/** An offer of a given amount, for the planted cases. */
export function offerAt(amountMinor: bigint): Offer {
  const plan = plans.find(([, priceMinor]) => priceMinor === amountMinor)?.[0];
  return { plan: plan ?? planOf('single', 'Single session'), amountMinor };
}

/** The referrer's share of a sale at 10 / 70 / 20 %: there, largest remainder rounds it half up. */
export function memberShareOf(amountMinor: bigint): bigint {
  return (amountMinor + 5n) / 10n;
}

/** How often an ending is drawn anew before the amounts are called impossible. */
const maxEndings = 1_000;

/**
 * `count` offers (two at least) whose weights sum to exactly `targetMinor`: drawn freely, kept near
 * the average on the way, with the last two looked up. Throws if no such offers are found.
 */
export function offersSumming(
  draw: Draw,
  count: number,
  targetMinor: bigint,
  weightOf: (amountMinor: bigint) => bigint,
): Offer[] {
  const weighed = monthlyOffers.map((offer) => ({ offer, weight: weightOf(offer.amountMinor) }));
  const byWeight = new Map(weighed.map(({ offer, weight }) => [weight, offer]));
  const free = Math.max(0, count - 6);
  const average = targetMinor / BigInt(count);
  const small = weighed.filter(({ weight }) => weight <= average);
  const large = weighed.filter(({ weight }) => weight > average);

  const begun: Offer[] = [];
  let begunWeight = 0n;
  const add = (offers: Offer[], soFar: bigint): bigint => {
    const pool = soFar > average * BigInt(offers.length) ? small : large;
    const { offer, weight } = draw.pick(pool);
    offers.push(offer);
    return soFar + weight;
  };
  while (begun.length < free) begunWeight = add(begun, begunWeight);

  for (let ending = 0; ending < maxEndings; ending++) {
    const offers = [...begun];
    let weight = begunWeight;
    while (offers.length < count - 2) weight = add(offers, weight);
    const last = draw.pick(weighed);
    const other = byWeight.get(targetMinor - weight - last.weight);
    if (other !== undefined) return [...offers, last.offer, other];
  }
  throw new Error(`no ${count} offers sum to ${targetMinor}`);
}

function planOf(slug: string, title: string): DemoPlan {
  return { planId: `plan_${slug}`, productId: `prod_${slug}`, title };
}

/** Rounded half up after the promotion and the tax together. */
function priced(priceMinor: bigint, promotionBps: bigint, taxBps: bigint): bigint {
  return (priceMinor * (10_000n - promotionBps) * (10_000n + taxBps) + 50_000_000n) / 100_000_000n;
}
