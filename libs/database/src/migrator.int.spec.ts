/** What a database says of itself: which migrations it has, since when, and what it is. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { migrations } from '#migrations';
import { databaseState, missingMigrations } from './migrator.js';

describe('the state of a database', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it('is its version, and every migration with when it was applied', async () => {
    const { server, applied } = await databaseState(test.db, migrations);
    expect(server).toMatch(/^\d+/);
    expect(applied.map(({ name }) => name)).toEqual(Object.keys(migrations).sort());
    for (const { appliedAt } of applied) expect(appliedAt).toBeGreaterThan(1_700_000_000_000);
    expect(await missingMigrations(test.db, migrations)).toEqual([]);
  });

  it('lists none that the database lacks', async () => {
    const [name, migration] = Object.entries(migrations)[0] ?? [];
    const newer = { ...migrations, 'zzzz-tomorrow': migration as NonNullable<typeof migration> };
    const { applied } = await databaseState(test.db, newer);
    expect(applied.map((one) => one.name)).toEqual(Object.keys(migrations).sort());
    expect(applied[0]?.name).toBe(name);
    expect(await missingMigrations(test.db, newer)).toEqual(['zzzz-tomorrow']);
  });
});
