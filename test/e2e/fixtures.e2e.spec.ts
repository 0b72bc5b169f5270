import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { logFileOf } from './event-stores.js';
import { flywheel, newHome, removeHome } from './running.js';

const scratchHomes = async (): Promise<string[]> =>
  (await readdir(os.tmpdir())).filter((name) => name.startsWith('flywheel-scratch-'));

describe('flywheel webhooks fixtures run', () => {
  let home: string;
  beforeAll(async () => {
    home = await newHome();
  });
  afterAll(() => removeHome(home));

  it('finds every scenario as expected, and leaves nothing behind', async () => {
    const before = await scratchHomes();
    const { code, stdout, stderr } = await flywheel(home, [
      'webhooks',
      'fixtures',
      'run',
      '--json',
    ]);
    const { schema, different, scenarios } = JSON.parse(stdout);
    const wrong = scenarios.filter(({ verdict }: { verdict: string }) => verdict === 'different');
    expect([wrong, stderr.includes('error')]).toEqual([[], false]);
    expect([code, schema, different]).toEqual([0, 'flywheel.webhooks-fixtures-run/1', 0]);
    expect(await scratchHomes()).toEqual(before);
    // Also where a cluster keeps the log: nothing that is played is ever there.
    if (existsSync(logFileOf(home))) expect(await readFile(logFileOf(home), 'utf8')).toBe('');
  }, 300_000);

  it('ends with exit code 2 and says where, when something is not as a file expects', async () => {
    const file = path.join(home, 'mine.json');
    const step = { send: { text: '{}' }, answer: '200 stored', outcome: 'applied' };
    const scenarios = [{ name: 'mine', steps: [step] }];
    await writeFile(file, JSON.stringify({ schema: 'flywheel.fixtures/1', scenarios }));
    const { code, stdout } = await flywheel(home, ['webhooks', 'fixtures', 'run', file]);
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /mine +a text +200 stored +applied +quarantined type_missing +DIFFERENT/,
    );
  }, 300_000);
});
