/** Settings of a random history. */
import type { Random } from './random.js';
import type { RatesFrom, Settings, TiersFrom } from './shapes.js';

export function ratesOf(random: Random, instants: readonly number[]): RatesFrom[] {
  const rates = [
    { memberBps: 3333, creatorBps: 3334, platformBps: 3333 },
    { memberBps: 2500, creatorBps: 5000, platformBps: 2500 },
    { memberBps: 0, creatorBps: 9500, platformBps: 500 },
    { memberBps: 1250, creatorBps: 8625, platformBps: 125 },
    // A share of these often shrinks by a unit while the amount grows by one.
    { memberBps: 4964, creatorBps: 63, platformBps: 4973 },
    { memberBps: 4869, creatorBps: 4872, platformBps: 259 },
  ];
  const usual = [...rates, ...rates.slice(-2)];
  const beginning = random.chance(75) ? [{ from: null, ...random.pick(usual) }] : [];
  const from = [...new Set([random.pick(instants), random.pick(instants)])];
  return [...beginning, ...from.map((at) => ({ from: at, ...random.pick(usual) }))];
}

export function tiersOf(random: Random): TiersFrom[] {
  return [
    {
      from: null,
      tiers: [
        { name: 'Bronze', from: 1 },
        { name: 'Silver', from: random.between(2, 3) },
        { name: 'Gold', from: 4 },
      ],
    },
  ];
}

/** A zone and currencies that come into force on the way, all of it ordered before the first fact. */
export function datedOf(
  random: Random,
  zones: readonly string[],
  instants: readonly number[],
  months: readonly string[],
): Partial<Settings> {
  const zone = { fromMonth: random.pick(months), timeZone: random.pick(zones) };
  const currency = random.pick(['usd', 'eur', 'jpy', 'kwd']);
  return {
    ...(random.chance(25) ? { zones: [zone] } : {}),
    ...(random.chance(25) ? { currencies: [{ from: random.pick(instants), currency }] } : {}),
  };
}
