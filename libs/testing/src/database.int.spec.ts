import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type TestDatabase, testDatabase } from './database.js';

describe('a test database', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it('is empty, and seen as the application role', async () => {
    const { rows } = await sql<{ role: string; n: string }>`
      select current_user as role, (select count(*) from events) as n`.execute(test.db);
    expect(rows).toEqual([{ role: 'flywheel_app', n: '0' }]);
  });
});
