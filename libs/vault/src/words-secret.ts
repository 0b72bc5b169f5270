/**
 * The ledger's own secret, by which words of people are hashed: made at its first start, the same for
 * ever, and sealed with the data key. It is also the proof of that key: a wrong one is found out here,
 * when a process starts, and not at the first name that somebody asks for.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { KEY_BYTES, type Vault } from './vault.js';
import { VaultError } from './vault-error.js';

const NAME = 'words';

/** `random`: 32 bytes, used only at the first start. Throws `data_key_wrong`, `ledger_unsealed`. */
export async function wordsSecret(db: Database, vault: Vault, random: Buffer): Promise<Buffer> {
  const found = await storedSecret(db);
  if (found !== undefined) return openSecret(vault, found);
  await sql`
    insert into secrets (name, value) values (${NAME}, ${vault.seal('words', NAME, random)})
    on conflict do nothing`.execute(db);
  const stored = await storedSecret(db);
  if (stored === undefined) throw new Error('the secret of the ledger is missing');
  return openSecret(vault, stored);
}

/** As it is stored; undefined: this ledger has never been started. */
export async function storedSecret(db: Database): Promise<Buffer | undefined> {
  const { rows } = await sql<{ value: Buffer }>`
    select value from secrets where name = ${NAME}`.execute(db);
  return rows[0]?.value;
}

/** Of a ledger from before there was a data key. */
export const isPlain = (stored: Buffer): boolean => stored.length === KEY_BYTES;

export function openSecret(vault: Vault, stored: Buffer): Buffer {
  if (!isPlain(stored)) return vault.open('words', NAME, stored);
  throw new VaultError(
    'ledger_unsealed',
    'This ledger holds personal data in plain, from an earlier release: flywheel db migrate seals it.',
  );
}

/** Everything is sealed. The owner's: the application may not change a secret. */
export async function storeSealed(db: Database, vault: Vault, secret: Buffer): Promise<void> {
  const sealed = vault.seal('words', NAME, secret);
  await db.transaction().execute(async (tx) => {
    await sql`update secrets set value = ${sealed} where name = ${NAME}`.execute(tx);
    await sql`delete from secrets where name = ${SEALING}`.execute(tx);
  });
}

const SEALING = 'sealing';

/** Says, under the key that now seals, that not everything is sealed with it yet. The owner's. */
export async function beginSealing(db: Database, vault: Vault, secret: Buffer): Promise<void> {
  const marker = vault.seal('words', SEALING, secret);
  await sql`
    insert into secrets (name, value) values (${SEALING}, ${marker})
    on conflict (name) do update set value = excluded.value`.execute(db);
}

/** Whether somebody began and did not end it. Throws `data_key_wrong`: with a key that is not here. */
export async function sealingBegun(db: Database, vault: Vault): Promise<boolean> {
  const { rows } = await sql<{ value: Buffer }>`
    select value from secrets where name = ${SEALING}`.execute(db);
  const marker = rows[0]?.value;
  if (marker !== undefined) vault.open('words', SEALING, marker);
  return marker !== undefined;
}
