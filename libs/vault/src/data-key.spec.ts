import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dataKeysOf } from './data-key.js';

describe('the data key', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'flywheel-key-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  const keys = (rest: { dataKeys?: Buffer[]; databaseUrl?: string } = {}) =>
    dataKeysOf({ dataKeys: [], databaseUrl: undefined, home, ...rest });

  it('is made once beside the embedded database, for its owner alone', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => keys()));
    for (const one of made) expect(one).toEqual(made[0]);
    expect(made[0]?.[0]).toHaveLength(32);
    const file = path.join(home, 'data-key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(made[0]?.[0]?.toString('hex'));
  });

  it('is the one that is set, and then no file is made', async () => {
    const given = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(await keys({ dataKeys: given })).toEqual(given);
    await expect(stat(path.join(home, 'data-key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('must be set beside a database of one’s own', async () => {
    await expect(keys({ databaseUrl: 'postgres://db/ledger' })).rejects.toMatchObject({
      code: 'data_key_missing',
    });
  });

  it('is never replaced when its file is damaged', async () => {
    const file = path.join(home, 'data-key');
    for (const text of ['', 'abc', `${'0'.repeat(63)}x`]) {
      await writeFile(file, text);
      await expect(keys()).rejects.toMatchObject({ code: 'data_key_wrong' });
      expect(await readFile(file, 'utf8')).toBe(text);
    }
    await chmod(file, 0o600);
  });
});
