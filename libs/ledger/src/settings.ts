/**
 * A creator's settings as the books need them: what is in force at an instant (product.md,
 * "Settings"). Rates by a payment's paidAt, currency likewise, the zone by month.
 */
import type { Instant } from './values/clock.js';
import { type Calendar, calendarOf } from './values/month.js';
import { DEFAULT_RATES, type Rates } from './values/rates.js';

/** One value from one instant on; lists of these are sorted, the last of one instant stands. */
export interface Dated<T> {
  readonly at: Instant;
  readonly value: T;
}

export interface ZoneFrom {
  /** `YYYY-MM`; null: from the beginning. */
  readonly fromMonth: string | null;
  readonly timeZone: string;
}

export interface Tier {
  readonly name: string;
  /** Total referrals from which it is reached. */
  readonly from: number;
}

export interface SettingsTimeline {
  readonly zones: readonly ZoneFrom[];
  readonly rates: readonly Dated<Rates>[];
  readonly tiers: readonly Dated<readonly Tier[]>[];
  readonly graceHours: readonly Dated<number>[];
  readonly currency: readonly Dated<string>[];
}

/** From the beginning of time. */
export const BEGINNING: Instant = 0;

export const DEFAULT_TIERS: readonly Tier[] = [
  { name: 'Bronze', from: 5 },
  { name: 'Silver', from: 10 },
  { name: 'Gold', from: 25 },
  { name: 'Platinum', from: 100 },
];
/** The tier of those below every threshold. */
export const UNRANKED = 'Unranked';
export const DEFAULT_CURRENCY = 'usd';

export interface Defaults {
  readonly timeZone: string;
  readonly graceHours: number;
  readonly currency: string;
}

/** Settings before anything was set: the configured defaults, from the beginning. */
export const timelineOf = (defaults: Defaults): SettingsTimeline => ({
  zones: [{ fromMonth: null, timeZone: defaults.timeZone }],
  rates: [{ at: BEGINNING, value: DEFAULT_RATES }],
  tiers: [{ at: BEGINNING, value: DEFAULT_TIERS }],
  graceHours: [{ at: BEGINNING, value: defaults.graceHours }],
  currency: [{ at: BEGINNING, value: defaults.currency }],
});

export class Settings {
  constructor(readonly timeline: SettingsTimeline) {}

  private known: Calendar | undefined;
  /** The creator's months and days. */
  get calendar(): Calendar {
    this.known ??= calendarOf(this.timeline.zones);
    return this.known;
  }
  ratesAt(at: Instant): Rates {
    return inForce(this.timeline.rates, at);
  }
  tiersAt(at: Instant): readonly Tier[] {
    return inForce(this.timeline.tiers, at);
  }
  graceHoursAt(at: Instant): number {
    return inForce(this.timeline.graceHours, at);
  }
  currencyAt(at: Instant): string {
    return inForce(this.timeline.currency, at);
  }
}

/** The value in force at an instant; every timeline starts at the beginning. */
export function inForce<T>(values: readonly Dated<T>[], at: Instant): T {
  let found: Dated<T> | undefined;
  for (const dated of values) {
    if (dated.at > at) break;
    found = dated;
  }
  if (found === undefined) throw new RangeError(`no setting is in force at ${at}`);
  return found.value;
}

/** Adds a value to a timeline: sorted by instant, a later entry of the same instant replaces. */
export function withDated<T>(values: readonly Dated<T>[], at: Instant, value: T): Dated<T>[] {
  return [...values.filter((dated) => dated.at !== at), { at, value }].sort((a, b) => a.at - b.at);
}

/** Adds a zone to a timeline; a later setting of the same month replaces. */
export function withZone(zones: readonly ZoneFrom[], zone: ZoneFrom): ZoneFrom[] {
  return [...zones.filter((z) => z.fromMonth !== zone.fromMonth), zone].sort((a, b) =>
    (a.fromMonth ?? '') < (b.fromMonth ?? '') ? -1 : 1,
  );
}

/** The tier of a total: the highest threshold reached. */
export function tierOf(tiers: readonly Tier[], totalReferrals: bigint): string {
  let reached: Tier | undefined;
  for (const tier of tiers) {
    if (totalReferrals >= tier.from && (reached === undefined || tier.from >= reached.from)) {
      reached = tier;
    }
  }
  return reached?.name ?? UNRANKED;
}
