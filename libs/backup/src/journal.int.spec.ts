/** A backup of a database that is the journal of a log in a cluster. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { clientConfig, createScratchDatabase } from '#libs/database';
import { endOfRange, NUMBERS_IN_RANGE } from '#libs/event-store';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { migrations } from '#migrations';
import { backUpToFile, openBackup, restoreBackup, TRUTH } from './index.js';
import { beginJournal } from './journal.fixture.js';

describe('a backup of a journal', () => {
  let source: TestDatabase;
  let folder = '';
  const databases: { drop(): Promise<void> }[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'flywheel-backup-'));
    source = await testDatabase();
    databases.push(source);
  });
  afterEach(async () => {
    for (const database of databases.splice(0).reverse()) await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** The next number of each table that gives any. */
  async function next(url: string): Promise<Record<string, string>> {
    const client = new pg.Client(clientConfig(url, { as: 'owner' }));
    await client.connect();
    const found: Record<string, string> = {};
    for (const { name, identity } of TRUTH) {
      if (identity === undefined) continue;
      const { rows } = await client.query<{ n: string }>(
        `select nextval(pg_get_serial_sequence('${name}', '${identity}')) as n`,
      );
      found[name] = rows[0]?.n ?? '';
    }
    await client.end();
    return found;
  }

  async function restored(url: string, name: string): Promise<string> {
    const file = path.join(folder, name);
    await backUpToFile({ url }, file);
    const target = await createScratchDatabase(source.url);
    databases.push(target);
    await restoreBackup({ url: target.url, migrations, source: await openBackup(file) });
    return target.url;
  }

  it('gives numbers that the log cannot hold yet: what it was told since may stand there', async () => {
    const client = new pg.Client(clientConfig(source.url, { as: 'owner' }));
    await client.connect();
    await beginJournal(client);
    await client.end();
    expect(new Set(Object.values(await next(source.url)))).toEqual(new Set(['1']));
    const once = await restored(source.url, 'once.backup');
    const first = new Set([String(NUMBERS_IN_RANGE + 1n)]);
    expect(new Set(Object.values(await next(once)))).toEqual(first);
    const twice = await restored(once, 'twice.backup');
    const second = new Set([String(2n * NUMBERS_IN_RANGE + 1n)]);
    expect(new Set(Object.values(await next(twice)))).toEqual(second);
  });

  it('begins a range behind every number of the one before', () => {
    expect([0n, 1n, 999_999_999n, 1_000_000_000n].map(endOfRange)).toEqual([
      ...[1_000_000_000n, 1_000_000_000n, 1_000_000_000n, 2_000_000_000n],
    ]);
  });
});
