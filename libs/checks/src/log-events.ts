/** Events of streams, and the lines of a sealed snapshot, up to a position of the same snapshot of the database. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { JsonObject, RecordedEvent } from '#libs/event-store';
import {
  type MemberLine,
  type SnapshotLine,
  type StoredSnapshotLine,
  snapshotLineOf,
} from '#libs/ledger';
import type { LogReading } from './lines-about.js';

type Executor = Pick<Database, 'getExecutor'>;

interface EventRow {
  readonly position: string;
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
  readonly type: string;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

/** All of these streams, in the order of the log. */
export async function readEventsOf(
  db: Executor,
  streams: readonly string[],
  { position }: Pick<LogReading, 'position'>,
): Promise<readonly RecordedEvent[]> {
  const { rows } = await sql<EventRow>`/* explain */
    select e.position, e.stream, e.revision, e.id, e.type,
      date_part('epoch', e.effective_at)::bigint as effective_at,
      (date_part('epoch', e.recorded_at) * 1000)::bigint as recorded_at, e.data, e.metadata
    from public.events e
    where e.stream = any(${[...streams]}::text[]) and e.position <= ${String(position)}::bigint
    order by e.position`.execute(db);
  return rows.map((row) => ({
    position: BigInt(row.position),
    stream: row.stream,
    revision: BigInt(row.revision),
    id: row.id,
    type: row.type,
    effectiveAt: Number(row.effective_at),
    recordedAt: Number(row.recorded_at),
    data: row.data,
    metadata: row.metadata,
  }));
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
