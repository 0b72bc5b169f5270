/** Events of streams, and the lines of a sealed snapshot, up to a position of the same snapshot of the database. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { EVENT_COLUMNS, type EventRow, type RecordedEvent, recordedEvent } from '#libs/event-store';
import {
  type MemberLine,
  type SnapshotLine,
  type StoredSnapshotLine,
  snapshotLineOf,
} from '#libs/ledger';
import type { LogReading } from './lines-about.js';

type Executor = Pick<Database, 'getExecutor'>;

/** All of these streams, in the order of the log. */
export async function readEventsOf(
  db: Executor,
  streams: readonly string[],
  { position }: Pick<LogReading, 'position'>,
): Promise<readonly RecordedEvent[]> {
  const { rows } = await sql<EventRow>`/* explain */
    select ${EVENT_COLUMNS} from public.events
    where stream = any(${[...streams]}::text[]) and position <= ${String(position)}::bigint
    order by position`.execute(db);
  return rows.map(recordedEvent);
}

/** What a snapshot's pages in the log say of the creator, or of one member. */
export async function readSealedLines(
  db: Executor,
  snapshot: string,
  memberId: string | undefined,
): Promise<readonly SnapshotLine[]> {
  const concerned =
    memberId === undefined
      ? sql`(x.line ->> 0 = 'creator' or x.line ->> 0 = 'month')`
      : sql`((x.line ->> 0 = 'member' and x.line ->> 1 = ${memberId}::text)
          or (x.line ->> 0 = 'referrer' and x.line ->> 2 = ${memberId}::text))`;
  const { rows } = await sql<{ line: StoredSnapshotLine }>`/* explain */
    select x.line from public.events e
    cross join lateral jsonb_array_elements(e.data -> 'lines') as x(line)
    where e.stream = ${snapshot}::text and e.type = 'SnapshotPage' and ${concerned}`.execute(db);
  return rows.map(({ line }) => snapshotLineOf(line));
}

/** Members of a snapshot by rank, those around one. */
export async function readSealedNeighbours(
  db: Executor,
  snapshot: string,
  rank: number,
  neighbours: number,
): Promise<readonly MemberLine[]> {
  const ranks = Array.from({ length: 2 * neighbours + 1 }, (_, n) => String(rank - neighbours + n));
  const { rows } = await sql<{ line: StoredSnapshotLine }>`/* explain */
    select x.line from public.events e
    cross join lateral jsonb_array_elements(e.data -> 'lines') as x(line)
    where e.stream = ${snapshot}::text and e.type = 'SnapshotPage'
      and x.line ->> 0 = 'member' and x.line ->> 6 = any(${ranks}::text[])
    order by (x.line ->> 6)::integer`.execute(db);
  return rows.flatMap(({ line }) => {
    const member = snapshotLineOf(line);
    return member.kind === 'member' ? [member] : [];
  });
}
