/**
 * Where the data key comes from: FLYWHEEL_DATA_KEY; else, and only beside the embedded database, the
 * file `data-key` of the data folder, which is made once and is for its owner's eyes only. A database
 * of one's own without a key is refused: a key that lies on one machine beside a database on another
 * is a key that is lost some day.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '#libs/database';
import { KEY_BYTES, Vault } from './vault.js';
import { VaultError } from './vault-error.js';

export const DATA_KEY_FILE = 'data-key';

type KeyConfig = Pick<Config, 'dataKeys' | 'databaseUrl' | 'home'>;

/** Throws `data_key_missing`. */
export async function vaultOf(config: KeyConfig): Promise<Vault> {
  return new Vault(await dataKeysOf(config));
}

/** The keys of this ledger, the first of which seals. Throws `data_key_missing`. */
export async function dataKeysOf(config: KeyConfig): Promise<readonly Buffer[]> {
  const { dataKeys, databaseUrl, home } = config;
  if (dataKeys.length > 0) return dataKeys;
  if (databaseUrl !== undefined)
    throw new VaultError(
      'data_key_missing',
      'FLYWHEEL_DATA_KEY is not set: with DATABASE_URL the key that seals personal data must be given (openssl rand -hex 32), the same for every process, and kept apart from the database.',
    );
  return [await keptKey(path.join(home, DATA_KEY_FILE))];
}

async function keptKey(file: string): Promise<Buffer> {
  const found = await readKey(file);
  if (found !== undefined) return found;
  await mkdir(path.dirname(file), { recursive: true });
  const key = randomBytes(KEY_BYTES);
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${key.toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(draft, file);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process made one meanwhile.
    const theirs = await readKey(file);
    if (theirs !== undefined) return theirs;
    throw unreadable(file);
  } finally {
    await rm(draft, { force: true });
  }
}

async function readKey(file: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // A damaged key is never replaced: what it sealed would be lost.
  if (!/^[0-9a-f]{64}$/.test(text)) throw unreadable(file);
  return Buffer.from(text, 'hex');
}

const unreadable = (file: string): VaultError =>
  new VaultError(
    'data_key_wrong',
    `${path.basename(file)} in the data folder is not a key of 64 hex digits: bring back the one that the ledger was made with.`,
  );
