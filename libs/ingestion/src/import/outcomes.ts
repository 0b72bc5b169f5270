/** What became of an import: its deliveries by outcome, and those that people should look at. */
import { sql } from 'kysely';
import type { Database } from '#libs/database';
import { IMPORT_PROVIDER } from '../providers/whop/api-objects.js';

/** Deliveries that wait or make no sense, named in a report with their lines. */
const MAX_NAMED = 50;

/** What became of the deliveries of an import: they are counted one by one, so ask once it is settled. */
export interface ImportOutcomes {
  readonly counts: readonly {
    readonly outcome: string;
    /** As the webhook would name it: `payment.succeeded`. */
    readonly type: string | null;
    readonly code: string | null;
    readonly count: bigint;
  }[];
  /** The first that wait, make no sense or contradict what is known. */
  readonly named: readonly {
    readonly line: bigint;
    readonly outcome: string;
    readonly code: string | null;
    readonly detail: string | null;
    readonly deliveryId: string;
  }[];
  /** Of the last event that they caused: what `settled` waits for. */
  readonly position: bigint;
}

export async function importOutcomes(db: Database, id: string): Promise<ImportOutcomes> {
  const counts = await sql<{
    outcome: string;
    type: string | null;
    code: string | null;
    count: string;
    position: string | null;
  }>`
    select d.outcome, d.type, d.code, count(*) as count, max(d.position) as position
    from import_ranges r
    -- Range by range: joined, the server compares each delivery with each range, for minutes.
    cross join lateral (
      select outcome, type, code, position from deliveries
      where id between r.first_id and r.last_id and provider = ${IMPORT_PROVIDER} offset 0) d
    where r.import = ${id}::bigint
    group by 1, 2, 3 order by 4 desc`.execute(db);
  const named = await sql<{
    line: string;
    outcome: string;
    code: string | null;
    detail: string | null;
    delivery_id: string;
  }>`
    select d.headers->>'line' as line, d.outcome, d.code, d.detail, d.delivery_id
    from import_ranges r
    join deliveries d on d.id between r.first_id and r.last_id and d.provider = ${IMPORT_PROVIDER}
    where r.import = ${id}::bigint
      and (d.outcome in ('parked', 'quarantined') or d.code = 'conflict') and d.headers ? 'line'
    order by d.id limit ${MAX_NAMED}`.execute(db);
  let last = 0n;
  for (const { position } of counts.rows) {
    if (position !== null && BigInt(position) > last) last = BigInt(position);
  }
  return {
    counts: counts.rows.map(({ outcome, type, code, count }) => ({
      outcome,
      type,
      code,
      count: BigInt(count),
    })),
    named: named.rows.map(({ line, outcome, code, detail, delivery_id }) => ({
      line: BigInt(line),
      outcome,
      code,
      detail,
      deliveryId: delivery_id,
    })),
    position: last,
  };
}
