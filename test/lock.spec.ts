import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = path.resolve('.');
const FILES = ['package.json', 'package-lock.json', '.npmrc'];

interface Entry {
  [field: string]: unknown;
}
interface Lock {
  lockfileVersion: number;
  packages: Record<string, Entry>;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flywheel-lock-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the check says of our lock file after a change to it. */
function checked(change: (lock: Lock) => void = () => {}): { status: number | null; said: string } {
  for (const name of FILES) copyFileSync(path.join(ROOT, name), path.join(folder, name));
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  change(lock);
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  const script = path.join(ROOT, '.ci/check-lock.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, folder], {
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

const PG = 'node_modules/pg';
const set =
  (fields: Entry, where = PG) =>
  ({ packages }: Lock): void => {
    packages[where] = { ...packages[where], ...fields };
  };

describe('the lock file', () => {
  it('names each package by its version and its hash', () => {
    expect(checked()).toMatchObject({ status: 0, said: expect.stringContaining(' packages') });
  });

  it.each<[string, (lock: Lock) => void, RegExp]>([
    ['lacks a hash', set({ integrity: undefined }), /pg has no SHA-512/],
    ['has a weaker hash', set({ integrity: 'sha1-AAAA' }), /pg has no SHA-512/],
    [
      'is fetched from git',
      set({ resolved: 'git+ssh://git@example.org/pg.git' }),
      /address of its own/,
    ],
    [
      'is fetched without TLS',
      set({ resolved: 'http://example.org/pg.tgz' }),
      /address of its own/,
    ],
    ['is a file', set({ resolved: 'file:../pg.tgz' }), /address of its own/],
    ['is a link', set({ link: true }), /address of its own/],
    ['has a range for a version', set({ version: '^8.0.0' }), /pg is of no version/],
    ['may not be given away', set({ license: 'AGPL-3.0' }), /pg has a licence/],
    ['says no licence', set({ license: undefined }), /pg has a licence/],
    [
      'is wanted in another version than package.json says',
      ({ packages }) => {
        packages[''] = { ...packages[''], dependencies: {} };
      },
      /are not those of the lock file/,
    ],
    [
      'is in a file of another form',
      (lock) => {
        lock.lockfileVersion = 1;
      },
      /of version 1/,
    ],
  ])('is refused when a package %s', (_, change, said) => {
    const { status, said: all } = checked(change);
    expect(all).toMatch(said);
    expect(status).toBe(1);
  });
});
