/** Keys that the ledger makes for itself, once, in the table `secrets`: every process has the same. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '#libs/database';

const KEY_BYTES = 32;

/** The key of this name, made where there is none yet; asked for once, again after a failure. */
export function keptSecret(db: Database, name: string): () => Promise<Buffer> {
  let asked: Promise<Buffer> | undefined;
  return () => {
    asked ??= secretOf(db, name).catch((error: unknown) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}

async function secretOf(db: Database, name: string): Promise<Buffer> {
  await sql`
    insert into secrets (name, value) values (${name}, ${randomBytes(KEY_BYTES)})
    on conflict do nothing`.execute(db);
  const { rows } = await sql<{ value: Buffer }>`
    select value from secrets where name = ${name}`.execute(db);
  const [found] = rows;
  if (found === undefined) throw new Error(`there is no secret called ${name}`);
  return found.value;
}
