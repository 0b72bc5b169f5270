/** What operators and waiting readers ask about deliveries. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
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
export function keysOf(db: Database, random: () => Buffer): () => Promise<Keys> {
  let keys: Promise<Keys> | undefined;
  return () => {
    keys ??= loadKeys(db, random()).catch((error: unknown) => {
      keys = undefined; // the next one asks again
      throw error;
    });
    return keys;
  };
}

/** The keys of this ledger: made at its first start, the same for ever. `random`: 32 bytes, used only then. */
export async function loadKeys(db: Database, random: Buffer): Promise<Keys> {
  await sql`insert into secrets (name, value) values ('words', ${random}) on conflict do nothing`.execute(
    db,
  );
  const { rows } = await sql<{
    value: Buffer;
  }>`select value from secrets where name = 'words'`.execute(db);
  const secret = rows[0]?.value;
  if (secret === undefined) throw new Error('the key of the ledger is missing');
  return new Keys(secret);
}
