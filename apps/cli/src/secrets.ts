/** Secrets that nobody has set: made once, and kept in the data folder for its owner's eyes only. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface Kept {
  readonly secret: string;
  readonly file: string;
  /** Whether this call made it. */
  readonly made: boolean;
}

/** The bearer token of admins. */
export const keptAdminToken = (home: string): Promise<Kept> =>
  kept(path.join(home, 'admin-token'), () => `fwadm_${randomBytes(32).toString('base64url')}`);

/** A signing secret such as Whop's own, for deliveries sent from this side. */
export const keptWebhookSecret = (home: string): Promise<Kept> =>
  kept(path.join(home, 'webhook-secret'), () => `ws_${randomBytes(32).toString('hex')}`);

/** What the file holds; undefined when there is none, or nothing is in it. */
export async function readSecret(file: string): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function kept(file: string, make: () => string): Promise<Kept> {
  await mkdir(path.dirname(file), { recursive: true });
  const found = await readSecret(file);
  if (found !== undefined) return { secret: found, file, made: false };
  const secret = make();
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${secret}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
    return { secret, file, made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process made one meanwhile; an empty file, left by a full disk, is nobody's.
    const theirs = await readSecret(file);
    if (theirs !== undefined) return { secret: theirs, file, made: false };
    await rm(file);
    return await kept(file, () => secret);
  } finally {
    await rm(draft, { force: true });
  }
}
