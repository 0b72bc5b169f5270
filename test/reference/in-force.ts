/** What a creator's settings say at an instant, in the reference model. */
import type { Calendar } from './calendar.js';
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

/** The currency of payments that name none. */
export function currencyAt(at: number, settings: Settings): string {
  const inForce = latestOf(settings.currencies ?? [], (from) => from <= at);
  return inForce?.currency ?? settings.currency ?? 'usd';
}

/** `at` after everything: that of the last month that has one of its own. */
export function zoneAt(at: number, settings: Settings, calendar: Calendar): string {
  const month = at === Number.MAX_SAFE_INTEGER ? '9999-12' : calendar.monthOf(at);
  const set = [...(settings.zones ?? [])]
    .filter((zone) => zone.fromMonth <= month)
    .sort((a, b) => (a.fromMonth < b.fromMonth ? -1 : a.fromMonth > b.fromMonth ? 1 : 0));
  return set.at(-1)?.timeZone ?? settings.timeZone ?? 'UTC';
}
