import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { demoFacts, demoStories } from './deliveries.js';
import { demoExpectations } from './expectations.js';
import { load, Tally } from './tally.fixture.js';

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
    const ranking = tally.ranking('biz_demo', '2025-10');
    expect(ranking.reduce((all, { inMonth }) => all + inMonth, 0)).toBe(11);
    expect(ranking[10]?.total).toBeLessThan(43);
    expect(tally.members.size).toBe(100_000);
    expect(demoExpectations('100k')).toMatchObject({ members: 100_000, deliveries });
  });

  it('keeps the table whatever the seed', () => {
    for (const seed of [2, 2025]) expect(rowsOf(load('small', seed).tally)).toEqual(table);
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
    const before = Object.fromEntries(
      ranking.slice(0, 10).map((row) => [row.memberId, row.before]),
    );
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
    ['small', '4aa7a41bca721f739bda7a1cd6e9f75d6367fffa54d43ae938bb3aa7b516def3'],
    ['full', '74410784cd77a059e43c934c983afd852cdd5e460c2e79f258b8add52a9eb8ad'],
  ] as const)('is the same bytes for ever in scale %s', (scale, golden) => {
    const hash = createHash('sha256');
    for (const { deliveryId, generation, body } of load(scale).deliveries) {
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
    const times = facts.flatMap(({ at, signUpAt, payment }) => [
      at,
      signUpAt,
      payment?.createdAt ?? at,
    ]);
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
    expect(new Set(deliveries.map(({ deliveryId }) => deliveryId)).size).toBe(
      deliveries.length - 1,
    );
  });
});
