/** What operators and waiting readers ask about deliveries. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { type Vault, wordsSecret } from '#libs/vault';
import { Keys } from './keys.js';

/** How many deliveries wait for something; those that are done are not counted: there are too many. */
export async function unresolvedDeliveries(
  db: Database,
): Promise<Readonly<Record<'pending' | 'parked' | 'quarantined', bigint>>> {
  const { rows } = await sql<{ outcome: 'pending' | 'parked' | 'quarantined'; n: string }>`
    select 'pending' as outcome, count(*) as n from deliveries where outcome = 'pending'
    union all select outcome, count(*) from deliveries where outcome in ('parked', 'quarantined') group by outcome`.execute(
    db,
  );
  const counts = { pending: 0n, parked: 0n, quarantined: 0n };
  for (const { outcome, n } of rows) counts[outcome] = BigInt(n);
  return counts;
}

/** Position of the last event that a delivery caused (0n: none), or undefined while it is undecided or unknown. */
export async function settledPosition(db: Database, id: bigint): Promise<bigint | undefined> {
  const { rows } = await sql<{ position: string | null }>`
    select position from deliveries where id = ${String(id)}::bigint and outcome <> 'pending'`.execute(
    db,
  );
  return rows[0] === undefined ? undefined : BigInt(rows[0].position ?? 0);
}

/** The keys of this ledger, read when they are first asked for: until then it may have no tables. */
export function keysOf(db: Database, vault: Vault, random: () => Buffer): () => Promise<Keys> {
  let keys: Promise<Keys> | undefined;
  return () => {
    keys ??= loadKeys(db, vault, random()).catch((error: unknown) => {
      keys = undefined; // the next one asks again
      throw error;
    });
    return keys;
  };
}

/** The keys of this ledger. `random`: 32 bytes, used only at its first start. Throws as `wordsSecret`. */
export async function loadKeys(db: Database, vault: Vault, random: Buffer): Promise<Keys> {
  return new Keys(await wordsSecret(db, vault, random));
}
