/**
 * What truly happened in a random history: creators, members, memberships, payments and the words
 * that name referrers. Nobody is told all of it.
 */
import { type Calendar, calendarOf } from './calendar.js';
import { currencyAt } from './in-force.js';
import { applied, mattersFrom, type Order, ordersOf } from './orders.js';
import type { Random } from './random.js';
import type { CodeOf, Settings, Telling } from './shapes.js';
import { datedOf, ratesOf, tiersOf } from './world-settings.js';

export interface World {
  readonly creatorId: string;
  /** Before the first fact. */
  readonly settings: Settings;
  /** What changes them later. */
  readonly orders: readonly Order[];
  /** Both together. */
  readonly inForce: Settings;
  readonly members: readonly TrueMember[];
  /** Unix seconds that payments and memberships like to fall on. */
  readonly instants: readonly number[];
}

export interface TrueMember {
  readonly userId: string;
  readonly code: string;
  /** More than one after a change of name; none for people without. */
  readonly usernames: readonly string[];
}

export interface TrueFact {
  readonly kind: Telling['kind'];
  readonly id: string;
  readonly creatorId: string;
  readonly userId: string;
  readonly membershipId: string | undefined;
  /** In the order in which Whop would tell them. */
  readonly statuses: readonly Telling['status'][];
  /** paidAt, or joinedAt where `joined`, with a fraction of a second. */
  readonly atMs: number;
  readonly createdAtMs: number;
  readonly joined: boolean;
  readonly amount: string | undefined;
  readonly currency: string | undefined;
  /** Whether the amount also makes sense in the creator's default currency. */
  readonly fitsDefault: boolean;
  readonly username: string | undefined;
  readonly words: Words;
  /** Of a refund or dispute. */
  readonly takesBack?: TakesBack;
}

export interface TakesBack {
  readonly paymentId: string;
  readonly original: Telling['original'];
  readonly visaRdr: boolean;
}

export interface Words {
  readonly metadataCode?: string;
  readonly affiliateCode?: string;
  readonly affiliateUsername?: string;
}

export interface WorldOptions {
  readonly creators: number;
  readonly members: number;
  readonly zones: readonly string[];
  readonly codeOf: CodeOf;
  /** Unix seconds: when orders are given. */
  readonly now: number;
}

export const DECIMALS: Readonly<Record<string, number>> = {
  usd: 2,
  eur: 2,
  jpy: 0,
  clp: 0,
  kwd: 3,
  bhd: 3,
  tnd: 3,
};

/** Havana sets its clocks back on November 1, 2020; Apia has no December 30, 2011. */
const FIRST_MONTHS: readonly (readonly [number, number])[] = [
  [2011, 10],
  [2020, 8],
  [2024, 11],
  [2025, 2],
  [2025, 8],
  [2025, 8],
];
const MONTHS = 4;

export function creatorsOf(random: Random, options: WorldOptions): World[] {
  const [year, month] = random.pick(FIRST_MONTHS);
  return Array.from({ length: random.between(1, options.creators) }, (_, index) => {
    const creatorId = `biz_${'abcdefgh'[index % 8]}${index}`;
    const timeZone = random.pick(options.zones);
    const calendar = calendarOf(timeZone);
    const before = instantsOf(random, calendar, year, month);
    const dated = datedOf(random, options.zones, before, monthsFrom(year, month));
    const changed = calendarOf(timeZone, dated.zones);
    const instants =
      dated.zones === undefined ? before : [...before, ...instantsOf(random, changed, year, month)];
    const currency = random.pick([undefined, undefined, 'usd', 'eur', 'jpy', 'kwd']);
    const settings: Settings = {
      creatorId,
      timeZone,
      ...(currency === undefined ? {} : { currency }),
      ...random.pick([{}, { rates: ratesOf(random, instants) }]),
      ...dated,
      ...random.pick([{}, { tiers: tiersOf(random) }]),
    };
    const orders = ordersOf(settings, options.now, options.zones, random);
    const [inForce = settings] = applied([settings], orders);
    const ordered = orders.map(mattersFrom);
    const last = Math.max(...instants);
    return {
      creatorId,
      settings,
      orders,
      inForce,
      members: membersOf(creatorId, random, options),
      instants: [...instants, ...ordered.filter((at) => at < last)],
    };
  });
}

const monthsFrom = (year: number, month: number): string[] =>
  Array.from({ length: MONTHS - 1 }, (_, n) =>
    new Date(Date.UTC(year, month + n, 1)).toISOString().slice(0, 7),
  );

const OUTCOMES: readonly TrueFact['statuses'][] = [
  ...Array.from({ length: 7 }, () => ['succeeded'] as const),
  ['failed', 'succeeded'],
  ['failed', 'succeeded'],
  ['failed'],
];

/** All that happened in one creator's community. */
export function factsOf(world: World, all: readonly World[], random: Random): TrueFact[] {
  return world.members.flatMap((member) => {
    const organic = random.chance(15);
    const words = () => (organic ? {} : wordsOf(member, world, all, random));
    if (random.chance(4)) return [paymentOf(member, world, random, words(), [], ['failed'])];
    const memberships = Array.from({ length: random.pick([0, 1, 1, 1, 2]) }, () =>
      membershipOf(member, world, random, words()),
    );
    const ids = memberships.map((one) => one.id);
    const payments = Array.from({ length: random.pick([0, 1, 1, 2, 2, 3, 4]) }, () =>
      paymentOf(member, world, random, words(), ids, random.pick(OUTCOMES)),
    );
    return [...memberships, ...payments];
  });
}

function membershipOf(member: TrueMember, world: World, random: Random, words: Words): TrueFact {
  const id = `mem_${idOf(random)}`;
  const atMs = momentOf(world, random);
  const joined = random.chance(60);
  return {
    kind: 'membership',
    id,
    creatorId: world.creatorId,
    userId: member.userId,
    membershipId: id,
    statuses: random.pick([['activated'], ['activated', 'deactivated'], ['deactivated']]),
    atMs,
    createdAtMs: joined ? atMs - random.pick([0, 1, 3600, 86_400 * 9]) * 1000 : atMs,
    joined,
    amount: undefined,
    currency: undefined,
    fitsDefault: true,
    username: member.usernames.length === 0 ? undefined : random.pick(member.usernames),
    words,
  };
}

function paymentOf(
  member: TrueMember,
  world: World,
  random: Random,
  words: Words,
  memberships: readonly string[],
  statuses: TrueFact['statuses'],
): TrueFact {
  const atMs = momentOf(world, random);
  const usual = currencyAt(Math.floor(atMs / 1000), world.inForce);
  const currency = random.chance(65) ? usual : random.pick(Object.keys(DECIMALS));
  const decimals = DECIMALS[currency] ?? 2;
  const amount = amountOf(random, decimals);
  const hidden = `mem_hidden${idOf(random)}`;
  const named = statuses.includes('succeeded') && member.usernames.length > 0;
  return {
    kind: 'payment',
    id: `pay_${idOf(random)}`,
    creatorId: world.creatorId,
    userId: member.userId,
    membershipId: random.pick([undefined, ...memberships, ...memberships, hidden]),
    statuses,
    atMs,
    createdAtMs: atMs - random.pick([0, 2, 86_400]) * 1000,
    joined: false,
    amount,
    currency,
    fitsDefault: (amount.split('.')[1] ?? '').length <= (DECIMALS[usual] ?? 0),
    username: named ? random.pick(member.usernames) : undefined,
    words,
  };
}

/** One or two words that name somebody: another member, oneself, a stranger or nobody at all. */
function wordsOf(member: TrueMember, world: World, all: readonly World[], random: Random): Words {
  if (random.chance(25)) return {};
  const someone = (): TrueMember => {
    const elsewhere = random.pick(all).members;
    if (random.chance(8)) return member;
    if (random.chance(15)) return random.pick(elsewhere);
    return random.pick(random.chance(60) ? world.members.slice(0, 3) : world.members);
  };
  const code = () => (random.chance(10) ? `NOPE-${random.below(5)}` : someone().code);
  const username = () => someone().usernames[0] ?? 'nobody';
  return {
    ...(random.chance(50) ? { metadataCode: code() } : {}),
    ...(random.chance(40) ? { affiliateCode: random.chance(50) ? code() : username() } : {}),
    ...(random.chance(40) ? { affiliateUsername: username() } : {}),
  };
}

function membersOf(creatorId: string, random: Random, options: WorldOptions): TrueMember[] {
  const count = random.between(Math.ceil(options.members / 2), options.members);
  const known: string[] = [];
  return Array.from({ length: count }, (_, index) => {
    // The first two people are in every community; upper case sorts before lower, bytewise.
    const userId = index < 2 ? `user_all${index}` : `user_${idOf(random)}`;
    const own = `${random.pick(['rui', 'ana', 'Kim', 'zoë'])}_${creatorId.slice(4)}${index}`;
    const shared = known.length > 0 && random.chance(15) ? [random.pick(known)] : [];
    const usernames = random.chance(15) ? shared : [own, ...shared];
    known.push(...usernames);
    return { userId, code: options.codeOf(creatorId, userId), usernames };
  });
}

/** Amounts whose shares do not divide, and zero. */
function amountOf(random: Random, decimals: number): string {
  if (random.chance(15)) return decimals > 0 && random.chance(50) ? '0.00' : '0';
  const minor = random.chance(60)
    ? random.between(1, 99)
    : random.pick([4999, 1000, 100_000, 333_333, 9_999_999, 2995]);
  const digits = String(minor).padStart(decimals + 1, '0');
  if (decimals === 0) return digits;
  const decimal = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return random.chance(50) ? decimal : decimal.replace(/\.?0+$/, '');
}

/** Starts of months and of some days on the creator's calendar, and a few moments between. */
function instantsOf(random: Random, calendar: Calendar, year: number, month: number): number[] {
  const utc = (months: number, days: number) => Date.UTC(year, month - 1 + months, days) / 1000;
  const starts = Array.from({ length: MONTHS }, (_, at) => firstOfDay(calendar, utc(at, 1)));
  const days = Array.from({ length: 3 }, () =>
    firstOfDay(calendar, utc(random.below(MONTHS), random.between(2, 31))),
  );
  const between = Array.from({ length: 3 }, () => utc(0, 1) + random.below(86_400 * 30 * MONTHS));
  return [...starts, ...starts, ...days, ...between];
}

/** The first instant of the local day that has the date of a UTC midnight, or of the next day. */
function firstOfDay(calendar: Calendar, utcMidnight: number): number {
  const day = new Date(utcMidnight * 1000).toISOString().slice(0, 10);
  let before = utcMidnight - 86_400;
  let after = utcMidnight + 86_400;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (calendar.dayOf(middle) < day) before = middle;
    else after = middle;
  }
  return after;
}

/** A moment within seconds of a liked instant, often the very second, with a fraction. */
export function momentOf(world: World, random: Random): number {
  const liked = random.chance(42) ? world.instants[1] : random.pick(world.instants);
  const seconds = (liked ?? 0) + random.pick([0, 0, 0, 0, -1, -1, 1, -2, 3, 7200]);
  return seconds * 1000 + random.pick([0, 0, 1, 500, 999]);
}

/** Letters and digits in both cases, so that bytewise order is not that of a dictionary. */
export function idOf(random: Random): string {
  const letters = 'ABXYZabxyz0189';
  return Array.from({ length: 12 }, () => letters[random.below(letters.length)]).join('');
}
