/**
 * Where in the log something lies, found by halving. Positions are dense and recorded_at never goes
 * back along them; revisions of a stream are dense and their positions rise. So a place is found
 * with as many look-ups in a key as its number has binary digits, however long the log is.
 */
import { sql } from 'kysely';
import type { Database } from '#libs/database';

/** The first position recorded at the moment or after it, unix milliseconds; one more than the head: none is. */
export async function positionOfMoment(db: Database, moment: number): Promise<bigint> {
  const { rows } = await sql<{ place: string }>`
    with recursive halving(low, high) as (
      select 1::bigint, coalesce(max(position), 0) + 1 from events
      union all
      select
        case when e.recorded_at < to_timestamp(${moment}::float8 / 1000) then h.middle + 1 else h.low end,
        case when e.recorded_at < to_timestamp(${moment}::float8 / 1000) then h.high else h.middle end
      from (select low, high, (low + high) / 2 as middle from halving where low < high) h
      join events e on e.position = h.middle
    )
    select low::text as place from halving where low >= high`.execute(db);
  return BigInt(rows[0]?.place ?? 1);
}

/** In each stream the first revision whose position is not below the given one; in the order given. */
export async function revisionsAt(
  db: Database,
  streams: readonly string[],
  position: bigint,
): Promise<bigint[]> {
  const { rows } = await sql<{ n: number; place: string }>`
    with recursive halving(n, stream, low, high) as (
      select s.n::integer, s.stream, 0::bigint,
        coalesce((select max(e.revision) from events e where e.stream = s.stream), -1) + 1
      from unnest(${streams}::text[]) with ordinality as s(stream, n)
      union all
      select h.n, h.stream,
        case when e.position < ${position}::bigint then h.middle + 1 else h.low end,
        case when e.position < ${position}::bigint then h.high else h.middle end
      from (select n, stream, low, high, (low + high) / 2 as middle from halving where low < high) h
      join events e on e.stream = h.stream and e.revision = h.middle
    )
    select n, low::text as place from halving where low >= high order by n`.execute(db);
  return rows.map(({ place }) => BigInt(place));
}
