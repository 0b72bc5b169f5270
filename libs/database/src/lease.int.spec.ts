import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { acquireLease, assertHeld, isLeaseHeld, type Lease, LeaseLost } from './lease.js';

describe('a lease', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  const never = new AbortController().signal;
  const acquire = async (name: string, signal = never): Promise<Lease> => {
    const lease = await acquireLease({ url: test.url, name, signal });
    if (lease === undefined) throw new Error('not acquired');
    return lease;
  };
  const backendOf = async (name: string): Promise<number> => {
    const row = await test.db
      .selectFrom('leases')
      .select('backend_pid')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return row.backend_pid ?? 0;
  };
  const kill = async (pid: number): Promise<void> => {
    const client = new pg.Client(test.url);
    await client.connect();
    await client.query('select pg_terminate_backend($1)', [pid]);
    await client.end();
  };

  it('is held by one, seen by all, and waited for by the others', async () => {
    const first = await acquire('one');
    expect(await isLeaseHeld(test.db, 'one')).toBe(true);
    const waiting = new AbortController();
    let second: Lease | undefined;
    const later = acquire('one', waiting.signal).then((lease) => {
      second = lease;
    });
    // Two rounds of the waiting one's question have passed when a third lease was taken and given back twice.
    for (const _ of [1, 2]) await (await acquire('clock')).release();
    expect(second).toBeUndefined();
    await first.release();
    await later;
    expect(BigInt((second as Lease | undefined)?.epoch ?? 0)).toBeGreaterThan(BigInt(first.epoch));
    await (second as Lease | undefined)?.release();
    expect(await isLeaseHeld(test.db, 'one')).toBe(false);
  });

  it('is free as soon as the holder is dead, and fences it', async () => {
    const first = await acquire('two');
    await kill(await backendOf('two'));
    const second = await acquire('two');
    expect(first.lost.aborted).toBe(true);
    await expect(test.db.transaction().execute((tx) => assertHeld(tx, first))).rejects.toThrow(
      LeaseLost,
    );
    await test.db.transaction().execute((tx) => assertHeld(tx, second));
    await second.release();
  });

  it('expires under a holder that is frozen', async () => {
    const frozen = await acquire('three');
    await test.db
      .updateTable('leases')
      .set({ expires_at: '-infinity' })
      .where('name', '=', 'three')
      .execute();
    const second = await acquire('three');
    await expect(test.db.transaction().execute((tx) => assertHeld(tx, frozen))).rejects.toThrow(
      LeaseLost,
    );
    await second.release();
    await frozen.release();
  });
});
