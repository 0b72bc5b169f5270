import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { LeaseLost } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { clearBodies, runRetention } from './retention.js';

const DAY = 86_400;
const NOW = Date.UTC(2026, 2, 31) / 1000;
const LEASE = { name: 'retention', epoch: '1' };

describe('retention', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await testDatabase();
    await sql`insert into leases (name, epoch, holder, expires_at) values ('retention', 1, 'test', 'infinity')`.execute(
      test.db,
    );
  });
  afterEach(() => test.drop());

  /** Received so many days ago; decided as many days ago unless said otherwise. */
  const store = (name: string, outcome: string, days: number, decidedDays = days) =>
    sql`
      insert into deliveries
        (provider, delivery_id, body_sha256, generation, body, headers, received_at, outcome, decided_at)
      values ('whop', ${name}, sha256('x'), 'v1', 'x', '{}', to_timestamp(${NOW - days * DAY}::bigint),
        ${outcome}, to_timestamp(${NOW - decidedDays * DAY}::bigint))`.execute(test.db);
  const kept = async (): Promise<string[]> => {
    const { rows } = await sql<{ delivery_id: string }>`
      select delivery_id from deliveries where body is not null and headers is not null
      order by delivery_id`.execute(test.db);
    return rows.map(({ delivery_id }) => delivery_id);
  };
  const clear = (limit = 100) => clearBodies(test.db, LEASE, { before: NOW - 30 * DAY, limit });

  it('removes the bodies of what is resolved after the days that are set, not before', async () => {
    await store('applied', 'applied', 31);
    await store('unchanged', 'unchanged', 31);
    await store('ignored', 'ignored', 31);
    await store('recent', 'applied', 29);
    await store('on the day', 'applied', 30);
    expect(await clear()).toBe(3);
    expect(await kept()).toEqual(['on the day', 'recent']);
  });

  it('keeps what is unresolved until it is resolved, however late that is', async () => {
    for (const outcome of ['pending', 'parked', 'quarantined']) await store(outcome, outcome, 400);
    expect(await clear()).toBe(0);
    await sql`update deliveries set outcome = 'applied', decided_at = now() where outcome = 'parked'`.execute(
      test.db,
    );
    expect(await clear()).toBe(1);
    expect(await kept()).toEqual(['pending', 'quarantined']);
  });

  it('keeps what was excluded as long again, because that can be taken back', async () => {
    await store('excluded lately', 'excluded', 400, 29);
    await store('excluded long ago', 'excluded', 400, 31);
    expect(await clear()).toBe(1);
    expect(await kept()).toEqual(['excluded lately']);
  });

  it('leaves id, hash and outcome for ever', async () => {
    await store('old', 'applied', 31);
    await clear();
    const { rows } = await sql`
      select delivery_id, outcome, body_sha256 = sha256('x') as same, body, headers
      from deliveries`.execute(test.db);
    expect(rows).toEqual([
      { delivery_id: 'old', outcome: 'applied', same: true, body: null, headers: null },
    ]);
  });

  it('goes in batches, oldest first, past rows that somebody holds', async () => {
    for (const days of [31, 32, 33, 34]) await store(`${days} days`, 'applied', days);
    expect(await clear(2)).toBe(2);
    expect(await kept()).toEqual(['31 days', '32 days']);
    await test.db.transaction().execute(async (tx) => {
      await sql`select from deliveries where delivery_id = '32 days' for update`.execute(tx);
      expect(await clear(2)).toBe(1);
    });
    expect(await kept()).toEqual(['32 days']);
  });

  it('does nothing for a holder that was replaced', async () => {
    await store('old', 'applied', 31);
    await sql`update leases set epoch = 2`.execute(test.db);
    await expect(clear()).rejects.toBeInstanceOf(LeaseLost);
    expect(await kept()).toEqual(['old']);
  });

  it('sweeps by the clock and the days that it is given', async () => {
    await sql`delete from leases`.execute(test.db);
    await store('older', 'applied', 8);
    await store('newer', 'applied', 6);
    const stop = new AbortController();
    const cleared = new Promise<object | undefined>((resolve) => {
      void runRetention({
        db: test.db,
        url: test.url,
        clock: { now: () => NOW * 1000 },
        days: 7,
        signal: stop.signal,
        log: (_level, _message, about) => resolve(about),
      });
    });
    expect(await cleared).toEqual({ cleared: 1 });
    stop.abort();
    expect(await kept()).toEqual(['newer']);
  });
});
