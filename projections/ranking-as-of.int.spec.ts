import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { decodeEvent } from '#libs/application';
import { ensureReadModels } from '#libs/projector';
import { type TestDatabase, testDatabase, testLedger } from '#libs/testing';
import { firstRankingsNow, rankingAsOf, register } from './index.js';
import { standingOf } from './ranking-as-of.queries.js';
import { readOf } from './read.queries.js';

const CREATOR = 'biz_r';
const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04'];
const REFERRERS = 40;
const CONVERSIONS = 400;

interface Conversion {
  readonly referrerId: string;
  readonly at: number;
  readonly day: string;
}
interface Place {
  readonly memberId: string;
  readonly total: number;
  readonly reachedAt: number;
}

/** Few referrers, few seconds: many totals and many times are equal. Some months are anybody's last. */
function conversionsOf(seed: number): Conversion[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: CONVERSIONS }, () => {
    const referrer = Math.min(random(REFERRERS), random(REFERRERS));
    const day = `${MONTHS[random(1 + (referrer % MONTHS.length))]}-0${1 + random(3)}`;
    return {
      referrerId: `user_${String(referrer).padStart(2, '0')}`,
      at: Date.parse(`${day}T00:00:00Z`) / 1000 + random(3),
      day,
    };
  });
}

/** Counted the plain way: everything by then, sorted. */
function rankingBy(month: string, conversions: readonly Conversion[]): Place[] {
  const counted = conversions.filter(({ day }) => day.slice(0, 7) <= month);
  const ids = [...new Set(counted.map(({ referrerId }) => referrerId))];
  const places = ids.map((memberId) => {
    const own = counted.filter(({ referrerId }) => referrerId === memberId);
    return { memberId, total: own.length, reachedAt: Math.max(...own.map(({ at }) => at)) };
  });
  return places.sort(
    (a, b) => b.total - a.total || a.reachedAt - b.reachedAt || (a.memberId < b.memberId ? -1 : 1),
  );
}

describe('the ranking as of the end of a month', () => {
  let test: TestDatabase;
  let schema = '';
  const conversions = conversionsOf(7);
  const args = (month: string) => ({
    creatorId: CREATOR,
    month,
    before: month === '2026-04' ? '2026-05-01' : `${MONTHS[MONTHS.indexOf(month) + 1]}-01`,
    at: Date.parse('2026-05-01') / 1000,
    currency: 'usd',
  });
  const today = { creatorId: CREATOR, at: Date.parse('2026-05-01') / 1000, currency: 'usd' };
  const source = () => ({ db: test.db, schema });
  const placesOf = (
    rows: readonly { member_id: string; total_referrals: string; reached_at: number }[],
  ) =>
    rows.map((row) => ({
      memberId: row.member_id,
      total: Number(row.total_referrals),
      reachedAt: row.reached_at,
    }));

  beforeAll(async () => {
    test = await testDatabase();
    const { store } = await testLedger(test);
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    ({ schema } = await ensureReadModels({
      ...{ db: test.db, store, register, decode: decodeEvent, log: silent },
      signal: new AbortController().signal,
    }));
    const table = (name: string) => sql.id(schema, name);
    const json = JSON.stringify(
      conversions.map((one, n) => ({ ...one, memberId: `user_m${n}`, month: one.day.slice(0, 7) })),
    );
    await sql`insert into ${table('creators')} (creator_id, registered_at, defaults)
      values (${CREATOR}, 0, '{}')`.execute(test.db);
    await sql`insert into ${table('referrals')} (creator_id, member_id, kind, referrer_id, at, day, count)
      select ${CREATOR}, "memberId", 'conversion', "referrerId", at, day, 1
      from json_to_recordset(${json}::json) as j("memberId" text, "referrerId" text, at bigint, day text)`.execute(
      test.db,
    );
    await sql`insert into ${table('members')} (creator_id, member_id, referral_code)
      select distinct creator_id, referrer_id, referrer_id from ${table('referrals')}`.execute(
      test.db,
    );
    await sql`insert into ${table('rankings')} (creator_id, member_id, total_referrals, reversed_referrals, reached_at)
      select creator_id, referrer_id, sum(count), 0, max(at) from ${table('referrals')} group by 1, 2`.execute(
      test.db,
    );
    await sql`insert into ${table('member_months')} (creator_id, member_id, month, currency, referrals,
        reversed_referrals, earned_minor, reversed_minor)
      select creator_id, referrer_id, substr(day, 1, 7), case when at % 2 = 0 then 'usd' else 'eur' end, sum(count), 0, 0, 0
      from ${table('referrals')} group by 1, 2, 3, 4`.execute(test.db);
  });
  afterAll(() => test.drop());

  it.each(MONTHS)(
    'of %s is what counting says, whoever of today is looked at first',
    async (month) => {
      const expected = rankingBy(month, conversions);
      expect(expected.length).toBeGreaterThan(5);
      for (const sample of [1, 3, 1_000])
        for (const limit of [1, 5, 17, 500, null]) {
          const read = await rankingAsOf(source(), { ...args(month), limit, sample });
          expect(placesOf(read?.rows ?? [])).toEqual(expected.slice(0, limit ?? undefined));
        }
    },
  );

  it.each(MONTHS)('of %s has pages that follow each other, through all ties', async (month) => {
    const expected = rankingBy(month, conversions);
    for (const sample of [1, 1_000])
      for (const limit of [1, 4]) {
        const places: Place[] = [];
        for (let after: Place | undefined, more = true; more; ) {
          const place = after && { ...after, total: BigInt(after.total) };
          const read = await rankingAsOf(source(), { ...args(month), limit, sample, after: place });
          const page = placesOf(read?.rows ?? []);
          places.push(...page);
          after = page.at(-1);
          more = page.length === limit;
        }
        expect(places).toEqual(expected);
      }
  });

  it.each(MONTHS)('of %s gives each referrer the place that they have in it', async (month) => {
    const expected = rankingBy(month, conversions);
    for (const memberId of [...new Set(conversions.map(({ referrerId }) => referrerId))]) {
      const read = await readOf<{ total: number; reached_at: number | null; rank: number | null }>(
        source(),
        CREATOR,
        standingOf(schema, { ...args(month), memberId }),
      );
      const n = expected.findIndex((place) => place.memberId === memberId);
      expect(read?.rows).toEqual([
        {
          total: expected[n]?.total ?? 0,
          reached_at: expected[n]?.reachedAt ?? null,
          rank: n < 0 ? null : n + 1,
        },
      ]);
    }
  });

  it('of today is answered to those who ask together as to each alone, and as counted', async () => {
    const last = MONTHS.at(-1) ?? '';
    const asks = [
      ...['usd', 'eur', 'gbp'].map((currency) => ({ ...today, month: last, currency })),
      { ...today, creatorId: 'biz_nobody', month: last },
      { ...today, month: '2026-01' },
    ];
    const together = await firstRankingsNow(source(), 5, asks);
    const alone = [];
    for (const ask of asks) alone.push(...((await firstRankingsNow(source(), 5, [ask])) ?? []));
    expect(together).toEqual(alone);
    const counted = await rankingAsOf(source(), { ...args(last), limit: 5 });
    expect(together?.[0]).toEqual(counted);
    expect(together?.map(({ rows }) => rows.length)).toEqual([5, 5, 5, 0, 5]);
    const months = together?.map(({ rows }) => rows.map((row) => row.monthly_referrals));
    expect(months?.[4]).not.toEqual(months?.[0]);
  });
});
