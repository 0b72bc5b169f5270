/**
 * Every number can be explained: what is counted adds up to it, dropping any of it changes it, the
 * read model says the same, an independent model too; and a read model that is damaged is contradicted.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { explainable, type ReadSide } from '#libs/application';
import { CREATOR_FIGURES, type StoredTotals } from '#libs/ledger';
import { type TestDatabase, type TestLedger, testDatabase, testLedger } from '#libs/testing';
import { historyOf, settingsOf } from '../reference/histories.js';
import { figuresOf } from '../reference/model.js';
import { closingOf } from './closed-months.js';
import { type Asked, addedUp, explained, placedLines, readsAt } from './explained.js';
import { codeOf, deliverHistory, NOW, projectAll, settingsOfHistory } from './history-ledger.js';
import { giveOrders } from './orders-of-people.js';

const SEEDS = (process.env.FLYWHEEL_EXPLAIN_SEEDS ?? '2').split(',').map(Number);

describe('explanations of random histories', () => {
  let test: TestDatabase;
  let ledger: TestLedger;
  beforeEach(async () => {
    test = await testDatabase();
    ledger = await testLedger(test);
  });
  afterEach(() => test.drop());

  async function told(seed: number) {
    const history = historyOf(seed, { codeOf, creators: 3, members: 20 });
    await settingsOfHistory(ledger, history);
    await deliverHistory(ledger, history, seed);
    return history;
  }
  async function readsNow(): Promise<{ reads: ReadSide; schema: string }> {
    const { schema } = await projectAll(test, ledger);
    return { reads: readsAt(test.db, schema, NOW), schema };
  }

  it.each(SEEDS)('add up to the figures of the reference model (seed %i)', async (seed) => {
    const history = await told(seed);
    const { reads } = await readsNow();
    const tellings = history.deliveries.map((delivery) => delivery.telling);
    const model = figuresOf(tellings, settingsOf(history), codeOf, NOW);
    let compared = 0;
    const is = async (asked: Asked, expected: bigint | number | string): Promise<void> => {
      const { total, agrees } = await explained(reads, asked);
      expect({ ...asked, total: String(total), agrees }).toEqual({
        ...asked,
        total: String(expected),
        agrees: true,
      });
      compared += 1;
    };
    for (const { creatorId, memberId, month, referrals, signUps } of model.memberMonths) {
      const of = { creatorId, memberId, month };
      await is({ ...of, figure: 'monthlyReferrals' }, referrals);
      await is({ ...of, figure: 'signUps' }, signUps);
    }
    for (const { earningsMinor, ...of } of model.memberMonthEarnings)
      await is({ ...of, figure: 'monthlyEarningsMinor' }, earningsMinor);
    for (const { earningsMinor, day, ...of } of model.memberDayEarnings.slice(0, 40))
      await is({ ...of, day, figure: 'earningsMinor' }, earningsMinor);
    for (const { earningsMinor, ...of } of model.memberTotals)
      await is({ ...of, figure: 'totalEarningsMinor' }, earningsMinor);
    for (const { reversedReferrals, ...of } of model.memberMonthReversed)
      await is({ ...of, figure: 'reversedReferrals' }, reversedReferrals);
    for (const { referrals, signUps, ...of } of model.creatorMonths) {
      await is({ ...of, figure: 'referrals' }, referrals);
      await is({ ...of, figure: 'signUps' }, signUps);
    }
    for (const { creatorId, month, currency, ...figures } of model.creatorMonthRevenue)
      for (const [figure, value] of Object.entries(figures))
        await is({ creatorId, month, currency, figure }, value);
    for (const { refundsMinor, ...of } of model.creatorMonthRefunds)
      await is({ ...of, figure: 'refundsMinor' }, refundsMinor);
    for (const { creatorId, memberId, asOf, rank, totalReferrals, tier } of model.rankings) {
      const of = { creatorId, memberId, ...(asOf === 'now' ? {} : { month: asOf }) };
      await is({ ...of, figure: 'rank' }, rank);
      await is({ ...of, figure: 'tier' }, tier);
      await is({ ...of, figure: 'totalReferrals' }, totalReferrals);
    }
    expect(compared).toBeGreaterThan(200);
  });

  it.each(SEEDS)(
    'agree after corrections, pins, closes and restatements, and each counted fact changes the figure (seed %i)',
    async (seed) => {
      await told(seed);
      const months = closingOf(test, ledger);
      await months.close();
      await giveOrders(test.db, ledger);
      await months.restate();
      const { reads, schema } = await readsNow();
      const lines = await placedLines(ledger);
      let dropped = 0;
      for (const asked of await askedOf(schema)) {
        // One page after the other is the same as all at once.
        const found = await explained(reads, asked, 7);
        const { total, readModel, sum, counted, countedFacts, agrees } = found;
        expect({ asked, agrees, total }).toEqual({ asked, agrees: true, total: readModel });
        expect(counted).toHaveLength(countedFacts);
        const adds = counted.map(({ contribution }) => contribution);
        expect(adds.reduce((all, one) => all + one, 0n)).toBe(sum);
        const currency = asked.currency ?? found.currency ?? undefined;
        const added = { ...asked, ...(currency !== undefined && { currency }) };
        expect({ asked, added: addedUp(lines, added) }).toEqual({ asked, added: sum });
        for (const one of counted) {
          expect(addedUp(lines, added, one)).toBe(sum - one.contribution);
          expect(one.contribution).not.toBe(0n);
          const said = one.events.map(({ contribution }) => contribution);
          expect(said.reduce((all, part) => all + part, 0n)).toBe(one.contribution);
          dropped += 1;
        }
      }
      expect(dropped).toBeGreaterThan(200);
    },
  );

  it.each([3, 9])(
    'state what closes sealed, restatements state anew and what is pending (seed %i)',
    async (seed) => {
      await told(seed);
      const months = closingOf(test, ledger);
      await months.close();
      await giveOrders(test.db, ledger);
      const { reads: before } = await readsNow();
      const pendingBefore = await agreeing(before, 'pending');
      expect(await months.restate()).toBeGreaterThan(0);
      const { reads } = await readsNow();
      expect(await agreeing(reads, 'closed')).toBeGreaterThan(0);
      expect(pendingBefore).toBeGreaterThan(0);
      expect(await agreeing(reads, 'pending')).toBe(0);
    },
  );

  /** Asks for every sealed or pending cell; how many of them are not zero. */
  async function agreeing(reads: ReadSide, state: 'closed' | 'pending'): Promise<number> {
    const { schema } = await projectAll(test, ledger);
    const { rows } = await sql<{ creator_id: string; month: string; version: string }>`
      select creator_id, month, version from ${sql.id(schema, 'snapshots')}`.execute(test.db);
    let found = 0;
    for (const { creator_id: creatorId, month, version } of rows) {
      const people = await membersOf(schema, creatorId);
      for (const memberId of [undefined, ...people]) {
        const rules = explainable(memberId === undefined ? 'creator' : 'member', false);
        for (const { figure, stated, time } of rules) {
          if (!stated || (state === 'pending' && time !== 'month')) continue;
          const of = state === 'closed' ? { version: Number(version) } : {};
          const asked = { creatorId, memberId, month, figure, state, ...of };
          const { agrees, total, readModel, seal, sum, counted } = await explained(reads, asked);
          const told = { agrees, total, stated: seal?.stated };
          const as = seal === undefined ? undefined : total;
          expect({ asked, ...told }).toEqual({ asked, agrees: true, total: readModel, stated: as });
          expect(counted.reduce((all, one) => all + one.contribution, 0n)).toBe(sum);
          if (total !== 0n && total !== null) found += 1;
        }
      }
    }
    return found;
  }

  it('are right without any row about the referrer, and say that the read models are not', async () => {
    await told(2);
    await giveOrders(test.db, ledger);
    const { reads, schema } = await readsNow();
    const asked = await askedOf(schema);
    const before = new Map<Asked, unknown>();
    for (const one of asked) before.set(one, (await explained(reads, one)).total);
    for (const [table, column] of DELETED)
      await sql`delete from ${sql.id(schema, table)}
        where ${sql.ref(column)} like 'user_%'`.execute(test.db);
    let contradicted = 0;
    for (const one of asked) {
      if (one.memberId === undefined) continue;
      const { total, agrees } = await explained(reads, one);
      expect({ one, total }).toEqual({ one, total: before.get(one) });
      expect(agrees).toBe(false);
      contradicted += 1;
    }
    expect(contradicted).toBeGreaterThan(100);
  });

  it('contradict a number that was altered, and one that was invented', async () => {
    await told(2);
    const { reads, schema } = await readsNow();
    const { rows } = await sql<Record<'creator_id' | 'member_id' | 'month' | 'currency', string>>`
      update ${sql.id(schema, 'member_months')} set earned_minor = earned_minor + 1, referrals = referrals - 1
      where earned_minor > 0 returning creator_id, member_id, month, currency`.execute(test.db);
    expect(rows.length).toBeGreaterThan(3);
    for (const { creator_id: creatorId, member_id: memberId, month, currency } of rows) {
      const of = { creatorId, memberId, month };
      for (const asked of [
        { ...of, currency, figure: 'monthlyEarningsMinor' },
        { ...of, figure: 'monthlyReferrals' },
      ])
        expect((await explained(reads, asked)).agrees).toBe(false);
    }
    // A line in the read model alone adds a place to look, and nothing is found there.
    const [one] = rows;
    const { creator_id: creatorId = '', member_id: memberId = '', month = '' } = one ?? {};
    const asked = { creatorId, memberId, month, figure: 'monthlyReferrals' };
    const { total } = await explained(reads, asked);
    await sql`insert into ${sql.id(schema, 'referrals')} (creator_id, member_id, kind, referrer_id, at, day, count)
      values (${creatorId}, 'user_invented', 'conversion', ${memberId}, 1, ${`${month}-01`}, 1)`.execute(
      test.db,
    );
    expect((await explained(reads, asked)).total).toBe(total);
  });

  it('contradict a total of today in whichever of its two places it is wrong', async () => {
    await told(2);
    const { reads, schema } = await readsNow();
    const { rows } = await sql<Record<'creator_id' | 'member_id', string>>`
      select creator_id, member_id from ${sql.id(schema, 'rankings')}
      where total_referrals > 0 order by 1, 2`.execute(test.db);
    expect(rows.length).toBeGreaterThan(2);
    const add = async (table: string, column: string, n: number): Promise<void> => {
      await sql`update ${sql.id(schema, table)} t
        set ${sql.id(column)} = ${sql.ref(`t.${column}`)} + ${n}
        where (t.creator_id, t.member_id, t.ctid) in (
          select creator_id, member_id, min(ctid) from ${sql.id(schema, table)}
          group by creator_id, member_id)`.execute(test.db);
    };
    const agreements = async (): Promise<boolean[]> => {
      const found: boolean[] = [];
      for (const { creator_id: creatorId, member_id: memberId } of rows) {
        const asked = { creatorId, memberId, figure: 'totalReferrals' };
        found.push((await explained(reads, asked)).agrees);
      }
      return found;
    };
    const all = (agrees: boolean) => rows.map(() => agrees);
    expect(await agreements()).toEqual(all(true));
    await add('member_months', 'referrals', 1);
    expect(await agreements()).toEqual(all(false));
    // The counter has the same error.
    await add('rankings', 'total_referrals', 1);
    expect(await agreements()).toEqual(all(false));
    await add('member_months', 'referrals', -1);
    expect(await agreements()).toEqual(all(false));
    await add('rankings', 'total_referrals', -1);
    expect(await agreements()).toEqual(all(true));
  });

  it('contradict a statement that lost a line, also its last one', async () => {
    await told(2);
    const { reads, schema } = await readsNow();
    const { rows } = await sql<Record<'creator_id' | 'referrer_id' | 'source_id', string>>`
      select distinct on (creator_id, referrer_id, currency) creator_id, referrer_id, source_id
      from ${sql.id(schema, 'lines')} where kind = 'sale' and referrer_id <> ''
      group by creator_id, referrer_id, currency, at, source_id
      having sum(count) > 0 and sum(member_minor) > 0
      order by creator_id, referrer_id, currency, at desc, source_id desc`.execute(test.db);
    expect(rows.length).toBeGreaterThan(2);
    const ofLines = rows.flatMap(({ creator_id: creatorId, referrer_id: memberId, source_id }) =>
      ['saleMinor', 'amountMinor', 'balanceMinor'].map((figure) => ({
        ...{ creatorId, memberId, sourceId: source_id, figure },
      })),
    );
    for (const asked of ofLines)
      expect({ asked, agrees: (await explained(reads, asked)).agrees }).toEqual({
        ...{ asked, agrees: true },
      });
    const lost = rows.map(({ source_id }) => source_id);
    await sql`delete from ${sql.id(schema, 'lines')}
      where source_id = any(${lost}::text[])`.execute(test.db);
    for (const asked of ofLines)
      expect({ asked, agrees: (await explained(reads, asked)).agrees }).toEqual({
        ...{ asked, agrees: false },
      });
  });

  it('contradict a seal of a creator in whichever of its two places it is wrong', async () => {
    await told(1);
    await closingOf(test, ledger).close();
    const { reads, schema } = await readsNow();
    const { rows } = await sql<Record<'creator_id' | 'month' | 'snapshot' | 'currency', string>>`
      select s.creator_id, s.month, s.snapshot, c.currency from ${sql.id(schema, 'snapshots')} s
      join ${sql.id(schema, 'snapshot_creators')} c
        on c.snapshot = s.snapshot and c.origin = s.month
      where c.organic_minor <> 0`.execute(test.db);
    expect(rows.length).toBeGreaterThan(0);
    for (const { creator_id: creatorId, month, snapshot, currency } of rows) {
      const asked = {
        creatorId,
        month,
        currency,
        figure: 'organicMinor',
        state: 'closed' as const,
      };
      const addToCell = (n: number) =>
        sql`update ${sql.id(schema, 'snapshot_creators')} set organic_minor = organic_minor + ${n}
          where snapshot = ${snapshot} and currency = ${currency} and origin = ${month}`.execute(
          test.db,
        );
      const addToTotals = (n: bigint) => addToStored(schema, { snapshot, month, currency }, n);
      const agrees = async () => (await explained(reads, asked)).agrees;
      expect(await agrees()).toBe(true);
      await addToTotals(1n);
      expect(await agrees()).toBe(false);
      await addToCell(1);
      expect(await agrees()).toBe(false);
      await addToTotals(-1n);
      expect(await agrees()).toBe(false);
      await addToCell(-1);
      expect(await agrees()).toBe(true);
    }
  });

  /** Alters what the totals of a seal say of the creator's organic sales, in the read model alone. */
  async function addToStored(
    schema: string,
    cell: { readonly snapshot: string; readonly month: string; readonly currency: string },
    n: bigint,
  ): Promise<void> {
    const { rows } = await sql<{ totals: string }>`
      select totals from ${sql.id(schema, 'snapshots')}
      where snapshot = ${cell.snapshot}`.execute(test.db);
    const totals = JSON.parse(rows[0]?.totals ?? '') as StoredTotals;
    const place = 2 + CREATOR_FIGURES.indexOf('organicMinor');
    const creator = totals.creator.map((row) =>
      row[0] === cell.month && row[1] === cell.currency
        ? row.with(place, String(BigInt(row[place] ?? 0) + n))
        : row,
    );
    expect(creator).not.toEqual(totals.creator);
    await sql`update ${sql.id(schema, 'snapshots')}
      set totals = ${JSON.stringify({ ...totals, creator })}
      where snapshot = ${cell.snapshot}`.execute(test.db);
  }

  const DELETED = [
    ['lines', 'referrer_id'],
    ['referrals', 'referrer_id'],
    ['referrals', 'member_id'],
    ['rankings', 'member_id'],
    ['member_months', 'member_id'],
    ['member_days', 'member_id'],
    ['members', 'member_id'],
  ] as const;

  async function membersOf(schema: string, creatorId: string): Promise<string[]> {
    const { rows } = await sql<{ member_id: string }>`
      select member_id from ${sql.id(schema, 'members')} where creator_id = ${creatorId}
      order by 1`.execute(test.db);
    return rows.map((row) => row.member_id);
  }

  /** Every figure of every creator and of every referrer, in their months and currencies. */
  async function askedOf(schema: string): Promise<(Asked & { readonly month: string })[]> {
    const { rows } = await sql<Record<'creator_id' | 'member_id' | 'month' | 'currency', string>>`
      select distinct creator_id, member_id, month, currency from (
        select creator_id, member_id, month, currency from ${sql.id(schema, 'member_months')}
        union all select creator_id, '', month, currency from ${sql.id(schema, 'creator_months')}
        where currency <> '') x order by 1, 2, 3, 4`.execute(test.db);
    return rows.flatMap(({ creator_id: creatorId, member_id, month, currency }) => {
      const memberId = member_id === '' ? undefined : member_id;
      const rules = explainable(memberId === undefined ? 'creator' : 'member', false);
      return rules
        .filter(({ time }) => time === 'month' || time === 'through')
        .map(({ figure, inCurrency }) => ({
          ...{ creatorId, memberId, month, figure },
          ...(inCurrency && { currency }),
        }));
    });
  }
});
