import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Transaction } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { SessionSum, SUM } from './sums.js';

const HALF = 2n ** 62n;

describe('the sum of a session', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  const summed = (amounts: readonly (bigint | null)[]) => async (tx: Transaction) => {
    const sums = new SessionSum(tx);
    const add = async () => {
      const { rows } = await sql<{ sum: string; type: string }>`
        select s::text as sum, pg_typeof(s) as type from (
          select ${sql.raw(SUM)}(x) as s from unnest(${amounts.map(String)}::text[]) as t(a),
            nullif(a, 'null') as n, cast(n as bigint) as x) y`.execute(tx);
      return rows[0];
    };
    const sum = await sums.adding(add);
    await sums.drop();
    const { rows } = await sql`select from pg_proc where proname = 'flywheel_sum'`.execute(tx);
    return { ...sum, left: rows.length };
  };
  const of = (...amounts: (bigint | null)[]) => test.db.transaction().execute(summed(amounts));

  it('adds whole numbers, without those that are not known', async () => {
    expect(await of(4999n, null, -1n)).toEqual({ sum: '4998', type: 'bigint', left: 0 });
    expect(await of(null)).toMatchObject({ sum: null });
  });

  it('is exact where 64 bits do not hold it, on the way or in the end', async () => {
    expect(await of(HALF, HALF, -HALF)).toEqual({
      ...{ sum: String(HALF), type: 'numeric', left: 0 },
    });
    expect(await of(HALF, HALF)).toMatchObject({ sum: String(2n * HALF) });
  });

  it('tells any other failure', async () => {
    await expect(
      test.db
        .transaction()
        .execute((tx) => new SessionSum(tx).adding(() => sql`select 1 / 0`.execute(tx))),
    ).rejects.toMatchObject({ code: '22012' });
  });
});
