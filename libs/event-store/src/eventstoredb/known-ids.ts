/** Ids that are in the log already. The cluster knows an id in its stream only; the journal knows all of them. */
import { sql } from 'kysely';
import type { Database, Transaction } from '#libs/database';
import type { CheckedAppend } from '../append-rules.js';
import { DuplicateEventId } from '../event-store.js';

/** Where an id stands already at another place; at its own place it is a repetition. Throws DuplicateEventId. */
export async function refuseKnownIds(
  db: Database | Transaction,
  appends: readonly CheckedAppend[],
): Promise<void> {
  const places = appends.flatMap(({ stream, expectedRevision, events }) => {
    const first = expectedRevision === 'no_stream' ? 0n : expectedRevision + 1n;
    return events.map(({ id }, n) => ({ id, stream, revision: first + BigInt(n) }));
  });
  if (places.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select e.id from unnest(${places.map(({ id }) => id)}::uuid[], ${places.map((p) => p.stream)}::text[],
      ${places.map(({ revision }) => revision)}::bigint[]) as p(id, stream, revision)
    join events e on e.id = p.id and (e.stream <> p.stream or e.revision <> p.revision) limit 1`.execute(
    db,
  );
  if (rows[0] !== undefined) throw new DuplicateEventId(rows[0].id);
}

/** The journal would stand still at the second. Throws DuplicateEventId. */
export function refuseTwins(appends: readonly CheckedAppend[]): void {
  const ids = new Set<string>();
  for (const { id } of appends.flatMap(({ events }) => events)) {
    if (ids.has(id)) throw new DuplicateEventId(id);
    ids.add(id);
  }
}
