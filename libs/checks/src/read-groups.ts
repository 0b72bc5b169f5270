/** Reads what `line-groups.ts` describes. */
import type { Database } from '#libs/database';
import type { Grouped, GroupRow, GroupsAsked, LineGroup } from './line-groups.js';
import { groupsStatement } from './line-groups-statement.js';

/** Reads them in one statement; `limit` bounds each of the two lists. */
export async function readGroups(
  db: Pick<Database, 'getExecutor'>,
  asked: GroupsAsked,
): Promise<Grouped> {
  const { rows } = await groupsStatement(asked).execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the log did not answer');
  return {
    total: BigInt(row.total),
    counted: Number(row.counted),
    page: row.page.slice(0, asked.limit).map(groupOf),
    hasMore: row.page.length > asked.limit,
    asideBy: row.aside_by.map(({ code, groups }) => ({ code, groups })),
    aside: row.aside.map((one) => ({ ...groupOf(one), code: one.code })),
    claimants: { count: row.claimants.count, streams: row.claimants.streams ?? [] },
  };
}

const groupOf = (row: GroupRow): LineGroup => ({
  kind: row.kind,
  sourceId: row.source_id,
  paymentId: row.payment_id,
  memberId: row.member_id,
  name: row.name,
  at: row.at,
  day: row.day,
  first: row.first,
  referrerId: row.referrer_id === '' ? null : row.referrer_id,
  currency: row.currency === '' ? null : row.currency,
  adds: BigInt(row.adds),
  events: row.events.map((event) => ({
    position: BigInt(event.position),
    eventId: event.id,
    type: event.type,
    stream: event.stream,
    recordedAt: Number(event.recorded_at),
    because: event.because,
    adds: BigInt(event.adds),
  })),
});
