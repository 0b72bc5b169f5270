/** What a creator's settings say at an instant, in the reference model. */
import type { RatesFrom, Settings, TiersFrom } from './shapes.js';

export function ratesAt(at: number, settings: Settings): Omit<RatesFrom, 'from'> {
  const inForce = latestOf(settings.rates ?? [], (from) => from <= at);
  return inForce ?? { memberBps: 1000, creatorBps: 7000, platformBps: 2000 };
}

const DEFAULT_TIERS: TiersFrom['tiers'] = [
  { name: 'Bronze', from: 5 },
  { name: 'Silver', from: 10 },
  { name: 'Gold', from: 25 },
  { name: 'Platinum', from: 100 },
];

export function tierOf(
  total: number,
  settings: Settings,
  inForce: (from: number) => boolean,
): string {
  const tiers = latestOf(settings.tiers ?? [], inForce)?.tiers ?? DEFAULT_TIERS;
  const reached = [...tiers].sort((a, b) => a.from - b.from).filter((tier) => tier.from <= total);
  return reached.at(-1)?.name ?? 'Unranked';
}

/** The latest entry in force; null is from the beginning. */
function latestOf<T extends { readonly from: number | null }>(
  entries: readonly T[],
  inForce: (from: number) => boolean,
): T | undefined {
  return entries
    .filter((entry) => entry.from === null || inForce(entry.from))
    .sort((a, b) => (a.from ?? Number.MIN_SAFE_INTEGER) - (b.from ?? Number.MIN_SAFE_INTEGER))
    .at(-1);
}
