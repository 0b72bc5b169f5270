/**
 * What people order while deliveries come in. A new kind of order is one more member of `Order`,
 * one more case of `applied` (what the model makes of it) and one more case of whoever carries it
 * out (`test/laws/history-ledger.ts`, `test/e2e/orders.ts`).
 */
import { type Calendar, calendarOf } from './calendar.js';
import type { Random } from './random.js';
import type { Settings } from './shapes.js';
import { ratesOf, tiersOf } from './world-settings.js';

/** Exactly one setting of a creator, from an instant (or month) that lies ahead. */
export interface SettingsOrder {
  readonly kind: 'settings';
  readonly creatorId: string;
  readonly change: Omit<Settings, 'creatorId' | 'timeZone' | 'currency'>;
}

export type Order = SettingsOrder;

export interface PlacedOrder {
  /** After so many deliveries have arrived. */
  readonly after: number;
  readonly order: Order;
}

/** The settings with what was ordered later. */
export function applied(settings: readonly Settings[], orders: readonly Order[]): Settings[] {
  return settings.map((own) => {
    let whole = own;
    for (const { creatorId, change } of orders) {
      if (creatorId === own.creatorId) whole = joined(whole, change);
    }
    return whole;
  });
}

function joined(own: Settings, change: SettingsOrder['change']): Settings {
  return {
    ...own,
    ...(change.zones ? { zones: [...(own.zones ?? []), ...change.zones] } : {}),
    ...(change.rates ? { rates: [...(own.rates ?? []), ...change.rates] } : {}),
    ...(change.tiers ? { tiers: [...(own.tiers ?? []), ...change.tiers] } : {}),
    ...(change.currencies ? { currencies: [...(own.currencies ?? []), ...change.currencies] } : {}),
  };
}

const DAY = 86_400;

/** None to three changes of one creator's settings, ordered at `now` for instants after it. */
export function ordersOf(
  { creatorId, timeZone = 'UTC', zones = [] }: Settings,
  now: number,
  allZones: readonly string[],
  random: Random,
): Order[] {
  const calendar = calendarOf(timeZone, zones);
  return Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, () => {
    const ahead = now + random.pick([0, 1, 13 * DAY, 31 * DAY, 45 * DAY, 400 * DAY]);
    return { kind: 'settings', creatorId, change: changeAt(ahead, calendar, allZones, random) };
  });
}

function changeAt(
  at: number,
  calendar: Calendar,
  zones: readonly string[],
  random: Random,
): SettingsOrder['change'] {
  const kind = random.pick(['rates', 'tiers', 'currency', 'zone'] as const);
  switch (kind) {
    case 'rates':
      return {
        rates: ratesOf(random, [at])
          .map((one) => ({ ...one, from: at }))
          .slice(0, 1),
      };
    case 'tiers':
      return { tiers: tiersOf(random).map((one) => ({ ...one, from: at })) };
    case 'currency':
      return { currencies: [{ from: at, currency: random.pick(['usd', 'eur', 'jpy', 'kwd']) }] };
    case 'zone': {
      // Ahead in every zone: no place is more than a day from UTC.
      const fromMonth = calendar.monthOf(at + 33 * DAY);
      return { zones: [{ fromMonth, timeZone: random.pick(zones) }] };
    }
  }
}

/** From when on the order may matter: what is dated later was not told before the order was given. */
export function mattersFrom({ change }: Order): number {
  const starts = [
    ...(change.rates ?? []).map(({ from }) => from ?? 0),
    ...(change.tiers ?? []).map(({ from }) => from ?? 0),
    ...(change.currencies ?? []).map(({ from }) => from),
    ...(change.zones ?? []).map(
      ({ fromMonth }) => Date.parse(`${fromMonth}-01T00:00:00Z`) / 1000 - 2 * DAY,
    ),
  ];
  return Math.min(...starts);
}
