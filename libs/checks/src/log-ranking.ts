/** The ranking recomputed from the log (product.md, "Ranking"), whatever the read models hold. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import type { SealedName } from '#libs/vault';
import { type LogReading, linesOfCommunity } from './lines-about.js';

/** How a referrer stands at the end of a month. */
export interface LogStanding {
  readonly rank: number;
  readonly memberId: string;
  readonly name: SealedName | null;
  readonly totalReferrals: bigint;
  /** Unix seconds of the latest conversion that counts. */
  readonly reachedAt: number;
}

export interface StandingsAsked {
  readonly month: string;
  readonly memberId: string;
  /** How many before the member, and after. */
  readonly neighbours: number;
}

/** The member and who stands around them, by rank; without the member: they have no rank. */
export async function readStandings(
  db: Pick<Database, 'getExecutor'>,
  reading: LogReading,
  { month, memberId, neighbours }: StandingsAsked,
): Promise<{ readonly ranked: number; readonly around: readonly LogStanding[] }> {
  const { rows } = await sql<{
    ranked: string;
    rank: string | null;
    member_id: string;
    name: SealedName | null;
    total: string;
    reached_at: string;
  }>`/* explain */
    with conversions as (
      select l.referrer_id, l.member_id, l.at, l.day, sum(l.count) as count
      from (${linesOfCommunity(reading, { from: '0000-00', to: month, kinds: ['conversion'] })}) l
      where l.kind = 'conversion' and l.referrer_id <> ''
      group by 1, 2, 3, 4 having sum(l.count) <> 0),
    ranked as materialized (
      select t.*, row_number() over (order by t.total desc, t.reached_at, t.member_id) as rank
      from (select c.referrer_id as member_id, sum(c.count) as total, max(c.at) as reached_at
        from conversions c group by 1) t
      where t.total > 0),
    mine as (select rank from ranked where member_id = ${memberId}::text)
    select n.ranked, r.*, p.shown as name
    from (select count(*) as ranked from ranked) n
    left join ranked r on r.rank between (select rank from mine) - ${neighbours}::integer
      and (select rank from mine) + ${neighbours}::integer
    left join public.profiles p on p.creator_id = ${reading.creatorId}::text and p.member_id = r.member_id
    order by r.rank`.execute(db);
  return {
    ranked: Number(rows[0]?.ranked ?? 0),
    around: rows.flatMap((row) =>
      row.rank === null
        ? []
        : [
            {
              rank: Number(row.rank),
              memberId: row.member_id,
              name: row.name,
              totalReferrals: BigInt(row.total),
              reachedAt: Number(row.reached_at),
            },
          ],
    ),
  };
}
