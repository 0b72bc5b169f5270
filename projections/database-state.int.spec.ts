import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { databaseState } from './database-state.queries.js';

describe('the state of a database', () => {
  let test: TestDatabase;
  const clients: pg.Client[] = [];
  const session = async (): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: test.url });
    clients.push(client);
    await client.connect();
    return client;
  };
  /** Whatever was written before goes to disk at the latest now. */
  const certain = async (): Promise<string> => {
    for (;;) {
      const state = await databaseState(test.db);
      if (state !== undefined) return state;
      await clients[0]?.query('set synchronous_commit = on; insert into numbers values (0)');
    }
  };

  beforeAll(async () => {
    test = await testDatabase();
    await (await session()).query('create table numbers (n bigint not null)');
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await test.drop();
  });

  it.each([
    ['who began last', ['early', 'late'], 'late'],
    ['who began first', ['early', 'late'], 'early'],
    ['with a part taken back', ['late', 'early', 'early part'], 'early'],
    ['alone', ['early'], 'early'],
  ] as const)('changes when somebody commits: %s', async (_, writes, commits) => {
    const sessions = { early: await session(), late: await session() };
    for (const client of Object.values(sessions))
      await client.query('begin; insert into numbers values (1)');
    for (const write of writes)
      if (write === 'early part')
        await sessions.early.query('savepoint s; insert into numbers values (2); rollback to s');
      else await sessions[write].query('insert into numbers values (3)');
    const before = await certain();
    await sessions[commits].query('commit');
    expect(await certain()).not.toBe(before);
  });

  it('is not certain while a commit may be lost', async () => {
    const writer = await session();
    await writer.query('set synchronous_commit = off');
    const told: (string | undefined)[] = [];
    // Somebody else may have flushed it in between: not each time.
    for (let n = 0; n < 50 && !told.includes(undefined); n++) {
      await writer.query('insert into numbers values (4)');
      told.push(await databaseState(test.db));
    }
    expect(told).toContain(undefined);
  });
});
