/** Deliveries that did not count and are dated in a month: those of a creator stand in the way of closing it. */
import { sql } from 'kysely';
import type { MonthDeliveries, UnresolvedDelivery } from '#libs/application';
import type { Database } from '#libs/database';

interface Row {
  readonly id: string;
  readonly outcome: UnresolvedDelivery['status'];
  readonly type: string | null;
  readonly code: string | null;
  readonly at: string | null;
  readonly received_at: string;
  readonly count: string;
}

/** By the time of what they tell; those of which it is unknown by their receipt. */
export function monthDeliveries(db: Database): MonthDeliveries {
  return {
    unresolvedIn: async ({ creatorId, from, to }, limit) => {
      const inMonth = sql`outcome in ('parked', 'quarantined')
        and coalesce(effective_at, received_at) >= to_timestamp(${from}::bigint)
        and coalesce(effective_at, received_at) < to_timestamp(${to}::bigint)`;
      const { rows } = await sql<Row>`
        select id, outcome, type, code, floor(extract(epoch from effective_at))::bigint as at,
          floor(extract(epoch from received_at))::bigint as received_at, count(*) over () as count
        from deliveries where creator_id = ${creatorId} and ${inMonth}
        order by id limit ${limit}::bigint`.execute(db);
      const nameless = await sql<{ outcome: string; count: string }>`
        select outcome, count(*) from deliveries where creator_id is null and ${inMonth}
        group by outcome`.execute(db);
      const countOf = (status: string): number =>
        Number(nameless.rows.find(({ outcome }) => outcome === status)?.count ?? 0);
      return {
        naming: rows.map(({ id, outcome, type, code, at, received_at }) => ({
          id: BigInt(id),
          status: outcome,
          type,
          code,
          at: at === null ? null : Number(at),
          receivedAt: Number(received_at),
        })),
        namingCount: Number(rows[0]?.count ?? 0),
        nameless: { parked: countOf('parked'), quarantined: countOf('quarantined') },
      };
    },
  };
}
