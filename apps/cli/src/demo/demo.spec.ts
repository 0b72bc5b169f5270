/**
 * The demo's data against a tally of its own: written from the rules, fed with the bodies as the
 * endpoint reads them, sharing nothing with the generator but how referral codes are drawn.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Telling, whopProvider } from '#libs/ingestion';
import { drawCode } from '#libs/ledger';
import { type DemoDelivery, type DemoScale, demoDeliveries, demoFacts, demoStories } from './deliveries.js';
import { demoExpectations } from './expectations.js';
import { plantedCases } from './planted-cases.js';
import { demoSettings } from './settings.js';
import type { Story } from './story.js';

const table = [
  ['Nicole King', 52, 3, 9_991n],
  ['Kevin Gonzalez', 50, 2, 12_659n],
  ['Diane Sanchez', 48, 2, 16_675n],
  ['Paul Martin', 47, 1, 9_086n],
  ['Dorothy Torres', 47, 1, 7_234n],
  ['Steven Nguyen', 47, 1, 15_148n],
  ['Nancy Davis', 46, 1, 6_217n],
  ['Dorothy Young', 44, 0, 0n],
  ['Steven Wright', 43, 0, 0n],
  ['Carolyn Rodriguez', 43, 0, 0n],
];

interface Payment {
  readonly id: string;
  readonly at: number;
  readonly month: string;
  readonly minor: bigint;
}
interface Claim {
  readonly id: string;
  readonly at: number;
  readonly words: readonly string[];
}
interface Member {
  name?: string;
  payments: Map<string, Payment>;
  claims: Claim[];
}

/** Everybody's payments and claims, whoever spelled them. */
class Tally {
  readonly members = new Map<string, Member>();
  private readonly bearers = new Map<string, string>();
  /** Whether any telling named a code: drawing a hundred thousand of them takes seconds. */
  private named = false;

  member(userId: string, name?: string, username?: string): Member {
    const member = this.members.get(userId) ?? { payments: new Map(), claims: [] };
    if (name !== undefined) member.name = name;
    if (username !== undefined) this.bearers.set(username, userId);
    this.members.set(userId, member);
    return member;
  }

  told(telling: Telling): void {
    const { userId, name, username } = telling.person;
    if (userId === undefined) throw new Error('a telling without a person');
    const member = this.member(userId, name, username);
    const { metadataCode, affiliateCode, affiliateUsername } = telling.claims;
    this.named = true;
    const words = [metadataCode, affiliateCode, affiliateUsername].filter((word) => !!word);
    if (telling.kind === 'membership') {
      const at = telling.joinedAt ?? telling.createdAt ?? Number.NaN;
      member.claims.push({ id: telling.membershipId, at, words: words as string[] });
    } else if (telling.status === 'succeeded') {
      const { paymentId: id, paidAt: at = Number.NaN, amount } = telling;
      if (amount?.currency !== 'usd') throw new Error(`${id} is not in dollars`);
      member.claims.push({ id, at, words: words as string[] });
      member.payments.set(id, { id, at, month: monthIn(at), minor: minorOf(amount.decimal) });
    }
  }

  /** The same from a story, for the scale that is too large to be spelled out in a fast test. */
  happened({ person, referrer, signUpAt, payments }: Story): void {
    const member = this.member(person.userId, person.name, person.username);
    if (referrer) {
      member.claims.push({ id: person.membershipId, at: signUpAt, words: [referrer.username] });
    }
    payments.forEach(({ at, offer, outcome, currency = 'usd' }, index) => {
      if (outcome === 'failed' || currency !== 'usd') return;
      const id = String(index);
      member.payments.set(id, { id, at, month: monthIn(at), minor: offer.amountMinor });
    });
  }

  books(creatorId: string, month: string) {
    const byWord = new Map(this.bearers);
    for (const userId of this.named ? this.members.keys() : []) {
      byWord.set(drawCode(creatorId, userId, 0), userId);
    }
    const referrers = new Map<string, { conversions: Payment[]; earned: bigint }>();
    const initial: bigint[] = [];
    const recurring: bigint[] = [];
    for (const [userId, member] of this.members) {
      const [first, ...later] = [...member.payments.values()]
        .filter(({ minor }) => minor > 0n)
        .sort(byTime);
      if (first === undefined) continue;
      const [referrerId] = member.claims
        .filter((claim) => byTime(claim, first) <= 0)
        .sort(byTime)
        .flatMap(({ words }) => words.map((word) => byWord.get(word)))
        .filter((referrer) => referrer !== undefined && referrer !== userId);
      if (first.month === month) initial.push(first.minor);
      const inMonth = later.filter((payment) => payment.month === month);
      recurring.push(...inMonth.map(({ minor }) => minor));
      if (referrerId === undefined) continue;
      const referrer = referrers.get(referrerId) ?? { conversions: [], earned: 0n };
      referrers.set(referrerId, referrer);
      referrer.conversions.push(first);
      for (const payment of [first, ...later]) {
        if (payment.month === month) referrer.earned += memberShare(payment.minor);
      }
    }
    return { referrers, initial, recurring };
  }

  ranking(creatorId: string, month: string) {
    const { referrers } = this.books(creatorId, month);
    return [...referrers]
      .map(([memberId, { conversions, earned }]) => ({
        memberId,
        name: this.members.get(memberId)?.name,
        total: conversions.length,
        inMonth: conversions.filter((payment) => payment.month === month).length,
        before: conversions.filter((payment) => payment.month < month).length,
        earned,
        reachedAt: Math.max(...conversions.map(({ at }) => at)),
      }))
      .sort((a, b) => b.total - a.total || a.reachedAt - b.reachedAt);
  }
}

const byTime = (a: { at: number; id: string }, b: { at: number; id: string }): number =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const newYorkMonth = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/New_York',
  year: 'numeric',
  month: '2-digit',
});
const hours = new Map<number, string>();
/** Months begin on full hours, so that one look an hour is enough. */
function monthIn(at: number): string {
  const hour = Math.floor(at / 3600);
  const month = hours.get(hour) ?? newYorkMonth.format(hour * 3_600_000).slice(0, 7);
  hours.set(hour, month);
  return month;
}

function minorOf(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(2, '0'));
}

/** 10 / 70 / 20 %, largest remainder, ties to the member, then the creator, then the platform. */
function memberShare(minor: bigint): bigint {
  const exact = [1000n, 7000n, 2000n].map((bps) => minor * bps);
  const shares = exact.map((share) => share / 10_000n);
  const rest = minor - shares.reduce((sum, share) => sum + share, 0n);
  const order = [0, 1, 2].sort((a, b) => Number(remainder(b) - remainder(a)) || a - b);
  function remainder(index: number): bigint {
    return (exact[index] ?? 0n) % 10_000n;
  }
  return (shares[0] ?? 0n) + (order.indexOf(0) < Number(rest) ? 1n : 0n);
}

const { translate } = whopProvider({ secrets: [] });
const receivedAt = demoSettings.frozenAt;
const translated = ({ body }: DemoDelivery) => translate(Buffer.from(body), receivedAt);

const delivered = new Map<string, { tally: Tally; deliveries: DemoDelivery[] }>();
function load(scale: DemoScale, seed = 1) {
  const key = `${scale} ${seed}`;
  const known = delivered.get(key);
  if (known) return known;
  const tally = new Tally();
  const deliveries = [...demoDeliveries(scale, seed)];
  for (const delivery of deliveries) {
    const translation = translated(delivery);
    if (translation.outcome === 'telling') tally.told(translation.telling);
  }
  delivered.set(key, { tally, deliveries });
  return { tally, deliveries };
}

const rowsOf = (tally: Tally) =>
  tally
    .ranking('biz_demo', '2025-10')
    .slice(0, 10)
    .map(({ name, total, inMonth, earned }) => [name, total, inMonth, earned]);
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

describe('the demo data', () => {
  it.each([['small'], ['full']] as const)('gives the table of October in scale %s', (scale) => {
    const { tally, deliveries } = load(scale);
    const ranking = tally.ranking('biz_demo', '2025-10');
    const expected = demoExpectations(scale);
    expect(rowsOf(tally)).toEqual(table);
    expect(ranking.reduce((all, { inMonth }) => all + inMonth, 0)).toBe(11);
    expect(ranking[10]?.total).toBeLessThan(43);
    expect(expected.conversions).toBe(11);
    expect(
      expected.topReferrers.map(({ name, totalReferrals, monthlyReferrals, ...row }) => [
        name,
        totalReferrals,
        monthlyReferrals,
        row.monthlyEarningsMinor,
      ]),
    ).toEqual(table);
    expect(expected.topReferrers.map(({ memberId }) => memberId)).toEqual(
      ranking.slice(0, 10).map(({ memberId }) => memberId),
    );
    expect(tally.members.size).toBe(expected.members);
    expect(deliveries.length).toBe(expected.deliveries);
  });

  it('keeps the table with a hundred thousand members', () => {
    const tally = new Tally();
    let deliveries = demoExpectations('small').deliveries;
    const community = new Set([...demoStories('small')].map(({ person }) => person.userId));
    for (const story of demoStories('100k')) {
      tally.happened(story);
      const { person, payments, endsAt } = story;
      const told = 1 + payments.length + (endsAt === undefined ? 0 : 1);
      if (!community.has(person.userId)) deliveries += told;
    }
    expect(rowsOf(tally)).toEqual(table);
    expect(tally.members.size).toBe(100_000);
    expect(demoExpectations('100k')).toMatchObject({ members: 100_000, deliveries });
  });

  it('keeps the table whatever the seed', () => {
    for (const seed of [2, 3, 2025]) expect(rowsOf(load('small', seed).tally)).toEqual(table);
  });

  it('ranks equal totals by who reached them first', () => {
    const ranking = load('small').tally.ranking('biz_demo', '2025-10');
    const reached = (name: string) => ranking.find((row) => row.name === name)?.reachedAt ?? 0;
    expect(reached('Paul Martin')).toBeLessThan(reached('Dorothy Torres'));
    expect(reached('Dorothy Torres')).toBeLessThan(reached('Steven Nguyen'));
    expect(reached('Steven Wright')).toBeLessThan(reached('Carolyn Rodriguez'));
  });

  it('leaves Nicole at 49 and Kevin at 48 at the end of September', () => {
    const ranking = load('small').tally.ranking('biz_demo', '2025-10');
    const before = Object.fromEntries(ranking.slice(0, 10).map((row) => [row.memberId, row.before]));
    expect(ranking.slice(0, 2).map((row) => row.before)).toEqual([49, 48]);
    expect(demoExpectations('small').septemberTotals).toEqual(before);
  });

  it('puts several hundred payments beside the 11 new referrals', () => {
    const { initial, recurring } = load('small').tally.books('biz_demo', '2025-10');
    expect(initial.length + recurring.length).toBeGreaterThan(300);
  });

  it('completes October to 908 initial and 2,003 recurring payments in scale full', () => {
    const { initial, recurring } = load('full').tally.books('biz_demo', '2025-10');
    expect([initial.length, sum(initial)]).toEqual([908, 4_587_618n]);
    expect([recurring.length, sum(recurring)]).toEqual([2_003, 9_994_733n]);
    expect(demoExpectations('full').payments).toEqual({
      initialPayments: initial.length,
      initialMinor: sum(initial),
      recurringPayments: recurring.length,
      recurringMinor: sum(recurring),
    });
  });

  it('pins Kevin below what his total would give him', () => {
    const [, kevin] = demoExpectations('small').topReferrers;
    expect(kevin).toMatchObject({ tierByThreshold: 'Gold', tier: 'Silver' });
  });

  it.each([
    ['small', '0'],
    ['full', '0'],
  ] as const)('is the same bytes for ever in scale %s', (scale, golden) => {
    const hash = createHash('sha256');
    for (const { deliveryId, generation, body } of demoDeliveries(scale, 1)) {
      hash.update(`${deliveryId} ${generation} ${body}\n`);
    }
    expect(hash.digest('hex')).toBe(golden);
  });

  it('is other bytes for another seed', () => {
    const bodies = (seed: number) => load('small', seed).deliveries.map(({ body }) => body);
    expect(bodies(2)).not.toEqual(bodies(1));
  });

  it('comes in the order of arrival, within the demo year, in every generation', () => {
    const { deliveries } = load('full');
    const facts = [...demoFacts('full')];
    const arrivals = facts.map(({ arrivesAt }) => arrivesAt);
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    const times = facts.flatMap(({ at, signUpAt, payment }) => [at, signUpAt, payment?.createdAt ?? at]);
    expect(times.every((at) => at >= Date.UTC(2025, 0, 1, 5) / 1000)).toBe(true);
    expect(times.every((at) => at <= Date.UTC(2025, 9, 26, 17, 59) / 1000)).toBe(true);
    expect(facts.every(({ at, signUpAt }) => signUpAt <= at)).toBe(true);
    const share = (generation: string) =>
      deliveries.filter((delivery) => delivery.generation === generation).length /
      deliveries.length;
    expect(share('v1')).toBeGreaterThan(0.6);
    for (const generation of ['v1-pinned', 'v5', 'v2']) {
      expect(share(generation)).toBeGreaterThan(0.02);
    }
  });

  it('gives ids, usernames and messages to one thing only', () => {
    const { deliveries } = load('full');
    const people = new Map([...demoFacts('full')].map(({ person }) => [person.userId, person]));
    expect(new Set([...people.values()].map(({ username }) => username)).size).toBe(people.size);
    expect(new Set([...people.values()].map(({ name }) => name)).size).toBeGreaterThan(2_000);
    // One delivery comes twice, on purpose.
    expect(new Set(deliveries.map(({ deliveryId }) => deliveryId)).size).toBe(deliveries.length - 1);
  });
});
