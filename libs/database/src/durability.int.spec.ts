import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { openDatabase, verifyDurability } from '#libs/database';
import { type TestDatabase, testDatabase } from '#libs/testing';

describe('the durability of a server', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it('is enough as tests run it', async () => {
    await expect(verifyDurability(test.db)).resolves.toBeUndefined();
  });

  it('is refused where a database switches synchronous_commit off', async () => {
    const admin = new pg.Client({ connectionString: test.url });
    await admin.connect();
    await admin.query(
      `do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$`,
    );
    await admin.end();
    const db = openDatabase(test.url, { max: 1 });
    try {
      await expect(verifyDurability(db)).rejects.toMatchObject({
        code: 'not_durable',
        message: expect.stringContaining('synchronous_commit'),
      });
    } finally {
      await db.destroy();
    }
  });
});
